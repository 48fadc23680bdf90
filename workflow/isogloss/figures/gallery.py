"""Every figure of an analysis, in one folder per task and model."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from isogloss.analysis.data.languages import Languages, recognise_codes
from isogloss.analysis.data.pairs import select_features
from isogloss.analysis.data.scores import UNIT, list_languages, list_settings
from isogloss.common.errors import UserError
from isogloss.common.registry import load_part
from isogloss.figures.contents import CURVE, FIGURES, MODEL, PAIR_FEATURES, SCORES, SENSES, SHOTS, WORDS
from isogloss.figures.page import Subject, save_figure
from isogloss.figures.scatter import choose_zero_shot


def write_figure(name: str, subject: Subject, out: str | os.PathLike) -> None:
    """Draw a figure of the registry into the folder `out` as .svg and .png.

    Raises UserError if the figure is unknown, or if one of its input files is missing.
    """
    figure = FIGURES.find(name)
    given = {SCORES: subject.scores is not None, PAIR_FEATURES: subject.features is not None}
    lacking = [path for path in figure.reads if not given.get(path, Path(path).name in subject.tables)]
    if lacking:
        raise UserError(f"figure {name}: {lacking[0]} is required to draw it; add this file")
    drawn = load_part(figure.draw)(subject)
    save_figure(drawn, Path(out) / figure.stem.format(value=subject.value))


def write_figures(
    scores: pd.DataFrame,
    features: pd.DataFrame,
    tables: str | os.PathLike,
    out: str | os.PathLike,
    notice: str | None = None,
    scale: str = UNIT,
    languages: Languages | None = None,
) -> None:
    """Draw all figures that the data allow into `out`/{task}/{model}/.

    scores: as returned by read_scores. features: as select_features takes them. tables: the folder with the tables of
    analyse for both. scale: the scale of the file of the scores. languages: names, families and scripts. A `/` in a
    name (`google/mt5-base`) becomes `-` in the name of the folder.
    """
    languages = languages or Languages(meant=recognise_codes(list_languages(scores)))
    found = {path.name: path for path in Path(tables).glob("*.csv")}
    for scope, subject in _list_subjects(scores, features, found["multi_source_means.csv"]):
        folder = Path(out) / subject.task.replace("/", "-") / subject.model.replace("/", "-")
        given = replace(subject, notice=notice, scores=scores, features=features, tables=found)
        given = replace(given, scale=scale, languages=languages)
        for name in FIGURES:
            if FIGURES[name].scope == scope:
                write_figure(name, given, folder)


def _list_subjects(scores: pd.DataFrame, features: pd.DataFrame, means: Path) -> Iterator[tuple[str, Subject]]:
    """Yield each scope with its subjects; here, all features are in the scope WORDS."""
    settings = list_settings(scores)
    for task, model in dict.fromkeys((setting.task, setting.model) for setting in settings):
        shots = sorted({one.shots for one in settings if (one.task, one.model) == (task, model)})
        yield from ((SHOTS, Subject(task, model, str(k))) for k in shots)
        if choose_zero_shot(scores, task, model):
            names = [name for name in select_features(features, task, model) if name not in ("source", "target")]
            yield from ((WORDS, Subject(task, model, name)) for name in names)
        if len(shots) > 1:
            yield CURVE, Subject(task, model)
        yield MODEL, Subject(task, model)
    compared = pd.read_csv(means, dtype=str).dropna(subset="sense")
    scopes = {sense: scope for scope, sense in SENSES.items()}
    for task, model, sense in compared[["task", "model", "sense"]].drop_duplicates().itertuples(index=False):
        yield scopes[sense], Subject(task, model, sense)
