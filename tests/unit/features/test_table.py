"""Reading and merging feature tables, and their errors."""

import sys
from types import ModuleType

import pandas as pd
import pytest

from isogloss.common.errors import UserError
from isogloss.features import FEATURES, Feature, find_feature
from isogloss.features.extra import write_feature
from isogloss.features.table import merge_features, read_features, write_features


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_tables_are_merged_by_pair(tmp_path):
    one = write(tmp_path / "one.csv", "source,target,x,x_imputed", "en,de,1,yes", "de,en,2,no")
    two = write(tmp_path / "two.csv", "source,target,y", "en,de,0.5", "fi,en,")
    merged = merge_features([one, two])
    assert list(merged.columns) == ["source", "target", "x", "y"]
    assert merged["source"].tolist() == ["de", "en", "fi"]
    assert merged["x"].tolist()[:2] == [2.0, 1.0]
    assert merged["y"].isna().tolist() == [True, False, True]


def test_tables_of_a_task_and_a_model_carry_its_name(tmp_path):
    common = write(tmp_path / "typology.csv", "source,target,syntax", "en,de,0.9")
    of_task = write(tmp_path / "ner" / "overlap.csv", "source,target,overlap_target", "en,de,0.2")
    of_model = write(tmp_path / "ner" / "mini" / "subword.csv", "source,target,subword_overlap_target", "en,de,0.4")
    write_features([common], [of_task], [of_model], tmp_path / "features.csv")
    table = read_features(tmp_path / "features.csv")
    assert table[["task", "model"]].to_numpy().tolist() == [["", ""], ["ner", ""], ["ner", "mini"]]
    assert table["subword_overlap_target"].tolist()[2] == 0.4
    assert pd.isna(table["syntax"].tolist()[2])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["source,goal,x", "en,de,1"], "no column 'target', the first columns are ['source', 'goal', 'x']; add"),
        (["source,target,x", "en,de,1", "fi,de,much"], ":3: x is 'much'"),
        (["source,target,x", "en,de,inf"], ":2: x is 'inf'"),
        (["source,target,x", "en,de,NaN"], ":2: x is 'NaN', not a finite number; correct it or leave it empty"),
        (["source,target,x", "", "en,,1"], ":3: target is empty"),
        (["source,target,x", "en,de,1", "en,de,2"], ":3: the pair en,de occurs twice"),
        (["source,target,distance", "ar,sw,0", "ar,en,0.4"], "distance of ar and sw is 0"),
        (
            ["source,target,syntax_distance", "ar,sw,.1", "ar,en,.4", "sw,en,.4", "ar,de,.3", "sw,de,.3", "de,en,.2"],
            "ar and sw have identical rows",
        ),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, lines, said):
    path = write(tmp_path / "table.csv", *lines)
    with pytest.raises(UserError) as refusal:
        read_features(path)
    assert said in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_one_column_in_two_tables_is_refused(tmp_path):
    paths = [write(tmp_path / f"{name}.csv", "source,target,x", "en,de,1") for name in "ab"]
    with pytest.raises(UserError, match="column 'x' is also in an earlier feature table"):
        merge_features(paths)


def test_registry_tells_direction_and_subwords():
    assert find_feature("overlap_target").direction == "target"
    assert find_feature("overlap_source").direction == "source"
    assert [name for name, feature in FEATURES.own.items() if feature.subword] == [
        "subword_overlap_target",
        "subword_overlap_source",
    ]
    with pytest.raises(UserError, match="unknown feature 'colour'"):
        find_feature("colour")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("de", "en", 0.5), ("de", "en", 0.5)], "returned two values of de and en"),
        ([("de", "de", 1.0)], "returned a value of de and de, which is not a pair of this study"),
        ([("de", "fi", 1.0)], "returned a value of de and fi, which is not a pair of this study"),
        ([("de", "en", float("nan"))], "the value of de and en is nan, not a finite number"),
        ([("de", "en", "near")], "the value of de and en is 'near', not a finite number"),
        ([("de", "en")], r"returned \('de', 'en'\), not \(source, target, value\)"),
    ],
)
def test_values_of_a_feature_that_is_computed_by_itself_are_checked(tmp_path, monkeypatch, rows, message):
    module = ModuleType("toy_feature")
    module.compute = lambda languages, text: rows
    monkeypatch.setitem(sys.modules, "toy_feature", module)
    monkeypatch.setitem(FEATURES.own, "toy", Feature("a toy", "symmetric", 0, compute="toy_feature:compute"))
    with pytest.raises(UserError, match=rf"^package isogloss: feature 'toy': {message}; correct the package$"):
        write_feature("toy", ["de", "en"], {}, tmp_path / "toy.csv")
    assert list(tmp_path.iterdir()) == []
    rows[:] = [("en", "de", 1 / 3), ("de", "en", 2)]
    write_feature("toy", ["de", "en"], {}, tmp_path / "toy.csv")
    assert (tmp_path / "toy.csv").read_text() == "source,target,toy\nde,en,2.0\nen,de,0.333333\n"
