"""What a study comes to, told before it is run: jobs by rule, pairs, test corpora, downloads, disk and hours."""

import math
from collections.abc import Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.hub import is_pinned
from isogloss.corpora import choose_corpus
from isogloss.planning.estimate import (
    HUB_SIZES,
    Pace,
    count_work,
    estimate_disk,
    estimate_seconds,
    group_models,
    measure_pace,
    size_model,
)
from isogloss.study.check import cover_targets, describe_left_out
from isogloss.study.grid import (
    Config,
    Run,
    compares_arms,
    list_compared,
    list_described,
    list_models,
    list_needed,
    list_several,
    list_statistics,
    list_task_languages,
    name_model,
)

Rows = list[tuple[str, str]]


def write_plan(
    config: Config, runs: Sequence[Run], root: Path, devices: int, step_seconds: float | None, measured: Path | None
) -> str:
    """Return the plan of a checked study as aligned text.

    root: the folder that the study's results lie under. devices: how many jobs train at a time. step_seconds: of an
    optimiser step, for the models that `measured`, the results of another or the same study, has no records of. A
    UserError refuses numbers that are none of devices or of seconds.
    """
    if devices < 1:
        raise UserError(f"plan: --devices is {devices}; give 1 or more")
    if step_seconds is not None and not 0 < step_seconds < math.inf:
        raise UserError(f"plan: --step-seconds is {step_seconds:g}; give a number above 0")
    jobs = count_jobs(config, runs)
    parts = [
        (f"study {config['study']}: {len(runs)} runs", describe_tasks(config, runs)),
        (
            "jobs by rule",
            [*((rule, f"{count:,}") for rule, count in jobs.items()), ("total", f"{sum(jobs.values()):,}")],
        ),
        ("downloads", list_downloads(config, runs, root)),
        ("disk, for models; corpora and predictions are not counted", list_disk(config, runs, root)),
        (
            f"hours on {_tell(devices, 'device')}",
            list_hours(config, runs, devices, step_seconds, measured),
        ),
    ]
    return "\n\n".join("\n".join([title, *_align(rows)]) for title, rows in parts)


def count_jobs(config: Config, runs: Sequence[Run]) -> dict[str, int]:
    """Return the number of jobs by rule of a study of which nothing has been made yet, in the data's order.

    Rules without jobs are left out; the rule `all`, which snakemake counts, is in.
    """
    tasks = [task for task in config["tasks"] if any(run.task == task for run in runs)]
    models = list_models(config, runs)
    arms = [model for model in models if "start" in config["models"][model]]
    built = [model for model in models if "build" in config["models"][model]]
    trimmed = [model for model in models if config["models"][model]["trim_vocabulary"]]
    languages = {task: set(list_task_languages(config, task)) for task in tasks}
    for model in [*built, *arms, *trimmed]:
        spec = config["models"][model]
        for task in tasks if model in trimmed else [spec["text"]]:
            languages.setdefault(task, set()).update(set(spec["languages"]) & set(list_needed(config, task)))
    tests = _list_tests(config, runs)
    pairs = list_described(config, runs)
    pretrained = {(task, model) for task, model in pairs if name_model(config, model)}
    sourced = {(run.task, run.model, run.shots) for run in runs if run.sources}
    zero_shot = {(task, model) for task, model, shots in sourced if shots == 0}
    jobs = {
        "download": sum(
            len(codes) for task, codes in languages.items() if _is_downloaded(config["tasks"][task]["corpus"])
        ),
        "download_test": sum(
            len(codes)
            for (task, name), codes in tests.items()
            if _is_downloaded(config["tasks"][task]["test_corpora"][name])
        ),
        "corpus": sum(map(len, languages.values())),
        "test_corpus": sum(map(len, tests.values())),
        "audit": len(tasks),
        "fetch_model": sum("hub" in config["models"][model] for model in models),
        "build_model": len(built),
        "trim_model": len(trimmed),
        "pretrain_model": len(arms),
        "finetune": len({run.finetuned for run in runs if run.finetuned}),
        "transfer": sum(run.shots == 0 for run in runs),
        "adapt": sum(run.shots > 0 for run in runs),
        "language_model": len(list_statistics(config, runs)),
        "typology": 1,
        "overlap": len(tasks),
        "subword_overlap": len(pretrained),
        "features": 1,
        "scores": 1,
        "runs": int(compares_arms(config, runs)),
        "analyse": 1,
        "matrices": len(sourced),
        "scatters": len(zero_shot),
        "subword_scatters": len(zero_shot & pretrained),
        "effects": len(pairs),
        "few_shot": len(pairs),
        "multi_source": len(list_several(config, runs)),
        "self_supervised": len(list_compared(config, runs)),
        "report": 1,
        "all": 1,
    }
    return {rule: count for rule, count in jobs.items() if count}


def describe_tasks(config: Config, runs: Sequence[Run]) -> Rows:
    """Return a row for each task, its ordered pairs of languages, and one for each of its test corpora."""
    rows: Rows = []
    covered = cover_targets(config)
    for task in config["tasks"]:
        inside = {run.target for run in runs if run.task == task and run.in_language}
        seeds = {run.seed for run in runs if run.task == task}
        more = f"{_tell(len(inside), 'language')} in themselves, {_tell(len(seeds), 'seed')}"
        rows.append((task, describe_pairs(config, runs, task, more)))
        for name, languages in covered[task].items():
            others = [code for code in config["languages"] if code not in languages]
            skipped = f"; skipped, for it lacks them: {' '.join(others)}" if others else ""
            tested = f"{_tell(len(languages), 'language')}, {' '.join(languages)}{skipped}"
            rows.append((f"{task} on {name}", tested))
    return rows


