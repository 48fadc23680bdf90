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
    expected = compute_typology(["de", "en", "sw"])
    assert compute("de", "en", "sw").equals(expected)
    names = {"DE": "de", "Swahili": "sw", "eng_Latn": "en"}
    found = compute("DE", "Swahili", "eng_Latn", "qqq", "nah")
    renamed = found.replace({"source": names, "target": names}).sort_values(["source", "target"], ignore_index=True)
    assert renamed.equals(expected)
    assert set(found["source"]) == set(names)


@pytest.mark.slow
def test_a_code_of_lang2vec_is_taken_as_it_is():
    assert compute("eng", "swa").equals(compute_typology(["eng", "swa"]))


@pytest.mark.slow
def test_alemannic_of_wikiann_is_not_albanian():
    wiki = compute("als", "de", "zh-yue").set_index(["source", "target"])
    iso = compute_typology(["als", "de", "gsw"]).set_index(["source", "target"])
    assert wiki.loc[("als", "de"), "family"] == iso.loc[("gsw", "de"), "family"] != iso.loc[("als", "de"), "family"]


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
    assert set(compute("de", "zh", "zh-Hant")["source"]) == {"zh", "zh-Hant", "de"}
