"""Source strategies: a name in the config that selects sets of source languages for a target.

Strategies are resolved during planning and use only typology, so that paths always contain real languages.
"""

import random
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES
from isogloss.common.typology import measure_distance

_COUNTED = re.compile(r"(nearest|diverse|random)-([1-9][0-9]*)")
_BY_CORPUS = re.compile(r"(nearest|diverse)-[0-9]+-by-|overlap|subword|lexical|loss|size")


def resolve_strategy(
    strategy: str | Sequence[str],
    target: str,
    languages: Sequence[str],
    like: Mapping[str, str] = MappingProxyType({}),
    where: str = "transfer.sources",
) -> list[tuple[str, ...]]:
    """Return the source sets that a strategy selects for a target. Each is sorted; `()` means no source.

    each: one set per language of the study, including the target (its in-language run).
    in-language: only the target. all-others: every language except the target. nearest-K: the K languages nearest to
    the target by syntax; nearest-1 is the predicted best source, chosen without any score. diverse-K: the two
    languages that are furthest apart by syntax, then repeatedly the language furthest from those chosen. random-K: K
    languages drawn once per target, the same for every seed. A list of several languages: this set without the target,
    because the target is never one of several sources. A list of one language: this language, even if it is the target.

    like: language -> the language whose syntax stands for its own. where: the config key for error messages. Raises
    UserError if a strategy is unknown, needs data, or needs more sources than there are.
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
            raise UserError(
                f"config: {where}: all-others needs other languages, but {target} is the only one; add languages"
            )
        return [tuple(others)]
    counted = _COUNTED.fullmatch(strategy)
    if counted is None:
        raise UserError(f"config: {where}: {_refuse(strategy)}")
    way, count = counted[1], int(counted[2])
    if count > len(others):
        raise UserError(
            f"config: {where}: {strategy} needs {count} sources for {target}, "
            f"but the study has {len(others)} other languages; use a smaller number or add languages"
        )
    if way == "random":
        return [tuple(sorted(_choose_random(target, others, count)))]
    syntax = _read_syntax(strategy, [target, *others], like, where)
    chosen = {"nearest": _choose_nearest, "diverse": _choose_diverse}[way]
    return [tuple(sorted(chosen(target, others, count, syntax)))]


def resolve_pretraining(
    strategy: str | Sequence[str], target: str, languages: Sequence[str], like: Mapping[str, str], where: str
) -> list[tuple[str, ...]]:
    """Return the language sets on which a strategy pre-trains a model for a target. Each is sorted; `()` is no text.

    This is like resolve_strategy, except that text of the target has no labels and can be in a set of several
    languages: `all` is every language, and a list of languages is used unchanged.
    """
    if strategy == "all":
        return [tuple(sorted(languages))]
    if not isinstance(strategy, str):
        return [tuple(sorted(set(strategy)))]
    return resolve_strategy(strategy, target, languages, like, where)


def _read_syntax(strategy: str, codes: Sequence[str], like: Mapping[str, str], where: str) -> dict[str, int]:
    """Return code -> values of lang2vec's syntax_knn as bits. Raises UserError if a language has none."""
    found = {code: LANGUAGES.get(like.get(code, code)) for code in codes}
    without = [code for code, language in found.items() if language is None or "syntax" not in language.values]
    if without:
        names = [f"{code} ({language.name})" if (language := found[code]) else code for code in without[:3]]
        more = f" and {len(without) - 3} more" if len(without) > 3 else ""
        raise UserError(
            f"config: {where}: {strategy} compares the syntax of languages, but lang2vec has no values for "
            f"{', '.join(names)}{more}; write {{code: {without[0]}, like: CODE OF A SIMILAR LANGUAGE}} in `languages`, "
            "list the sources, or use random-K, each or all-others"
        )
    return {code: language.values["syntax"] for code, language in found.items() if language}


def _refuse(strategy: str) -> str:
    if _BY_CORPUS.search(strategy):
        return (
            f"{strategy!r} needs corpus features, which are not available before the first job; "
            "use nearest-K (by syntax), or give a list of languages"
        )
    return (
        f"unknown strategy {strategy!r}; choose from each, none, in-language, all-others, nearest-K, diverse-K and "
        "random-K (for pre-training also all), or give a list of languages"
    )


def _choose_nearest(target: str, others: list[str], count: int, syntax: Mapping[str, int]) -> list[str]:
    return sorted(others, key=lambda code: (measure_distance(syntax[target], syntax[code]), code))[:count]


def _choose_diverse(target: str, others: list[str], count: int, syntax: Mapping[str, int]) -> list[str]:
    def measure(one: str, other: str) -> float:
        return measure_distance(syntax[one], syntax[other])

    def spread(language: str, chosen: list[str]) -> float:
        return min(measure(language, one) for one in chosen)

    if count == 1:
        return _choose_nearest(target, others, 1, syntax)
    pairs = [(one, other) for one in others for other in others if one < other]
    chosen = list(max(pairs, key=lambda pair: (measure(*pair), [-ord(c) for c in "".join(pair)])))
    while len(chosen) < count:
        rest = [language for language in others if language not in chosen]
        chosen.append(max(rest, key=lambda language: (spread(language, chosen), [-ord(c) for c in language])))
    return chosen


def _choose_random(target: str, others: list[str], count: int) -> list[str]:
    return random.Random(f"random sources for {target} among {'+'.join(others)}").sample(others, count)
