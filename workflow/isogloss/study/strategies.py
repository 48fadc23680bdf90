"""Source strategies: a word in the config that becomes sets of source languages for a target.

They are resolved while planning, from typology alone, so that paths always show real languages.
"""

import csv
import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from isogloss.common.errors import UserError

_TABLE = Path(__file__).with_name("typology.csv")
_COUNTED = re.compile(r"(nearest|diverse|random)-([1-9][0-9]*)")
_BY_CORPUS = re.compile(r"(nearest|diverse)-[0-9]+-by-|overlap|subword|lexical|loss|size")


@cache
def _read_distances() -> dict[frozenset[str], float]:
    """Syntactic distance (1 - cosine of lang2vec's syntax_knn) of each pair, from the committed table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {frozenset((row["source"], row["target"])): float(row["syntax"]) for row in csv.DictReader(file)}


def _distance(one: str, other: str) -> float:
    return _read_distances()[frozenset((one, other))]


def resolve_strategy(
    strategy: str | Sequence[str], target: str, languages: Sequence[str], where: str = "transfer.sources"
) -> list[tuple[str, ...]]:
    """Return the source sets that a strategy gives for a target, each sorted; `()` is no source.

    each: one set per language of the study, the target's own among them (its in-language run).
    in-language: the target's own alone. all-others: every language but the target. nearest-K: the K languages with
    the nearest syntax; nearest-1 is the source predicted best without any score. diverse-K: the two languages furthest
    apart in syntax, then always the one furthest from those chosen. random-K: K languages drawn once for the target,
    the same at every seed. A list of several: that one set without the target, which is never among several
    sources. A list of one: that language, also where it is the target itself.

    where: the key of the config that a complaint names. Raises UserError for a strategy that is unknown, needs data, or
    asks for more sources than there are.
    """
    if not isinstance(strategy, str):
        return [tuple(sorted(set(strategy) - {target} if len(strategy) > 1 else strategy))]
    others = sorted(set(languages) - {target})
    if strategy == "none":
        return [()]
    if strategy == "in-language":
        return [(target,)]
    if strategy == "each":
        return [(language,) for language in sorted(languages)]
    if strategy == "all-others":
        if not others:
            raise UserError(f"config: {where}: all-others: {target} is the study's only language; add others")
        return [tuple(others)]
    counted = _COUNTED.fullmatch(strategy)
    if counted is None:
        raise UserError(f"config: {where}: {_refuse(strategy)}")
    way, count = counted[1], int(counted[2])
    if count > len(others):
        raise UserError(
            f"config: {where}: {strategy} asks for {count} sources for {target}, "
            f"but the study has {len(others)} other languages; ask for fewer or add languages"
        )
    chosen = {"nearest": _choose_nearest, "diverse": _choose_diverse, "random": _choose_random}[way]
    return [tuple(sorted(chosen(target, others, count)))]


def resolve_pretraining(
    strategy: str | Sequence[str], target: str, languages: Sequence[str], where: str
) -> list[tuple[str, ...]]:
    """Return the sets of languages that a strategy pre-trains a model on for a target, each sorted; `()` for no text.

    As resolve_strategy, but that text of the target has no labels and may be among several: `all` is every language,
    and a list is what it says.
    """
    if strategy == "all":
        return [tuple(sorted(languages))]
    if not isinstance(strategy, str):
        return [tuple(sorted(set(strategy)))]
    return resolve_strategy(strategy, target, languages, where)


def _refuse(strategy: str) -> str:
    if _BY_CORPUS.search(strategy):
        return (
            f"{strategy!r} needs features of the corpora, which do not exist yet when a study is planned; "
            "use nearest-K (by syntax), or give the languages as a list"
        )
    return (
        f"unknown strategy {strategy!r}; choose from each, none, in-language, all-others, nearest-K, diverse-K, "
        "random-K (and all, for pre-training), or give a list of languages"
    )


def _choose_nearest(target: str, others: list[str], count: int) -> list[str]:
    return sorted(others, key=lambda language: (_distance(target, language), language))[:count]


def _choose_diverse(target: str, others: list[str], count: int) -> list[str]:
    def spread(language: str, chosen: list[str]) -> float:
        return min(_distance(language, one) for one in chosen)

    if count == 1:
        return _choose_nearest(target, others, 1)
    pairs = [(one, other) for one in others for other in others if one < other]
    chosen = list(max(pairs, key=lambda pair: (_distance(*pair), [-ord(c) for c in "".join(pair)])))
    while len(chosen) < count:
        rest = [language for language in others if language not in chosen]
        chosen.append(max(rest, key=lambda language: (spread(language, chosen), [-ord(c) for c in language])))
    return chosen


def _choose_random(target: str, others: list[str], count: int) -> list[str]:
    return random.Random(f"random sources for {target} among {'+'.join(others)}").sample(others, count)
