"""The figures of a study: which rule draws which, of which tasks and models. The workflow makes its rules of this."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from isogloss.common.run import Run
from isogloss.features import FEATURES
from isogloss.figures.contents import (
    COMPARED,
    FIGURES,
    SENSES,
    SEVERAL,
    SHOTS,
    SUBWORDS,
    WORDS,
    Figure,
    choose_figures,
)
from isogloss.study.products import list_compared, list_described, list_several, place_model
from isogloss.study.values import Study

WILDCARD = "{k}"
"""Stands for the number of shots in the files of a rule."""


@dataclass(frozen=True)
class FigureRule:
    """A rule that draws figures of one scope.

    figures: by name. values: what one job draws each of: features, the sense of pre-training, WILDCARD, or "". jobs:
    task, model, and the number of shots or "".
    """

    name: str
    figures: Mapping[str, Figure]
    values: tuple[str, ...]
    jobs: tuple[tuple[str, str, str], ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Files within the results of a study that its figures are drawn from."""
        return tuple(dict.fromkeys(path for figure in self.figures.values() for path in figure.reads))

    @property
    def log(self) -> str:
        """The stem of its log."""
        if WILDCARD in self.values:
            return next(iter(self.figures.values())).stem.format(value=WILDCARD)
        return self.name.replace("_", "-")

    def list_files(self) -> list[tuple[Figure, str, dict[str, str]]]:
        """Return the figure, stem and labels of every file of one job."""
        return [
            (
                figure,
                figure.stem.format(value=value),
                {name: label.format(value=value) for name, label in figure.labels.items()},
            )
            for figure in self.figures.values()
            for value in self.values
        ]


def list_figure_rules(study: Study, runs: Sequence[Run]) -> list[FigureRule]:
    """Return the rules of figures; those that have nothing to draw in this study have no jobs.

    A figure of an installed package, which the study names, has a rule of its own.
    """
    grouped: dict[str, dict[str, Figure]] = {}
    for name, figure in choose_figures(study.analysis.figures).items():
        rule = figure.rule if name in FIGURES.own else f"figure_{name}".replace("-", "_")
        grouped.setdefault(rule, {})[name] = figure
    rules = []
    for rule, figures in grouped.items():
        scope = next(iter(figures.values())).scope
        rules.append(FigureRule(rule, figures, _list_values(study, scope), tuple(_list_jobs(study, runs, scope))))
    return rules


def list_figure_stems(rules: Iterable[FigureRule]) -> list[str]:
    """Return TASK/MODEL/STEM of every figure as the report shows them: by task and model, comparisons of arms last."""
    stems = []
    for last in (False, True):
        own = [rule for rule in rules if any(one.scope in SENSES for one in rule.figures.values()) == last]
        groups = [[rule] for rule in own] if last else [own]
        for group in groups:
            for task, model in sorted({job[:2] for rule in group for job in rule.jobs}):
                for rule in group:
                    shots = [k for *pair, k in rule.jobs if pair == [task, model]]
                    named = [stem for _, stem, _ in rule.list_files()]
                    stems += [f"{task}/{model}/{stem.replace(WILDCARD, k)}" for stem in named for k in shots]
    return stems


def _list_values(study: Study, scope: str) -> tuple[str, ...]:
    if scope == SHOTS:
        return (WILDCARD,)
    own = [name for name in FEATURES if FEATURES[name].subword == (scope == SUBWORDS)]
    if scope == WORDS:
        return (*own, *study.features)
    if scope == SUBWORDS:
        return tuple(own)
    return (SENSES.get(scope, ""),)


def _list_jobs(study: Study, runs: Sequence[Run], scope: str) -> Iterable[tuple[str, str, str]]:
    described = list_described(study, runs)
    shots: dict[tuple[str, str], set[int]] = {}
    for run in runs:
        if run.sources:
            shots.setdefault((run.task, run.model), set()).add(run.shots)
    if scope in SENSES:
        listed = {SEVERAL: list_several, COMPARED: list_compared}[scope]
        yield from ((task, model, "") for task, model in listed(study, runs))
    elif scope == SHOTS:
        yield from ((*pair, str(k)) for pair in described for k in sorted(shots.get(pair, ())))
    elif scope in (WORDS, SUBWORDS):
        able = [pair for pair in described if 0 in shots.get(pair, ())]
        yield from ((*pair, "") for pair in able if scope == WORDS or place_model(study, pair[1]))
    else:
        yield from ((*pair, "") for pair in described)
