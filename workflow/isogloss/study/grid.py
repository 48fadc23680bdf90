"""A study: from its checked config to runs, and from runs to paths. Pure; imports in milliseconds.

A run is a point of the grid task x model x sources x n x target x shots x adaptation x seed. Nothing else
decides what is made, and no path is put together anywhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.common.errors import UserError
from isogloss.families import FAMILIES
from isogloss.study.strategies import NONE, resolve_strategy

DIRECT, SEQUENTIAL, JOINT = "direct", "sequential", "joint"

Config = Mapping[str, Any]
"""A study as isogloss.study.config.check_config returns it: every default filled in, `transfer` a list of grids."""


@dataclass(frozen=True, order=True)
class Run:
    """One point of the grid.

    sources: sorted codes, `()` for no transfer. n: labelled source sentences in total. shots: labelled target
    sentences. adaptation: direct (no shots), sequential (sources, then shots) or joint (both together).
    """

    task: str
    model: str
    sources: tuple[str, ...]
    n: int
    target: str
    shots: int
    adaptation: str
    seed: int

    @property
    def source_set(self) -> str:
        """The sources as paths and tables name them: `de+en`, or `none`."""
        return name_sources(self.sources)

    @property
    def in_language(self) -> bool:
        """Whether the target is among the sources: an upper bound, never counted as transfer."""
        return self.target in self.sources

    @property
    def finetuned(self) -> str | None:
        """Folder, within the study's, of the model trained on the sources; None where no such model is used."""
        if self.adaptation == JOINT or not self.sources:
            return None
        return f"finetuned/{self.task}/{self.model}/{self.source_set}/n-{self.n}/seed-{self.seed}"

    @property
    def folder(self) -> str:
        """Folder of the run's record within the study's."""
        return (
            f"transfer/{self.task}/{self.model}/{self.source_set}/n-{self.n}/{self.target}"
            f"/shots-{self.shots}/{self.adaptation}/seed-{self.seed}"
        )


def name_sources(sources: Sequence[str]) -> str:
    """Return the name of a source set: its codes sorted and joined by `+`, `none` for the empty one."""
    return "+".join(sorted(sources)) or "none"


def split_sources(name: str) -> tuple[str, ...]:
    """Return the source set of a name that `name_sources` gave."""
    return NONE if name == "none" else tuple(name.split("+"))


def allot(n: int, sources: Sequence[str]) -> dict[str, int]:
    """Share n sentences among sources: floor(n / s) each, the first n mod s by code one more."""
    if not sources:
        return {}
    each, rest = divmod(n, len(sources))
    return {language: each + (place < rest) for place, language in enumerate(sorted(sources))}


def list_task_languages(config: Config, task: str) -> list[str]:
    """Return the languages of the study that a task has a corpus of: the sources and targets of its runs.

    All of them, unless isogloss.study.check found that the task's corpus has fewer.
    """
    available = config.get("tasks", {}).get(task, {}).get("available", config["languages"])
    return [language for language in config["languages"] if language in available]


def list_tested(config: Config, task: str) -> list[str]:
    """Return the languages that a task can be tested in: its own, and those that only its test corpora have."""
    return config.get("tasks", {}).get(task, {}).get("tested") or list_task_languages(config, task)


def name_arms(config: Config) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """Return (target, sources) -> the strategies of the study that give the target this source set, sorted.

    A list of languages is named by them, `de+en`, also for a target that is left out of it.
    """
    arms: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for grid in config["transfer"]:
        for target in grid["targets"]:
            for strategy in grid["sources"]:
                name = strategy if isinstance(strategy, str) else name_sources(strategy)
                for languages in {tuple(list_task_languages(config, task)) for task in grid["tasks"]}:
                    for sources in resolve_strategy(strategy, target, languages):
                        arms.setdefault((target, sources), set()).add(name)
    return {key: tuple(sorted(names)) for key, names in arms.items()}


def plan_runs(config: Config) -> list[Run]:
    """Return every run of the study's grids once, sorted.

    Raises UserError for a strategy that cannot be resolved, and for fewer sentences than there are sources.
    """
    runs = {run for grid in config["transfer"] for run in _plan_grid(config, grid)}
    return sorted(runs)


def _plan_grid(config: Config, grid: Mapping[str, Any]) -> Iterable[Run]:
    for task in grid["tasks"]:
        languages, tested = list_task_languages(config, task), list_tested(config, task)
        points = [
            (target, sources, n)
            for target in grid["targets"]
            if target in tested
            for strategy in grid["sources"]
            for sources in resolve_strategy(strategy, target, languages)
            if set(sources) <= set(languages)
            for n in _budgets(grid, sources)
        ]
        for model in grid["models"]:
            spec = config["models"][model]
            able = FAMILIES[spec["family"]].adaptations
            for target, sources, n in points:
                if target not in spec.get("arms", tested):
                    continue
                for shots, adaptation in _adapt(grid, able, sources, target):
                    if shots and target not in languages:
                        continue  # there is nothing to draw shots from: it can be tested in only
                    for seed in grid["seeds"]:
                        yield Run(task, model, sources, n, target, shots, adaptation, seed)


def _budgets(grid: Mapping[str, Any], sources: tuple[str, ...]) -> list[int]:
    if not sources:
        return [0]
    factors = {"equal-total": 1, "equal-per-source": len(sources)}
    budgets = [n * factors[budget] for n in grid["n"] for budget in grid["budgets"]]
    if min(budgets) < len(sources):
        raise UserError(
            f"config: transfer.n: {min(budgets)} sentences cannot be shared among the {len(sources)} sources "
            f"{name_sources(sources)}; raise n to {len(sources)} or more"
        )
    return budgets


