"""The lang2vec features of the languages of a scores table, in the codes that the table uses."""

import os
from collections.abc import Sequence

import pandas as pd

from isogloss.analysis.data.languages import Languages
from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES
from isogloss.features.typology import compute_typology
from isogloss.features.uriel import list_codes, list_known


def compute_features(codes: Sequence[str], languages: Languages, path: str | os.PathLike) -> pd.DataFrame:
    """Return the features of compute_typology for the languages of a scores table that lang2vec has.

    `codes` are the sorted languages of the table, and `languages` what they mean. Languages that lang2vec does not have
    get no rows. `path` is the file of the scores. Raises UserError for two codes of one language, and if fewer than two
    languages of the table are known and the user describes none.
    """
    _refuse_spellings(codes, languages, path)
    known = {code: name for code in codes if (name := _find_known(code, languages))}
    if len(known) < 2:
        if languages.own or len(codes) < 2:
            return pd.DataFrame(columns=["source", "target"])
        unknown = next(code for code in codes if code not in known)
        raise UserError(
            f"{path}: lang2vec has {len(known)} of the {len(codes)} languages, and not {unknown[:30]!r}; write ISO "
            "639 codes, or set --features to your own features, or --languages to a table of these languages"
        )
    table = compute_typology(sorted(known.values()))
    written = {name: code for code, name in known.items()}
    table = table.assign(source=table["source"].map(written), target=table["target"].map(written))
    return table.sort_values(["source", "target"], ignore_index=True)


def _find_known(code: str, languages: Languages) -> str:
    """Return the code by which lang2vec is asked for a language, or nothing if it does not have it.

    The code itself comes first, so that the features are those that `isogloss typology` computes for it.
    """
    meant = languages.meant.get(code, code)
    names = (meant,) if code in LANGUAGES else (code, meant)
    return next((name for name in names if name in list_known() or (name in LANGUAGES and list_codes(name))), "")


def _refuse_spellings(codes: Sequence[str], languages: Languages, path: str | os.PathLike) -> None:
    """Raise UserError for one language in two spellings, such as `EN` and `en`, which the analysis would keep apart."""
    seen: dict[str, str] = {}
    for code in codes:
        earlier = seen.setdefault(languages.meant.get(code, code), code)
        if earlier != code:
            raise UserError(
                f"{path}: {earlier!r} and {code!r} are two codes for one language; write the same code in all rows"
            )