def describe_pairs(config: Config, runs: Sequence[Run], task: str, more: str = "") -> str:
    """Return the number of ordered pairs of a task, `more`, and what languages of the study it is without.

    A pair is a source and another language with a test set of the task's own corpus. Those that are only tested on a
    further test corpus are counted apart.
    """
    own = list_task_languages(config, task)
    crossed = [run for run in runs if run.task == task and len(run.sources) == 1 and not run.in_language]
    pairs = {(run.sources, run.target): run.target in own for run in crossed}
    further = len(pairs) - sum(pairs.values())
    parts = [f"{sum(pairs.values())} ordered pairs", *filter(None, [more])]
    left_out = describe_left_out(config, task)
    apart = f"{further} more on languages that only a test corpus has" if further else ""
    return "; ".join(filter(None, [", ".join(parts), apart, left_out]))


def list_downloads(config: Config, runs: Sequence[Run], root: Path) -> Rows:
    """Return a row for each repository of the hub: revision, what is taken of it, and its bytes where known."""
    rows: Rows = []
    tests = _list_tests(config, runs)
    for task, spec in config["tasks"].items():
        named = {None: spec["corpus"], **spec["test_corpora"]}
        for name, corpus in named.items():
            if _is_downloaded(corpus):
                languages = len(list_needed(config, task) if name is None else tests.get((task, name), []))
                taken = _tell(languages, "language") + ("" if name is None else ", test only")
                rows.append(_tell_download(corpus["hub"]["dataset"], corpus["hub"]["revision"], taken, None))
    for model in list_models(config, runs):
        spec = config["models"][model]
        if "hub" in spec:
            there = ", fetched already" if (root / str(name_model(config, model))).is_dir() else ""
            rows.append(
                _tell_download(spec["hub"], spec["revision"], f"model {model}{there}", HUB_SIZES.get(spec["hub"]))
            )
    return rows or [("none", "")]


def _tell_download(repository: str, revision: str, taken: str, size: int | None) -> tuple[str, str]:
    pinned = "" if is_pinned(revision) else " (not a commit: it may move)"
    return repository, f"{taken}, {_tell_bytes(size)}, at {revision}{pinned}"


def list_disk(config: Config, runs: Sequence[Run], root: Path) -> Rows:
    """Return a row for each model: how many of its folders are kept, and their bytes."""
    rows: Rows = []
    total: int | None = 0
    for name, models in group_models(config, runs).items():
        start = models[0]
        work, size = count_work(config, runs, models), size_model(config, start, root)
        kept = work.adaptations if config["keep_adapted"] else 0
        bytes_ = None if size is None else estimate_disk(config, work, size)
        total = None if bytes_ is None or total is None else total + bytes_
        arms = f"{_tell(work.pretrainings, 'arm')} of pre-training, " if work.pretrainings else ""
        folders = f"{arms}{work.trainings} trained on sources, {kept} adapted ones kept"
        whole = config["models"][start]["trim_vocabulary"] and not (root / str(name_model(config, start))).is_dir()
        each = "" if size is None else f" of {_tell_bytes(size)}" + (" before trimming" if whole else "")
        rows.append((name, f"{folders}{each}: {_tell_bytes(bytes_)}"))
    return [*rows, ("total", _tell_bytes(total))] if len(rows) > 1 and total is not None else rows


def list_hours(
    config: Config, runs: Sequence[Run], devices: int, step_seconds: float | None, measured: Path | None
) -> Rows:
    """Return a row for each model: its hours, from what was measured or else from a step's seconds, and its steps."""
    paces = measure_pace(measured) if measured else {}
    if measured and not paces:
        raise UserError(f"{measured}: no records of trainings or runs; name the results of a study that was run")
    rows: Rows = []
    hours = []
    for name, models in group_models(config, runs).items():
        work = count_work(config, runs, models)
        pace = paces.get(name, Pace(step_seconds))
        seconds, predicts = estimate_seconds(work, pace)
        steps = "no steps" if work.training_steps is None else f"{work.training_steps + work.adaptation_steps:,} steps"
        steps += f" and {work.pretraining_steps:,} of pre-training" if work.pretrainings else ""
        if seconds is None:
            ways = "--measured RESULTS" if work.training_steps is None else "--step-seconds or --measured RESULTS"
            lack = f"{measured} has not every kind of its jobs" if name in paces else f"give {ways}"
            rows.append((name, f"{steps}, {work.predictions:,} test sets: {lack}"))
            continue
        hours.append(seconds / 3600 / devices)
        at = f" of {pace.step:.3g} s" if pace.step is not None and work.training_steps is not None else ""
        without = "" if predicts else ", predicting not counted"
        rows.append((name, f"{hours[-1]:,.1f}: {steps}{at}, {work.predictions:,} test sets{without}"))
    return [*rows, ("total", f"{sum(hours):,.1f}")] if len(hours) == len(rows) > 1 else rows


def _list_tests(config: Config, runs: Sequence[Run]) -> dict[tuple[str, str], set[str]]:
    """Return (task, test corpus) -> the targets that runs are tested in."""
    tests: dict[tuple[str, str], set[str]] = {}
    for task, named in cover_targets(config).items():
        targets = {run.target for run in runs if run.task == task}
        tests |= {(task, name): targets & set(languages) for name, languages in named.items()}
    return tests


def _is_downloaded(corpus: dict[str, object]) -> bool:
    return choose_corpus(corpus)[0].download is not None


def _tell(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _tell_bytes(size: int | None) -> str:
    if size is None:
        return "size unknown"
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"


def _align(rows: Rows) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {text}".rstrip() for name, text in rows]
