"""The lang2vec features of the languages of a scores table, in the codes that the table uses."""

import os
from collections.abc import Sequence

import pandas as pd

from isogloss.analysis.data.languages import WIKIPEDIA, Languages, parse_tag
from isogloss.common.errors import UserError
from isogloss.features.typology import compute_typology
from isogloss.features.uriel import list_codes


def compute_features(codes: Sequence[str], languages: Languages, path: str | os.PathLike) -> pd.DataFrame:
    """Return the features of compute_typology for the languages of a scores table that lang2vec has.

    `codes` are the sorted languages of the table, in any form that parse_tag reads. Languages that lang2vec does not
    have, and pairs of two codes for one language, have no rows. `languages` has the user's own languages; `path` is the
    file of the scores. Raises UserError for two spellings of one code, and if fewer than two languages of the table are
    known and the user describes none.
    """
    of_wikipedias = not WIKIPEDIA.keys().isdisjoint(codes)
    found = {code: language for code in codes if (language := _find_language(code, of_wikipedias))}
    _refuse_spellings(codes, path)
    wanted = sorted(set(found.values()))
    if len(wanted) < 2:
        unknown = next((code for code in codes if code not in found), "none")
        if languages.own or len(codes) < 2:
            return pd.DataFrame(columns=["source", "target"])
        raise UserError(
            f"{path}: lang2vec has {len(wanted)} of the {len(codes)} languages, and not {unknown[:30]!r}; write ISO "
            "639 codes, or set --features to your own features, or --languages to a table of these languages"
        )
    table = compute_typology(wanted)
    if all(code == language for code, language in found.items()):
        return table
    pairs = pd.DataFrame(
        [(one, other, found[one], found[other]) for one in found for other in found if found[one] != found[other]],
        columns=["source", "target", "of_source", "of_target"],
    )
    table = table.rename(columns={"source": "of_source", "target": "of_target"})
    table = pairs.merge(table, on=["of_source", "of_target"]).drop(columns=["of_source", "of_target"])
    return table.sort_values(["source", "target"], ignore_index=True)


def _find_language(code: str, of_wikipedias: bool) -> str:
    """Return the code by which lang2vec is asked for a language, or nothing if it does not have it."""
    tag = parse_tag(code)
    code = "gsw" if of_wikipedias and code == "als" else code
    for name in (code, tag.language if tag else ""):
        try:
            if name:
                list_codes(name)
                return name
        except UserError:
            continue
    return ""


def _refuse_spellings(codes: Sequence[str], path: str | os.PathLike) -> None:
    """Raise UserError for one language in two spellings, such as `EN` and `en`, which the analysis would keep apart.

    Two different codes of ISO 639-3 are not spellings of each other, even if they are listed for one language.
    """
    seen: dict[object, str] = {}
    for code in codes:
        tag = parse_tag(code)
        earlier = seen.setdefault(tag, code) if tag else code
        if earlier != code and not (len(earlier) == len(code) == 3 and earlier.lower() != code.lower()):
            raise UserError(
                f"{path}: {earlier!r} and {code!r} are two codes for one language; write the same code in all rows"
            )
