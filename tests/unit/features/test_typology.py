"""Typological features compared with known values, and the pitfalls of lang2vec's data."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isogloss.common.errors import UserError
from isogloss.common.facts import Facts
from isogloss.features import FEATURES
from isogloss.features import typology as made
from isogloss.features.typology import compute_coverage, compute_typology, write_typology
from isogloss.features.uriel import FeatureSet, list_codes, locate_languages, read_feature_set

TEN = ("ar", "bn", "en", "fi", "id", "ru", "sw", "es", "de", "hi")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write both tables for the ten languages and four difficult ones, only once: reading lang2vec takes seconds."""
    folder = tmp_path_factory.mktemp("typology")
    write_typology([*TEN, "eu", "it", "ur", "et"], folder / "typology.csv", folder / "coverage.csv")
    return folder


@pytest.fixture(scope="module")
def all_pairs(written) -> pd.DataFrame:
    return pd.read_csv(written / "typology.csv").set_index(["source", "target"])


@pytest.fixture(scope="module")
def typology(all_pairs) -> pd.DataFrame:
    return all_pairs[[source in TEN and target in TEN for source, target in all_pairs.index]]


@pytest.fixture(scope="module")
def coverage(written) -> pd.DataFrame:
    table = pd.read_csv(written / "coverage.csv", keep_default_na=False)
    return table.set_index(["language", "feature_set"])


def test_every_ordered_pair_once(typology):
    assert len(typology) == 90
    assert typology.index.is_unique
    assert all(source != target for source, target in typology.index)


def test_columns_are_registered(typology):
    registered = [name for name, feature in FEATURES.own.items() if feature.module == "typology"]
    assert list(typology.columns) == [*registered, "morphology_imputed"]


def test_features_are_symmetric(typology):
    swapped = typology.swaplevel().reindex(typology.index)
    numbers = list(typology.columns[:-1])
    np.testing.assert_array_equal(typology[numbers], swapped[numbers])


def test_cosine_of_syntax_is_that_of_the_vectors(typology):
    syntax = read_feature_set("syntax", ["en", "de"])
    english, german = syntax.complete
    expected = english @ german / np.sqrt((english @ english) * (german @ german))
    assert syntax.complete.shape == (2, 103)
    assert typology.loc[("en", "de"), "syntax"] == pytest.approx(expected, abs=1e-6)
    assert typology.loc[("en", "de"), "syntax"] == pytest.approx(0.902542, abs=1e-6)


def test_arabic_and_swahili_are_not_the_same(typology):
    assert typology.loc[("ar", "sw"), "syntax"] == pytest.approx(0.679366, abs=1e-6)
    assert (typology["syntax"] < 0.95).all()


def test_the_code_with_more_observed_values_is_taken(coverage):
    assert coverage.loc[("ar", "phonology"), ["code", "observed", "total"]].tolist() == ["ara", 28, 28]
    assert coverage.loc[("ar", "family"), ["code", "observed"]].tolist() == ["arb", 6]
    assert coverage.loc[("et", "syntax"), ["code", "observed"]].tolist() == ["est", 80]


def test_observed_counts_of_syntax(coverage):
    observed = coverage.xs("syntax", level="feature_set")["observed"]
    assert observed["bn"] == 52
    assert {language: observed[language] for language in TEN if not 82 <= observed[language] <= 103} == {"bn": 52}
    assert (coverage["imputed"] == coverage["total"] - coverage["observed"]).all()


def test_identical_rows_are_noted(coverage):
    assert coverage.loc[("bn", "morphology"), "note"] == "same values as de en ru"
    assert coverage.loc[("it", "phonology"), "note"] == "same values as ru ur"
    assert coverage.loc[("eu", "family"), "note"].startswith("no family known")
    assert coverage.loc[("en", "syntax"), "note"] == ""


def test_morphology_of_bengali_is_marked_imputed(typology):
    imputed = typology[typology["morphology_imputed"] == "yes"]
    assert len(imputed) == 18
    assert all("bn" in pair for pair in imputed.index)
    assert imputed["morphology_observed"].isna().all()
    assert typology.loc[("en", "id"), "morphology"] == 5 / 8


def test_two_rows_of_filler_give_no_value():
    filler = np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    observed = np.array([[np.nan] * 3, [np.nan] * 3, [1.0, 1.0, 0.0]])
    values = FeatureSet("phonology", ("aa", "bb", "cc"), ("aaa", "bbb", "ccc"), ("x", "y", "z"), filler, observed)
    cosine = made._compare_complete(values, made._compare_cosine)
    assert np.isnan(cosine[0, 1])
    assert cosine[0, 2] == pytest.approx(0.5)


