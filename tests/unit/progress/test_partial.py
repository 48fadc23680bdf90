"""Partial results are made of the records there are; they say what is missing, and nothing breaks them."""

import csv
import json

import pytest
from studies import make_study

from isogloss.progress.jobs import describe_run
from isogloss.progress.partial import write_partial
from isogloss.provenance.seal import seal
from isogloss.study.check import check_study


@pytest.fixture
def part(tmp_path):
    """Return a study, its runs, and a function that writes the records of some runs."""
    languages = ["de", "en", "fi", "sw"]
    study, runs, _ = check_study(make_study(languages=languages), tmp_path)
    results = tmp_path / study.root

    def make(done):
        for place, run in enumerate(done):
            (results / run.folder).mkdir(parents=True)
            record = {"run": run.describe(), "scores": {"f1": 0.2 + place / 100}}
            (results / run.folder / "metrics.json").write_text(json.dumps(record), encoding="utf-8")

    return study, runs, make


def add_features(results):
    codes = ["de", "en", "fi", "sw"]
    pairs = [(source, target) for source in codes for target in codes]
    rows = [f"{source},{target},0.{place}\n" for place, (source, target) in enumerate(pairs)]
    (results / "features").mkdir(parents=True)
    (results / "features" / "features.csv").write_text("source,target,syntax\n" + "".join(rows), encoding="utf-8")
    languages = "code,name,script,family\n" + "".join(f"{code},{code},Latin,family\n" for code in codes)
    (results / "features" / "languages.csv").write_text(languages, encoding="utf-8")


@pytest.mark.slow
def test_the_first_line_names_what_is_missing_and_the_rest_is_made_of_the_others(part, tmp_path):
    study, runs, make = part
    results = tmp_path / study.root
    lost = [run for run in runs if run.target == "fi" and run.sources == ("en",)]
    make([run for run in runs if run not in lost])
    add_features(results)
    line = write_partial(study, runs, tmp_path, "Not real.")
    assert line == f"PARTIAL: 2 of {len(runs)} runs are missing; tables and figures of the others: " + (
        f"{study.root}/partial/report/index.html"
    )
    names = "; ".join(map(describe_run, lost))
    first = f"PARTIAL: 2 of {len(runs)} runs are missing: {names}"
    folder = results / "partial"
    summary = (folder / "analysis/summary.md").read_text(encoding="utf-8")
    unverified = f"{len(runs) - 2} records have no digests, so they are not verified."
    assert summary.splitlines()[:5] == [first, "", unverified, "", "# Summary"]
    assert "Left out" not in summary
    page = (folder / "report/index.html").read_text(encoding="utf-8")
    assert f"<h1>small (PARTIAL: 2 of {len(runs)} runs are missing)</h1>" in page
    assert names.replace(">", "&gt;") in page
    drawn = {path.name for path in (folder / "report/figures/ner/crf").glob("*.svg")}
    assert drawn >= {"matrix-shots-0.svg", "scatter-syntax.svg", "coefficients.svg", "few-shot.svg"}
    assert "2 of 32 runs are missing" in (folder / "figures/ner/crf/matrix-shots-0.svg").read_text(encoding="utf-8")
    cells = list(csv.DictReader((folder / "analysis/matrices.csv").open(encoding="utf-8")))
    known = {(row["source"], row["target"], row["shots"]) for row in cells}
    assert len(cells) > 20 and not known & {("en", "fi", "0"), ("en", "fi", "5")}
    assert not (results / "analysis").exists() and not (results / "report").exists()


@pytest.mark.slow
def test_without_features_what_needs_them_is_left_out_and_named(part, tmp_path):
    study, runs, make = part
    make(runs[:-1])
    write_partial(study, runs, tmp_path, "")
    folder = tmp_path / study.root / "partial"
    lines = (folder / "analysis/summary.md").read_text(encoding="utf-8").splitlines()
    missing = f"what relates scores to features: {study.root}/features/features.csv does not exist yet"
    assert lines[4] == "Left out:" and f"- {missing}" in lines
    assert (folder / "analysis/matrices.csv").is_file()
    assert (folder / "figures/ner/crf/matrix-shots-0.svg").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one pair", "in-language", "target-only"])
def test_one_record_of_any_kind_is_enough(part, tmp_path, kind):
    study, runs, make = part
    chosen = {
        "one pair": [run for run in runs if run.sources and not run.in_language],
        "in-language": [run for run in runs if run.in_language],
        "target-only": [run for run in runs if not run.sources],
    }
    make(chosen[kind][:1])
    add_features(tmp_path / study.root)
    line = write_partial(study, runs, tmp_path, "")
    assert line.startswith(f"PARTIAL: {len(runs) - 1} of {len(runs)} runs are missing;")
    folder = tmp_path / study.root / "partial"
    first = (folder / "report/index.html").read_text(encoding="utf-8")
    assert f"and {len(runs) - 11} more in missing.csv" in first
    assert len(list(csv.reader((folder / "missing.csv").open(encoding="utf-8")))) == len(runs)
    scores = list(csv.DictReader((folder / "analysis/scores.csv").open(encoding="utf-8")))
    assert [row["score"] for row in scores] == ["0.2"]


def test_without_a_record_there_are_two_lists_and_one_line_says_so(part, tmp_path):
    study, runs, make = part
    make(runs[:1])
    (tmp_path / study.root / runs[0].folder / "metrics.json").write_text("{", encoding="utf-8")
    line = write_partial(study, runs, tmp_path, "")
    assert line == f"No tables or figures: none of the {len(runs)} runs has a record that can be read"
    folder = tmp_path / study.root / "partial"
    assert sorted(path.name for path in folder.iterdir()) == ["failed.csv", "missing.csv"]
    assert len((folder / "missing.csv").read_text(encoding="utf-8").splitlines()) == 1 + len(runs)


@pytest.mark.slow
def test_a_record_that_does_not_fit_is_missing_and_named(part, tmp_path):
    study, runs, make = part
    make(runs)
    path = tmp_path / study.root / runs[3].folder / "metrics.json"
    path.write_text("{", encoding="utf-8")
    other = tmp_path / study.root / runs[4].folder / "metrics.json"
    other.write_text(json.dumps({"run": runs[5].describe(), "scores": {"f1": 1.0}}), encoding="utf-8")
    empty = tmp_path / study.root / runs[6].folder / "metrics.json"
    empty.write_text(json.dumps({"run": runs[6].describe()}), encoding="utf-8")
    stale = tmp_path / study.root / runs[7].folder / "metrics.json"
    record = {"run": runs[7].describe(), "scores": {"f1": 0.5}}
    stale.write_text(json.dumps(seal(record, stale.parent, [], {"another": "recipe"}, {})), encoding="utf-8")
    line = write_partial(study, runs, tmp_path, "")
    assert line.startswith(f"PARTIAL: 4 of {len(runs)} runs are missing;")
    rows = list(csv.DictReader((tmp_path / study.root / "partial/missing.csv").open(encoding="utf-8")))
    assert [row["reason"].partition(" (")[0] for row in rows] == [
        f"{path}: the record is truncated or damaged",
        f"{other}: the record of another run",
        f"{stale}: was made by another recipe than the study has now; delete {stale} and run the study again, or see "
        "`isogloss verify`",
        f"{empty}: not a record of a run",
    ]


@pytest.mark.slow
def test_if_all_records_are_there_but_no_tables_the_first_line_says_so(part, tmp_path):
    study, runs, make = part
    make(runs)
    line = write_partial(study, runs, tmp_path, "")
    assert line.startswith(f"PARTIAL: all {len(runs)} runs are done, but the tables, the figures or the page are not;")
