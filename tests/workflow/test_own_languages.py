"""A study that defines a language and corrects another: the facts reach plans, features, tables and figures."""

import csv

from studies import make_study

SENTENCE = "{0}{3}\tB-PER\n{1}\tO\n{2}{3}\tB-LOC\n\n"
WORDS = {"de": ("Anna", "traf", "Ulm"), "fi": ("Aino", "tapasi", "Oulu"), "xyz": ("ሰላም", "ነው", "አዲስ")}
OWN = {"code": "xyz", "name": "Xyzian", "family": "Own Family", "like": "fi"}


def read_rows(path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


def test_the_facts_of_a_study_reach_its_results(workspace):
    for language, words in WORDS.items():
        folder = workspace.folder / "corpus" / language
        folder.mkdir(parents=True)
        for split, numbers in (("train", range(20)), ("dev", range(30, 33)), ("test", range(40, 46))):
            lines = "".join(SENTENCE.format(*words, number) for number in numbers)
            (folder / f"{split}.tsv").write_text(lines, encoding="utf-8")
    workspace.write(
        make_study(
            languages=[{"code": "de", "name": "Own German"}, "fi", OWN],
            tasks={"ner": {"kind": "ner", "corpus": {"local": "corpus"}}},
            transfer={"sources": ["each", "nearest-1"], "n": 10, "shots": [0]},
        )
    )
    results = workspace.folder / "results/small"
    workspace.run(*(f"results/small/{path}" for path in ("figures/ner/crf/matrix-shots-0.svg", "analysis/summary.md")))
    assert (results / "transfer/ner/crf/fi/n-10/xyz").is_dir()
    languages = read_rows(results / "features/languages.csv")
    assert languages["xyz"] == {**OWN, "script": "Ethiopic", "script_assumed": "no"}
    assert languages["de"]["name"] == "Own German" and languages["de"]["family"] == "Indo-European"
    coverage = list(csv.DictReader((results / "features/coverage.csv").open(encoding="utf-8", newline="")))
    notes = {row["feature_set"]: row["note"] for row in coverage if row["language"] == "xyz"}
    assert notes["syntax"] == "values of Finnish (fi), as the study says; same values as fi"
    figure = (results / "figures/ner/crf/matrix-shots-0.svg").read_text(encoding="utf-8")
    for label in ("Xyzian (Ethiopic)  xyz", "Own Family", "Own German (Latin)  de"):
        assert label in figure
