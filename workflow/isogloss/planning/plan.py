"""The plan of a study before it runs: jobs by rule, language pairs, test corpora, downloads, disk space and hours."""

import math
from collections.abc import Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.hub import is_pinned
from isogloss.common.run import Run
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
from isogloss.planning.figures import list_figure_rules
from isogloss.study.products import (
    compares_arms,
    describe_left_out,
    list_described,
    list_models,
    list_needed,
    list_statistics,
    place_model,
    place_trained,
)
from isogloss.study.values import Built, CorpusChoice, Fetched, Study

Rows = list[tuple[str, str]]


def write_plan(
    study: Study, runs: Sequence[Run], root: Path, devices: int, step_seconds: float | None, measured: Path | None
) -> str:
    """Return the plan of a checked study as aligned text.

    root: the folder that contains the study's results. devices: number of jobs that train at the same time. measured:
    results of this or another study whose records contain the time of a step. step_seconds: seconds per optimiser step
    for models without such records. Raises UserError if `devices` or `step_seconds` is not positive.
    """
    if devices < 1:
        raise UserError(f"plan: --devices is {devices}; give 1 or more")
    if step_seconds is not None and not 0 < step_seconds < math.inf:
        raise UserError(f"plan: --step-seconds is {step_seconds:g}; give a number above 0")
    jobs = count_jobs(study, runs)
    parts = [
        (f"study {study.name}: {len(runs)} runs", describe_tasks(study, runs)),
        (
            "jobs by rule",
            [*((rule, f"{count:,}") for rule, count in jobs.items()), ("total", f"{sum(jobs.values()):,}")],
        ),
        ("downloads", list_downloads(study, runs, root)),
        ("disk space for models (without corpora and predictions)", list_disk(study, runs, root)),
        (
            f"hours on {_count(devices, 'device')}",
            list_hours(study, runs, devices, step_seconds, measured),
        ),
    ]
    return "\n\n".join("\n".join([title, *_align(rows)]) for title, rows in parts)


def count_jobs(study: Study, runs: Sequence[Run]) -> dict[str, int]:
    """Return rule -> number of jobs for a study without any results, in the order of the workflow.

    Rules without jobs are left out. The rule `all` is included because snakemake counts it.
    """
    tasks = [task for task in study.tasks if any(run.task == task for run in runs)]
    models = [study.models[name] for name in list_models(study, runs)]
    built = [model for model in models if isinstance(model.origin, Built)]
    variants = [model for model in models if model.is_variant]
    trimmed = [model for model in models if model.trimmed_to]
    languages = {task: set(study.tasks[task].languages) for task in tasks}
    for model in [*built, *variants, *trimmed]:
        for task in tasks if model.trimmed_to else [model.origin.text]:
            languages.setdefault(task, set()).update(set(model.read_languages) & set(list_needed(study, task)))
    tests = _list_tests(study, runs)
    pairs = list_described(study, runs)
    pretrained = {(task, model) for task, model in pairs if place_model(study, model)}
    jobs = {
        "download": sum(len(codes) for task, codes in languages.items() if _is_downloaded(study.tasks[task].corpus)),
        "download_test": sum(
            len(codes) for (task, name), codes in tests.items() if _is_downloaded(study.tasks[task].test_corpora[name])
        ),
        "corpus": sum(map(len, languages.values())),
        "test_corpus": sum(map(len, tests.values())),
        "audit": len(tasks),
        "fetch_model": sum(isinstance(model.origin, Fetched) for model in models),
        "build_model": len(built),
        "trim_model": len(trimmed),
        "pretrain_model": len(variants),
        "finetune": len({place_trained(run) for run in runs} - {None}),
        "transfer": sum(run.shots == 0 for run in runs),
        "adapt": sum(run.shots > 0 for run in runs),
        "language_model": len(list_statistics(study, runs)),
        "typology": 1,
        "overlap": len(tasks),
        "subword_overlap": len(pretrained),
        "extra_feature": len(tasks) * len(study.features),
        "features": 1,
        "scores": 1,
        "runs": int(compares_arms(study, runs)),
        "analyse": 1,
        **{rule.name: len(rule.jobs) for rule in list_figure_rules(study, runs)},
        "report": 1,
        "all": 1,
    }
    return {rule: count for rule, count in jobs.items() if count}


def describe_tasks(study: Study, runs: Sequence[Run]) -> Rows:
    """Return a row per task with its number of ordered language pairs, and a row per test corpus of the task."""
    rows: Rows = []
    for task, of in study.tasks.items():
        inside = {run.target for run in runs if run.task == task and run.in_language}
        seeds = {run.seed for run in runs if run.task == task}
        more = f"{_count(len(inside), 'in-language target')}, {_count(len(seeds), 'seed')}"
        rows.append((task, describe_pairs(study, runs, task, more)))
        for name, languages in of.test_languages.items():
            others = [code for code in study.languages if code not in languages]
            skipped = f"; not in this test corpus: {' '.join(others)}" if others else ""
            tested = f"{_count(len(languages), 'language')}, {' '.join(languages)}{skipped}"
            rows.append((f"{task} on {name}", tested))
    return rows


