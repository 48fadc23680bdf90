"""Overlap of training types, and the direction of each number."""

import pandas as pd
import pytest

from isogloss.common.examples import TaggedSentence, write_examples
from isogloss.features.overlap import compute_overlap, write_overlap

TYPES = {"en": {"a", "b", "c", "d"}, "de": {"a", "b"}, "fi": set()}


def test_overlap_is_counted_in_the_target_and_in_the_source():
    table = compute_overlap(TYPES).set_index(["source", "target"])
    assert len(table) == 6
    assert table.loc[("en", "de")].to_dict() == {"overlap_target": 1.0, "overlap_source": 0.5}
    assert table.loc[("de", "en")].to_dict() == {"overlap_target": 0.5, "overlap_source": 1.0}


def test_a_language_without_types_has_no_share():
    table = compute_overlap(TYPES).set_index(["source", "target"])
    assert table.loc[("fi", "en"), "overlap_target"] == 0
    assert pd.isna(table.loc[("fi", "en"), "overlap_source"])


@pytest.fixture
def corpora(tmp_path):
    sentences = {"en": ("Anna", "lives", "here"), "de": ("Anna", "lebt", "hier")}
    for language, tokens in sentences.items():
        example = TaggedSentence(f"{language}-0", language, tokens, ("B-PER", "O", "O"))
        write_examples(tmp_path / f"{language}.parquet", [example], TaggedSentence)
    return {language: tmp_path / f"{language}.parquet" for language in sentences}


def test_words_of_written_corpora(corpora, tmp_path):
    write_overlap(corpora, tmp_path / "overlap.csv")
    table = pd.read_csv(tmp_path / "overlap.csv")
    assert list(table.columns) == ["source", "target", "overlap_target", "overlap_source"]
    assert table["overlap_target"].tolist() == [0.333333, 0.333333]


def test_subwords_come_from_the_tokeniser_given(corpora, tmp_path):
    write_overlap(corpora, tmp_path / "subword.csv", tokenise=lambda texts: [list(text) for text in texts])
    table = pd.read_csv(tmp_path / "subword.csv").set_index(["source", "target"])
    english, german = set("Anna lives here"), set("Anna lebt hier")
    shared = len(english & german)
    assert table.loc[("en", "de"), "subword_overlap_target"] == pytest.approx(shared / len(german), abs=1e-6)
    assert table.loc[("en", "de"), "subword_overlap_source"] == pytest.approx(shared / len(english), abs=1e-6)
