"""lang2vec features of the languages of a scores table, in its own codes."""

import pytest

from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.common.errors import UserError
from isogloss.features.typology import compute_typology
from isogloss.runs.typology import compute_features


@pytest.mark.slow
def test_known_codes_have_the_features_that_typology_computes():
    expected = compute_typology(["de", "en", "sw"])
    assert compute_features(["de", "en", "sw"], Languages(), "scores.csv").equals(expected)
    found = compute_features(["DE", "Swahili", "eng_Latn", "qqq"], Languages(), "scores.csv")
    names = {"DE": "de", "Swahili": "sw", "eng_Latn": "en"}
    renamed = found.replace({"source": names, "target": names}).sort_values(["source", "target"], ignore_index=True)
    assert renamed.equals(expected)
    assert set(found["source"]) == set(names)


@pytest.mark.slow
def test_alemannic_of_wikiann_is_not_albanian():
    wiki = compute_features(["als", "de", "zh-yue"], Languages(), "scores.csv").set_index(["source", "target"])
    iso = compute_typology(["als", "de", "gsw"]).set_index(["source", "target"])
    assert wiki.loc[("als", "de"), "family"] == iso.loc[("gsw", "de"), "family"] != iso.loc[("als", "de"), "family"]


def test_languages_that_lang2vec_does_not_have():
    with pytest.raises(UserError, match=r"^s.csv: lang2vec has 0 of the 2 languages, and not 'stan1293'; write ISO"):
        compute_features(["stan1293", "stan1295"], Languages(), "s.csv")
    own = Languages({"stan1293": OwnLanguage(family="Indo-European")})
    assert compute_features(["stan1293", "stan1295"], own, "s.csv").empty


def test_two_spellings_of_a_language_are_refused():
    with pytest.raises(UserError, match=r"^s.csv: 'sw' and 'swa' are two codes for one language; write the same code"):
        compute_features(["de", "sw", "swa"], Languages(), "s.csv")
    assert set(compute_features(["zh", "zh-Hant", "de"], Languages(), "s.csv")["source"]) == {"zh", "zh-Hant", "de"}
