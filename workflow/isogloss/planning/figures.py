"""The figures of a study: which rule draws which figures for which tasks and models. The workflow uses this list."""

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
"""Placeholder for the number of shots in the files of a rule."""


@dataclass(frozen=True)
class FigureRule:
    """A rule that draws figures of one scope.

    figures: the figures by name. values: the values for which one job draws each figure: features, the sense of
    pre-training, WILDCARD, or "". jobs: (task, model, number of shots or "") of each job.
    """

    name: str
    figures: Mapping[str, Figure]
    values: tuple[str, ...]
    jobs: tuple[tuple[str, str, str], ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The files, within the results of a study, that the figures of the rule need."""
        return tuple(dict.fromkeys(path for figure in self.figures.values() for path in figure.reads))

    @property
    def log(self) -> str:
        """The file name of the log, without its extension."""
        if WILDCARD in self.values:
            return next(iter(self.figures.values())).stem.format(value=WILDCARD)
        return self.name.replace("_", "-")

    def list_files(self) -> list[tuple[Figure, str, dict[str, str]]]:
        """Return the figure, the stem and the labels of every file of one job."""
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
    """Return the rules that draw figures. A rule that has nothing to draw in this study has no jobs.

    Each figure of an installed package that the study uses has its own rule.
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
    """Return TASK/MODEL/STEM of every figure in report order: by task and model, with comparisons of arms last."""
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