def test_coordinates_are_those_of_glottolog():
    known = {"en": (53, -1), "fi": (64.8, 25.6), "sw": (-8.3, 37.6), "bn": (24, 90), "id": (-7.3, 109.7)}
    x, y, z = locate_languages(read_feature_set("geographic", list(known))).T
    found = np.degrees(np.column_stack([np.arcsin(z), np.arctan2(y, x)]))
    np.testing.assert_allclose(found, list(known.values()), atol=0.2)


def test_great_circle_distance(typology):
    london_like, helsinki_like = np.radians([53.0, -1.0]), np.radians([64.76, 25.56])
    cosine = np.sin(london_like[0]) * np.sin(helsinki_like[0])
    cosine += np.cos(london_like[0]) * np.cos(helsinki_like[0]) * np.cos(helsinki_like[1] - london_like[1])
    expected = 6371.0088 * np.arccos(cosine)
    assert typology.loc[("en", "fi"), "geographic"] == pytest.approx(expected, abs=15)


def test_an_isolate_has_no_family_feature(all_pairs):
    assert np.isnan(all_pairs.loc[("eu", "en"), "family"])
    assert all_pairs.loc[("en", "de"), "family"] == pytest.approx(4 / np.sqrt(9 * 6), abs=1e-6)


def test_languages_without_observed_phonology_are_not_compared(all_pairs):
    assert np.isnan(all_pairs.loc[("it", "ur"), "phonology"])
    assert all_pairs.loc[("it", "ru"), "phonology"] == 1.0


def test_a_language_has_the_lang2vec_codes_of_the_table_and_of_lang2vec_itself():
    assert list_codes("ar") == ("arb", "ara")
    assert [list_codes(code) for code in ("ha", "hau", "swa", "nah")] == [("hau",), ("hau",), ("swa",), ()]
    with pytest.raises(UserError, match="unknown language 'xxq'"):
        list_codes("xxq")


def test_unknown_language_is_named():
    with pytest.raises(UserError, match="unknown language 'xx'"):
        compute_typology(["en", "xx"])


def test_a_language_that_lang2vec_lacks_has_no_values(tmp_path):
    write_typology(["nah", "en", "de"], tmp_path / "typology.csv", tmp_path / "coverage.csv")
    pairs = pd.read_csv(tmp_path / "typology.csv").set_index(["source", "target"])
    assert pairs.loc[("nah", "en")].drop("morphology_imputed").isna().all()
    assert pairs.loc[("de", "en"), ["syntax", "geographic"]].tolist() == pytest.approx([0.902542, 1059.4524], abs=1e-4)
    coverage = pd.read_csv(tmp_path / "coverage.csv", keep_default_na=False).set_index("language")
    assert (coverage.loc["nah", "observed"] == 0).all()


def test_the_command_finds_lang2vec_though_a_script_of_that_name_lies_beside_it(tmp_path):
    command = [Path(sys.executable).parent / "isogloss", "typology", "--languages", "de", "en"]
    command += ["--out", tmp_path / "typology.csv", "--coverage", tmp_path / "coverage.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "typology.csv").is_file()


def test_a_language_has_the_typological_values_of_the_one_that_is_like_it():
    facts = {"xyz": Facts(name="Xyzian", like="sw"), "en": Facts(like="de")}
    pairs = compute_typology(["xyz", "en", "sw", "hi"], facts).set_index(["source", "target"])
    usual = compute_typology(["de", "sw", "hi"]).set_index(["source", "target"])
    sets = ["syntax", "phonology", "inventory", "morphology"]
    assert pairs.loc[("xyz", "hi"), sets].tolist() == usual.loc[("sw", "hi"), sets].tolist()
    assert pairs.loc[("en", "hi"), sets].tolist() == usual.loc[("de", "hi"), sets].tolist()
    assert pairs.loc[("xyz", "sw"), sets].tolist() == [1.0] * 4
    assert pairs.loc["xyz", ["family", "geographic", *(f"{name}_observed" for name in sets)]].isna().all(axis=None)
    assert (pairs.loc["xyz", "morphology_imputed"] == "yes").all()
    own = compute_typology(["en", "sw", "hi"]).set_index(["source", "target"])
    assert pairs.loc[("en", "hi"), "geographic"] == own.loc[("en", "hi"), "geographic"]


def test_coverage_says_whose_values_a_language_has():
    facts = {"xyz": Facts(name="Xyzian", like="sw"), "qaa": Facts(name="Own")}
    table = compute_coverage(["xyz", "qaa", "hi"], facts).set_index(["language", "feature_set"])
    columns = ["code", "observed", "total", "imputed", "note"]
    note = "values of Swahili (sw), as the study says"
    assert table.loc[("xyz", "syntax"), columns].tolist() == ["swh", 0, 103, 103, note]
    without = "lang2vec does not have this language; the feature is empty"
    assert table.loc[("xyz", "geographic"), columns].tolist() == ["", 0, 299, 0, without]
    assert table.loc[("qaa", "syntax"), columns].tolist() == ["", 0, 103, 0, without]
