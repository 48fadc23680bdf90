"""lang2vec features of the languages of a scores table, in its own codes."""

import pytest

from isogloss.analysis.data.languages import Languages, OwnLanguage, recognise_codes
from isogloss.common.errors import UserError
from isogloss.features.typology import compute_typology
from isogloss.runs.typology import compute_features


def compute(*codes, own=None):
    return compute_features(codes, Languages(own or {}, recognise_codes(codes)), "s.csv")


@pytest.mark.slow
def test_a_language_has_the_features_that_typology_computes():
    """Codes of lang2vec are taken as they are; als is Alemannic German in a table with codes of Wikipedias."""
    names = {"DE": "de", "Swahili": "sw", "eng": "eng", "als": "gsw", "zh-yue": "yue", "zh": "zh", "zh-Hant": "zh-Hant"}
    found = compute(*names, "qqq", "nah")
    assert set(found["source"]) == set(names)
    renamed = found.replace({"source": names, "target": names}).sort_values(["source", "target"], ignore_index=True)
    assert renamed.equals(compute_typology([*names.values()]))


def test_languages_that_lang2vec_does_not_have():
    with pytest.raises(UserError, match=r"^s.csv: lang2vec has 0 of the 2 languages, and not 'stan1293'; write ISO"):
        compute("stan1293", "stan1295")
    assert compute("stan1293", "stan1295", own={"stan1293": OwnLanguage(family="Indo-European")}).empty


def test_two_codes_of_a_language_are_refused():
    for one, other in (("sw", "swa"), ("EN", "en"), ("German", "de")):
        with pytest.raises(
            UserError, match=rf"^s.csv: '{one}' and '{other}' are two codes for one language; write the"
        ):
            compute(one, other, "fi")
