"""Columns of a scores table by any of their usual names."""

from pathlib import Path

import pytest

from isogloss.analysis.files.columns import FALLBACKS, REQUIRED, SYNONYMS, place_columns, simplify
from isogloss.analysis.files.text import read_cells
from isogloss.common.errors import UserError


def place(tmp_path, text):
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    return place_columns(Path("s.csv"), read_cells(path, "scores"))


@pytest.mark.parametrize("role", REQUIRED)
def test_every_synonym_is_read(tmp_path, role):
    for name in [role, *SYNONYMS[role].split(), *FALLBACKS[role].split()]:
        header = "comment,source,target,score".replace(role, name.upper().replace("_", " "))
        assert place(tmp_path, f"{header}\nx,en,de,0.5\n") == {"source": 1, "target": 2, "score": 3}, name


def test_a_name_can_have_capitals_spaces_hyphens_and_units():
    names = ("Train-Lang", " TRAIN LANG ", "train.lang", "Train Lang (ISO 639)")
    assert {simplify(name) for name in names} == {"train_lang"}
    assert [simplify(name) for name in ("F1 (%)", "F1 [%]", "F1 %", "F1")] == ["f1"] * 4


@pytest.mark.parametrize(
    ("header", "row", "places"),
    [
        ("score,f1,source,target", "0.5,0.1,en,de", {"score": 0, "source": 2, "target": 3}),
        ("source,train,test,target,score", "en,10,20,de,0.5", {"source": 0, "target": 3, "score": 4}),
        (",source,target,score,Seed,seed", "0,en,de,0.5,a,1", {"source": 1, "target": 2, "score": 3, "seed": 5}),
        ("source,target,score,Model", "en,de,0.5,m", {"source": 0, "target": 1, "score": 2, "model": 3}),
        ("source,to,src", "de,0.5,0.25", {"source": 0}),
    ],
)
def test_the_most_exact_name_comes_first(tmp_path, header, row, places):
    assert place(tmp_path, f"{header}\n{row}\n") == places


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,src,target,score\nen,en,de,0.5\n", "the columns 'source' and 'src' both mean source; rename the one"),
        ("source,target,f1,acc\nen,de,0.5,0.6\n", "the columns 'f1' and 'acc' both mean score; rename the one that is"),
        ("source,target,score,score\nen,de,0.5,0.6\n", "the columns 'score' and 'score' both mean score; rename"),
        ("source,target,score,seed,Seed,seed\nen,de,0.5,1,1,1\n", "two columns are called 'seed'; rename one of them"),
    ],
)
def test_two_columns_of_one_meaning_are_refused(tmp_path, text, said):
    with pytest.raises(UserError, match=rf"^s.csv: {said}"):
        place(tmp_path, text)
