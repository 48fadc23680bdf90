"""A study: from its checked config to runs, and from runs to paths. Pure; imports in milliseconds.

A run is a point of the grid task x model x sources x n x target x shots x adaptation x seed. Nothing else
decides what is made, and no path is put together anywhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.models import FAMILIES
from isogloss.strategies import NONE, resolve_strategy

DIRECT, SEQUENTIAL, JOINT = "direct", "sequential", "joint"

Config = Mapping[str, Any]
"""A study as isogloss.config.check_config returns it: every default filled in, `transfer` a list of grids."""


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


def plan_runs(config: Config) -> list[Run]:
    """Return every run of the study's grids once, sorted. Raises UserError for a strategy that cannot be resolved."""
    runs = {run for grid in config["transfer"] for run in _plan_grid(config, grid)}
    return sorted(runs)


def _plan_grid(config: Config, grid: Mapping[str, Any]) -> Iterable[Run]:
    points = [
        (target, sources, n)
        for target in grid["targets"]
        for strategy in grid["sources"]
        for sources in resolve_strategy(strategy, target, config["languages"])
        for n in _budgets(grid, sources)
    ]
    for task in grid["tasks"]:
        for model in grid["models"]:
            able = FAMILIES[config["models"][model]["family"]].adaptations
            for target, sources, n in points:
                for shots, adaptation in _adapt(grid, able, sources, target):
                    for seed in grid["seeds"]:
                        yield Run(task, model, sources, n, target, shots, adaptation, seed)


def _budgets(grid: Mapping[str, Any], sources: tuple[str, ...]) -> list[int]:
    if not sources:
        return [0]
    factors = {"equal-total": 1, "equal-per-source": len(sources)}
    return [n * factors[budget] for n in grid["n"] for budget in grid["budgets"]]


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


def name_root(config: Config) -> str:
    """Return the folder of all the study's results."""
    return f"results/{config['study']}"


def name_model(config: Config, model: str) -> str | None:
    """Return the folder that a model starts from: the user's own, or one within the study's; None for no start."""
    spec = config["models"][model]
    if not FAMILIES[spec["family"]].pretrained:
        return None
    return spec["path"] if "path" in spec else f"{name_root(config)}/models/{model}"


def list_languages(config: Config) -> list[str]:
    """Return every language that the study or one of its built models needs a corpus of, in the study's order."""
    built = [language for spec in config["models"].values() for language in spec.get("languages", [])]
    return list(dict.fromkeys([*config["languages"], *built]))


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
