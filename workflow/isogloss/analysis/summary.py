"""summary.md: what the tables say, in plain sentences."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from isogloss.analysis.correlation import tabulate_pairs
from isogloss.analysis.scores import (
    SETTING,
    Setting,
    find_main_metric,
    list_settings,
    mark_kinds,
    transfer_matrix,
)
from isogloss.languages import LANGUAGES

_PLAIN = "plain p: treats pairs as independent, which they are not"
_NAMES = {"f1": "F1"}


def compose_summary(
    scores: pd.DataFrame,
    correlations: pd.DataFrame,
    few_shot: pd.DataFrame,
    primary: Mapping[str, object] | None = None,
    notice: str | None = None,
) -> str:
    """Return the summary as Markdown: the declared primary hypothesis, then each setting.

    primary: task, model, shots, feature. notice: a line that stands above all, such as that the corpus is a
    demonstration. Each number is taken from the table that the sentence names, or is a mean of scores.
    """
    lines = ["# Summary", ""]
    if notice:
        lines += [f"> {notice}", ""]
    if primary:
        lines += ["## The declared hypothesis", "", *_tell_primary(correlations, primary), ""]
    settings = list_settings(scores)
    for task, model, test_corpus in dict.fromkeys((s.task, s.model, s.test_corpus) for s in settings):
        own = [s for s in settings if (s.task, s.model, s.test_corpus) == (task, model, test_corpus)]
        on = "" if test_corpus == task else f", tested on {test_corpus}"
        lines += [f"## {task}, {model}{on}", "", *_tell_model(scores, own, few_shot), ""]
    return "\n".join(lines)


def _tell_primary(correlations: pd.DataFrame, primary: Mapping[str, object]) -> list[str]:
    matching = correlations
    for column in ("task", "model", "shots", "feature"):
        matching = matching[matching[column] == primary[column]]
    what = (
        f"**{primary['feature']}** goes with transfer of {primary['model']} on {primary['task']} at "
        f"{primary['shots']} shots"
    )
    if matching.empty:
        return [f"Declared: {what}. The tables hold no such correlation."]
    lines = [f"Declared before looking: {what} (correlations.csv).", ""]
    for row in matching.itertuples():
        where = f"n = {row.n}, {row.adaptation}, tested on {row.test_corpus}"
        found = f"r {_show(row.pearson_r)} over {row.n_pairs} pairs of {row.n_languages} languages"
        plain = f"p {_show(row.p_plain)} ({_PLAIN})"
        qap = f"QAP p {_show(row.p_qap)} ({row.permutations} permutations of the languages)"
        note = f". Note: {row.note}" if row.note else ""
        lines.append(f"- {where}: {found}; {qap}; {plain}{note}.")
    return lines


def _tell_model(scores: pd.DataFrame, settings: list[Setting], few_shot: pd.DataFrame) -> list[str]:
    metric = find_main_metric(scores, settings[0].task)
    name = _NAMES.get(metric, metric)
    lines = []
    for n in sorted({setting.n for setting in settings}):
        at_n = [setting for setting in settings if setting.n == n]
        diagonal = _read_diagonal(transfer_matrix(scores, at_n[0]))
        if len(diagonal):
            lines.append(
                f"- In-language {name}, {n} training sentences: mean {diagonal.mean():.3f} "
                f"over {len(diagonal)} languages ({diagonal.min():.3f} to {diagonal.max():.3f})."
            )
        for setting in at_n:
            lines += _tell_setting(scores, setting, name)
    slopes = _select(few_shot, settings[0]).drop_duplicates(["n", "adaptation", "target"])["slope"].dropna()
    if len(slopes):
        lines.append(
            f"- Slope of mean {name} on ln(1 + shots) over targets and arms: mean {slopes.mean():.3f}, "
            f"{slopes.min():.3f} to {slopes.max():.3f} (few_shot.csv)."
        )
    return [*lines, *_tell_mentions(scores, settings[0])]


def _read_diagonal(matrix: pd.DataFrame) -> pd.Series:
    both = [language for language in matrix.index if language in matrix.columns]
    return pd.Series([matrix.loc[language, language] for language in both], dtype=float).dropna()


def _tell_setting(scores: pd.DataFrame, setting: Setting, name: str) -> list[str]:
    pairs = tabulate_pairs(scores, setting)
    matrix = transfer_matrix(scores, setting)
    how = "zero-shot" if setting.shots == 0 else f"{setting.shots} shots, {setting.adaptation}"
    line = f"- {how[0].upper()}{how[1:]}, n = {setting.n}: mean {name} {pairs['score'].mean():.3f}"
    line += f" over {len(pairs)} pairs"
    known = pairs[pairs["source"].isin(LANGUAGES) & pairs["target"].isin(LANGUAGES)]
    same = known["source"].map(_script) == known["target"].map(_script)
    if same.any() and not same.all():
        line += f"; within a script {known.loc[same, 'score'].mean():.3f} ({same.sum()} pairs)"
        line += f", across scripts {known.loc[~same, 'score'].mean():.3f} ({(~same).sum()} pairs)"
    if "none" in matrix.index:
        none = matrix.loc["none"].dropna()
        line += f"; the shots alone, without a source, {none.mean():.3f} ({len(none)} targets)"
    return [line + "."]


def _script(language: str) -> str:
    return LANGUAGES[language].script


def _tell_mentions(scores: pd.DataFrame, setting: Setting) -> list[str]:
    """F1 on the mentions that training had and on those it had not, where the scores have them."""
    own = _select(scores, setting)
    lines = []
    for kind, shots, words in (("in-language", 0, "In-language"), ("transfer", 0, "Zero-shot")):
        of_kind = own[(mark_kinds(own) == kind) & (own["shots"] == shots)]
        seen, unseen = (of_kind.loc[of_kind["metric"] == metric, "score"] for metric in ("f1_seen", "f1_unseen"))
        if len(seen) and len(unseen):
            lines.append(
                f"- {words} F1 on mentions seen in training: mean {seen.mean():.3f} over {len(seen)} runs; "
                f"on unseen ones {unseen.mean():.3f} over {len(unseen)} runs (runs that have such mentions)."
            )
    return lines


def _select(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    chosen = table
    for column in SETTING[:3]:
        chosen = chosen[chosen[column] == getattr(setting, column)]
    return chosen


def _show(number: float) -> str:
    if np.isnan(number):
        return "not computed"
    return "< 0.0001" if 0 < number < 0.0001 else f"= {number:.4f}"