def _adapt(
    grid: Mapping[str, Any], able: Sequence[str], sources: tuple[str, ...], target: str
) -> Iterable[tuple[int, str]]:
    """Yield the (shots, adaptation) that make sense for a source set and a target."""
    for shots in grid["shots"]:
        if shots == 0:
            if sources:
                yield 0, DIRECT
        elif not sources:
            yield shots, able[0]  # with the shots alone, the ways to mix them with sources are one
        elif target not in sources:
            wanted = [way for way in grid["adaptation"] if way in able]
            for adaptation in wanted or able[:1]:
                yield shots, adaptation


def name_pretraining(config: Config) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return (target, model) -> the strategies of pre-training that give the target this model, sorted."""
    return {
        (target, model): tuple(sorted(names))
        for model, spec in config["models"].items()
        for target, names in spec.get("arms", {}).items()
    }


def name_root(config: Config) -> str:
    """Return the folder of all the study's results."""
    return f"results/{config['study']}"


def name_model(config: Config, model: str) -> str | None:
    """Return the folder that a model starts from: the user's own, or one within the study's; None for no start."""
    spec = config["models"][model]
    if not FAMILIES[spec["family"]].pretrained:
        return None
    return f"{name_root(config)}/trimmed/{model}" if spec["trim_vocabulary"] else name_whole_model(config, model)


def name_whole_model(config: Config, model: str) -> str:
    """Return the folder of a pre-trained model with its whole vocabulary."""
    spec = config["models"][model]
    return spec["path"] if "path" in spec else f"{name_root(config)}/models/{model}"


def find_origin(config: Config, model: str) -> Mapping[str, Any]:
    """Return the entry that a model's weights come from: its own, or that of the model its pre-training starts from."""
    spec = config["models"][model]
    return config["models"][spec["start"]] if "start" in spec else spec


def list_pretrained_on(config: Config, task: str, model: str) -> list[str] | None:
    """Return the languages whose training text of a task a model was pre-trained on; None if it is from elsewhere."""
    spec = config["models"][model]
    if "build" not in find_origin(config, model):
        return None
    return list(spec["languages"]) if task == spec["text"] and ("start" in spec or spec["steps"]) else []


def list_models(config: Config, runs: Iterable[Run]) -> list[str]:
    """Return the models that have runs and those that these start from, in the study's order."""
    used = {run.model for run in runs}
    used |= {config["models"][model]["start"] for model in used if "start" in config["models"][model]}
    return [model for model in config["models"] if model in used]


def list_described(config: Config, runs: Iterable[Run]) -> list[tuple[str, str]]:
    """Return every (task, model) with tables and figures of its own, sorted.

    All that have runs; but arms of pre-training are many, and one without sources has nothing that goes with its pairs.
    """
    found = {(run.task, run.model) for run in runs if run.sources or "arms" not in config["models"][run.model]}
    return sorted(found)


def list_compared(config: Config, runs: Iterable[Run]) -> list[tuple[str, str]]:
    """Return every (task, model) that has arms of self-supervised pre-training, by the name that its arms share."""
    bases = {model: spec["base"] for model, spec in config["models"].items() if "arms" in spec}
    return sorted({(run.task, bases[run.model]) for run in runs if run.model in bases})


def list_several(config: Config, runs: Iterable[Run]) -> list[tuple[str, str]]:
    """Return every (task, model) that has runs of several sources, by the name that arms of pre-training share."""
    models = config["models"]
    return sorted({(run.task, models[run.model].get("base", run.model)) for run in runs if len(run.sources) > 1})


def compares_arms(config: Config, runs: Iterable[Run]) -> bool:
    """Whether arms are compared: any run has several sources, or a model was pre-trained on sets of languages."""
    runs = list(runs)
    return bool(list_several(config, runs) or list_compared(config, runs))


def list_languages(config: Config) -> list[str]:
    """Return every language that the study or one of its built models needs a corpus of, in the study's order."""
    built = [language for spec in config["models"].values() for language in spec.get("languages", [])]
    return list(dict.fromkeys([*config["languages"], *built]))


def list_statistics(config: Config, runs: Iterable[Run]) -> list[tuple[str, str, str]]:
    """Return the (model, task, language) whose language-model statistics the study asks for, sorted.

    Those of every model of its runs that has a language model, in every language of the task.
    """
    if not config["analysis"]["language_model"]:
        return []
    pairs = {(run.model, run.task) for run in runs}
    able = [(model, task) for model, task in sorted(pairs) if FAMILIES[config["models"][model]["family"]].statistics]
    return [(model, task, code) for model, task in able for code in sorted(list_task_languages(config, task))]


def list_needed(config: Config, task: str) -> list[str]:
    """Return every language that a corpus of a task is needed of: the task's own, and those whose text a model is built
    or pre-trained on or its vocabulary trimmed to."""
    available = config["tasks"][task].get("available", list_languages(config))
    languages = list_task_languages(config, task)
    for spec in config["models"].values():
        if "build" in spec or "start" in spec:
            languages += spec["languages"] if spec["text"] == task else []
        elif spec["trim_vocabulary"]:
            languages += [language for language in spec["languages"] if language in available]
    return list(dict.fromkeys(languages))


def count_need(runs: Iterable[Run], task: str) -> dict[str, dict[str, int]]:
    """Return, per language, the most training sentences any run of the task takes of it: {"source": , "shots": }."""
    need: dict[str, dict[str, int]] = {}
    for run in runs:
        if run.task == task:
            taken = [(language, "source", n) for language, n in allot(run.n, run.sources).items()]
            for language, use, n in [*taken, (run.target, "shots", run.shots)]:
                most = need.setdefault(language, {"source": 0, "shots": 0})
                most[use] = max(most[use], n)
    return need
