"""Sizes of corpora in a study: `n: max`, shortages of all languages at once, and languages with a test split only."""

import pytest
from reading import write
from studies import make_study

from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES
from isogloss.planning.plan import count_jobs
from isogloss.study.check import check_study
from isogloss.study.grid import find_largest

SIZES = {"de": 30, "en": 20, "fi": 12}


def make_local(folder, sizes=SIZES, transfer=None, **changes) -> dict:
    """Return a study of a local corpus whose languages have these numbers of training sentences; 0 for none."""
    for language, size in sizes.items():
        write(folder / language / "test.tsv", f"test {language}\tB-LOC\n")
        if size:
            words = "\n".join(f"{language}{number}\tB-PER\n" for number in range(size))
            write(folder / language / "train.tsv", words)
            write(folder / language / "dev.tsv", f"dev {language}\tB-LOC\n")
    ner = {"kind": "ner", "corpus": {"local": str(folder)}}
    transfer = {"sources": ["each"], "n": 10, "shots": [0], **(transfer or {})}
    return make_study(languages=list(sizes), tasks={"ner": ner}, transfer=transfer, **changes)


def check(tmp_path, **transfer):
    return check_study(make_local(tmp_path / "data", transfer=transfer), tmp_path)


@pytest.mark.parametrize(
    ("transfer", "expected"),
    [
        ({}, {12}),
        ({"n": [5, "max"]}, {5, 12}),
        ({"sources": [["en"]]}, {20}),
        ({"sources": ["all-others"]}, {24, 25}),  # fi has 12, and the other source takes the rest
        ({"sources": ["all-others"], "budgets": ["equal-per-source"]}, {24}),  # 12 of each of two sources
        ({"sources": ["all-others"], "targets": ["fi"]}, {40, 41}),  # 20 of en, and 20 or 21 of de
    ],
)
def test_n_max_is_the_largest_for_which_every_source_set_has_enough(tmp_path, transfer, expected):
    checked = check(tmp_path, **{"n": "max", **transfer})
    assert {run.n for run in checked.runs} <= expected
    assert max(run.n for run in checked.runs) >= min(expected)
    need = {code: needed["source"] for code, needed in checked.need["ner"].items()}
    assert all(need[code] <= SIZES[code] for code in need)
    assert any(need[code] == SIZES[code] for code in need)


def test_n_max_is_refused_where_sizes_are_known_only_after_a_download(tmp_path):
    study = make_study(transfer={"sources": ["each"], "n": "max", "shots": [0]})
    study["tasks"]["ner"]["corpus"] = {"hub": {"dataset": "google/xtreme"}}
    message = "transfer.n: max needs the number of training sentences, but it is not known before .* give a number"
    with pytest.raises(UserError, match=message):
        check_study(study, tmp_path)


@pytest.mark.parametrize(
    ("sets", "budgets", "expected"),
    [
        ([("a",)], ["equal-total"], 7),
        ([("a",), ("b",)], ["equal-total"], 5),
        ([("a", "b")], ["equal-total"], 11),
        ([("b", "c")], ["equal-total"], 10),
        ([("a", "b", "c")], ["equal-total"], 16),
        ([("a", "b")], ["equal-per-source"], 5),
        ([("a", "b")], ["equal-total", "equal-per-source"], 5),
        ([("a", "empty")], ["equal-total"], 1),
        ([("empty",)], ["equal-total"], 0),
        ([], ["equal-total"], 0),
    ],
)
def test_the_largest_n_that_works(sets, budgets, expected):
    assert find_largest(sets, budgets, {"a": 7, "b": 5, "c": 5, "empty": 0}) == expected


def test_shortages_of_all_languages_are_told_at_once_with_the_n_that_works(tmp_path):
    with pytest.raises(UserError) as refused:
        check(tmp_path, n=25)
    line = str(refused.value)
    assert line == (
        "config: tasks.ner: transfer.n: training sentences after the audit: en has 20 of 25, fi has 12 of 25; "
        "set n to 12 or less, or n: max"
    )
    assert len(check(tmp_path, n=12).runs) == 9


def test_shortages_of_shots_are_told_with_the_shots_that_work(tmp_path):
    message = (
        r"transfer.shots: training sentences after the audit: en has 20 of 25, fi has 12 of 25; set shots to 12 or"
    )
    with pytest.raises(UserError, match=message):
        check(tmp_path, n=10, shots=[0, 25])
    assert check(tmp_path, n=10, shots=[0, 12]).need["ner"]["fi"]["shots"] == 12


@pytest.mark.parametrize(("count", "rest"), [(20, ""), (40, " more")])
def test_a_shortage_of_many_languages_is_one_short_line(tmp_path, count, rest):
    codes = [code for code in LANGUAGES if len(code) == 2][:count]
    with pytest.raises(UserError) as refused:
        check_study(make_local(tmp_path / "data", dict.fromkeys(codes, 5), {"n": 25}), tmp_path)
    line = str(refused.value)
    assert f"of 25 needed, {codes[0]} has 5, {codes[1]} 5, " in line and "set n to 5 or less, or n: max" in line
    assert len(line) <= 300 and (" more;" in line) == bool(rest)


@pytest.fixture
def tested(tmp_path):
    """Return a checked study in which fi has a test split and no other."""
    study = make_local(tmp_path / "data", {**SIZES, "fi": 0}, {"sources": ["each", "none"], "shots": [0, 5]})
    return check_study(study, tmp_path)


def test_a_language_with_a_test_split_only_is_a_target_without_shots_and_never_a_source(tested):
    assert {run.target for run in tested.runs} == {"de", "en", "fi"}
    assert {code for run in tested.runs for code in run.sources} == {"de", "en"}
    assert {run.shots for run in tested.runs if run.target == "fi"} == {0}
    assert {run.sources for run in tested.runs if run.target == "fi"} == {("de",), ("en",)}
    assert "tasks.ner: only a test split, so targets without shots: fi" in tested.study.notes
    assert count_jobs(tested.study, tested.runs)["finetune"] == 2


def test_a_study_whose_sources_have_no_training_is_refused(tmp_path):
    study = make_local(tmp_path / "data", {"de": 0, "en": 0, "fi": 0})
    with pytest.raises(UserError, match="de en fi have only a test split and cannot be sources") as refused:
        check_study(study, tmp_path)
    assert "\n" not in str(refused.value) and len(str(refused.value)) <= 300


def test_a_target_without_entities_and_what_was_left_out_are_notes_of_the_study(tmp_path):
    study = make_local(tmp_path / "data")
    write(tmp_path / "data" / "en" / "test.tsv", "# a comment\nen:none\tO\nen:here\tO\n")
    notes = check_study(study, tmp_path).study.notes
    assert "tasks.ner.corpus: en: test: no entity in 1 sentences; this target has no score" in notes
    assert "tasks.ner.corpus: en: test: words with the prefix 'en:', which was removed: 2" in notes
    assert not any("comment lines" in note for note in notes)