def describe_pairs(study: Study, runs: Sequence[Run], task: str, more: str = "") -> str:
    """Return the number of ordered pairs of a task, `more`, and the languages of the study that the task does not have.

    A pair is a source and another language with a test set in the task's own corpus. Pairs whose target is only in an
    additional test corpus are counted separately.
    """
    own = study.tasks[task].languages
    crossed = [run for run in runs if run.task == task and len(run.sources) == 1 and not run.in_language]
    pairs = {(run.sources, run.target): run.target in own for run in crossed}
    further = len(pairs) - sum(pairs.values())
    parts = [f"{sum(pairs.values())} ordered pairs", *filter(None, [more])]
    left_out = describe_left_out(study, task)
    apart = f"{further} more with targets that only a test corpus contains" if further else ""
    return "; ".join(filter(None, [", ".join(parts), apart, left_out]))


def list_downloads(study: Study, runs: Sequence[Run], root: Path) -> Rows:
    """Return a row per repository on the hub: what is downloaded, its bytes if known, and the revision."""
    rows: Rows = []
    tests = _list_tests(study, runs)
    for task, of in study.tasks.items():
        for name, choice in {None: of.corpus, **of.test_corpora}.items():
            if _is_downloaded(choice):
                languages = len(list_needed(study, task) if name is None else tests.get((task, name), []))
                taken = _count(languages, "language") + ("" if name is None else ", test split only")
                rows.append(_describe_download(choice.options["dataset"], choice.options["revision"], taken, None))
    for model in list_models(study, runs):
        origin = study.models[model].origin
        if isinstance(origin, Fetched):
            there = ", already downloaded" if (root / str(place_model(study, model))).is_dir() else ""
            size = HUB_SIZES.get(origin.repository)
            rows.append(_describe_download(origin.repository, origin.revision, f"model {model}{there}", size))
    return rows or [("none", "")]


def _describe_download(repository: str, revision: str, taken: str, size: int | None) -> tuple[str, str]:
    pinned = "" if is_pinned(revision) else " (not a commit, so it can change)"
    return repository, f"{taken}, {_describe_bytes(size)}, at {revision}{pinned}"


def list_disk(study: Study, runs: Sequence[Run], root: Path) -> Rows:
    """Return a row per model: the number of folders that are kept, and their bytes."""
    rows: Rows = []
    total: int | None = 0
    for name, models in group_models(study, runs).items():
        start = models[0]
        work, size = count_work(study, runs, models), size_model(study, start, root)
        kept = work.adaptations if study.keep_adapted else 0
        bytes_ = None if size is None else estimate_disk(study, work, size)
        total = None if bytes_ is None or total is None else total + bytes_
        variants = f"{_count(work.pretrainings, 'pre-trained variant')}, " if work.pretrainings else ""
        folders = f"{variants}{_count(work.trainings, 'fine-tuned source model')}, {_count(kept, 'adapted model')} kept"
        whole = study.models[start].trimmed_to and not (root / str(place_model(study, start))).is_dir()
        each = "" if size is None else f", {_describe_bytes(size)} each" + (" before trimming" if whole else "")
        rows.append((name, f"{folders}{each}: {_describe_bytes(bytes_)}"))
    return [*rows, ("total", _describe_bytes(total))] if len(rows) > 1 and total is not None else rows


def list_hours(
    study: Study, runs: Sequence[Run], devices: int, step_seconds: float | None, measured: Path | None
) -> Rows:
    """Return a row per model: its hours, from measured times or from seconds per step, and its steps."""
    paces = measure_pace(measured) if measured else {}
    if measured and not paces:
        raise UserError(
            f"{measured}: contains no records of trainings or runs; give the results of a study that has run"
        )
    rows: Rows = []
    hours = []
    for name, models in group_models(study, runs).items():
        work = count_work(study, runs, models)
        pace = paces.get(name, Pace(step_seconds))
        seconds, predicts = estimate_seconds(work, pace)
        steps = "no steps" if work.training_steps is None else f"{work.training_steps + work.adaptation_steps:,} steps"
        steps += f" and {work.pretraining_steps:,} of pre-training" if work.pretrainings else ""
        if seconds is None:
            ways = "--measured RESULTS" if work.training_steps is None else "--step-seconds or --measured RESULTS"
            lack = f"{measured} has no records of some kinds of its jobs" if name in paces else f"set {ways}"
            rows.append((name, f"{steps}, {work.predictions:,} test sets: unknown; {lack}"))
            continue
        hours.append(seconds / 3600 / devices)
        at = f" of {pace.step:.3g} s" if pace.step is not None and work.training_steps is not None else ""
        without = "" if predicts else ", without prediction time"
        rows.append((name, f"{hours[-1]:,.1f}: {steps}{at}, {work.predictions:,} test sets{without}"))
    return [*rows, ("total", f"{sum(hours):,.1f}")] if len(hours) == len(rows) > 1 else rows


def _list_tests(study: Study, runs: Sequence[Run]) -> dict[tuple[str, str], set[str]]:
    """Return (task, test corpus) -> the targets for which runs are tested on it."""
    tests: dict[tuple[str, str], set[str]] = {}
    for task, of in study.tasks.items():
        targets = {run.target for run in runs if run.task == task}
        tests |= {(task, name): targets & set(languages) for name, languages in of.test_languages.items()}
    return tests


def _is_downloaded(choice: CorpusChoice) -> bool:
    return bool(choice.corpus.download)


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _describe_bytes(size: int | None) -> str:
    if size is None:
        return "size unknown"
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"


def _align(rows: Rows) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {text}".rstrip() for name, text in rows]
