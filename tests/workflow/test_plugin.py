"""An installed package adds a task, family, corpus, feature, adaptation, statistic and figure: a study names them.

The package is the one that CONTRIBUTING.md and its pages show.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from documented import give_path
from studies import Workspace, make_study

from isogloss.common.files import read_json

STUDY = {
    "study": "additions",
    "languages": ["de", "en", "fi"],
    "tasks": {"casing": {"kind": "casing", "corpus": {"jsonl": {"folder": "data/casing"}}}},
    "models": {"words": {"family": "lookup"}},
    "transfer": {"sources": ["each"], "n": 60, "shots": [0, 4], "adaptation": ["upsampled"]},
    "training": {"words": {"min_count": 1, "repeats": 3}},
    "features": ["trigrams"],
    "analysis": {
        "permutations": 20,
        "primary": {"task": "casing", "model": "words", "shots": 0, "feature": "trigrams"},
        "statistics": ["directions"],
        "figures": ["targets"],
    },
}
ENTRIES = ["casing", "directions", "jsonl", "lookup", "targets", "trigrams", "upsampled"]
PLAN = """
import sys
from pathlib import Path
from isogloss.study.check import check_study
from isogloss.study.reading.yaml_file import read_config
study, runs, need = check_study(read_config("study.yaml"), Path())
heavy = {"torch", "transformers", "numpy", "pandas", "pyarrow", "seqeval", "matplotlib"}
heavy.add("isogloss_examples.lookup_model")
ours = sorted(name.partition(".")[2] for name in sys.modules if name.startswith("isogloss_examples."))
print(len(runs), *ours, sorted(heavy & {*sys.modules}))
"""
WATCH = """
import os, sys
from pathlib import Path
class Watch:
    def find_spec(self, name, *_):
        if name == "isogloss_examples.lookup_model":
            Path(os.environ["WATCHED"], f"imported-{os.getpid()}").touch()
sys.meta_path.insert(0, Watch())
"""
"""Python runs this when it starts: who imports the heavy module of the package leaves a file."""


@pytest.fixture
def added(additions, tmp_path, monkeypatch) -> Workspace:
    """A folder with a study that names every entry of the package; who imports its heavy module leaves a file there."""
    for language in STUDY["languages"]:
        rows = read_jsonl(additions, language)
        for row in rows:
            row["tags"] = ["upper" if word[0].isupper() else "lower" for word in row["tokens"]]
            row["tokens"] = [word.lower() for word in row["tokens"]]
        write_jsonl(additions, language, rows)
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch/sitecustomize.py").write_text(WATCH)
    monkeypatch.setenv("PYTHONPATH", give_path(tmp_path / "watch"))
    monkeypatch.setenv("WATCHED", str(additions.folder))
    additions.write(STUDY)
    return additions


def read_jsonl(added: Workspace, language: str) -> list[dict]:
    """Return the sentences that the data of CONTRIBUTING.md have of a language."""
    text = (added.folder / f"data/jsonl/{language}.jsonl").read_text(encoding="utf-8")
    return [json.loads(row) for row in text.splitlines()]


def write_jsonl(added: Workspace, language: str, rows: list[dict]) -> None:
    """Write the examples of a language for the task of the package."""
    path = added.folder / f"data/casing/{language}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def test_planning_imports_the_entries_and_nothing_heavy(added):
    done = subprocess.run([sys.executable, "-c", PLAN], cwd=added.folder, capture_output=True, text=True, check=True)
    assert done.stdout == f"15 {' '.join(ENTRIES)} []\n"
    planned = added.plan()
    assert (planned["corpus"], planned["finetune"], planned["transfer"], planned["adapt"]) == (3, 3, 9, 6)
    assert (planned["extra_feature"], planned["figure_targets"]) == (1, 1)
    assert sum(planned.values()) == count_jobs(added)
    assert list(added.folder.glob("imported-*")) == []


def count_jobs(added: Workspace) -> int:
    """Return the number of jobs that `isogloss plan` reports."""
    (total,) = (line for line in added.isogloss("plan", "study.yaml").text.splitlines() if "total" in line)
    return int(total.split()[1])


@pytest.mark.slow
def test_a_study_of_additions_goes_from_corpus_to_report(added):
    added.run()
    root = added.folder / "results/additions"
    assert list(added.folder.glob("imported-*"))
    record = read_json(root / "transfer/casing/words/en/n-60/fi/shots-4/upsampled/seed-1/metrics.json")
    assert (record["run"]["sources"], record["budget"]["adaptation"]["sentences"]) == (["en"], {"en": 60, "fi": 4 * 3})
    made = {role: (entry["package"], entry["name"], entry["version"]) for role, entry in record["entries"].items()}
    assert made == {
        "task": ("isogloss-examples", "casing", 1),
        "family": ("isogloss-examples", "lookup", 1),
        "adaptation": ("isogloss-examples", "upsampled", 1),
    }
    assert 0.5 < record["scores"]["accuracy"] < 1
    assert record["support"]["words"] == sum(
        len(row["tokens"]) for row in read_jsonl(added, "fi") if row["split"] == "test"
    )
    rows = [row for row in read_csv(root / "features/features.csv") if row["task"] == "casing"]
    values = {(row["source"], row["target"]): (row["trigrams"], row["overlap_target"] != "") for row in rows}
    assert len(values) == len(rows) == 6
    assert values["de", "en"] == values["en", "de"] == ("0.337394", True)
    assert {"trigrams", "syntax"} <= {row["feature"] for row in read_csv(root / "analysis/correlations.csv")}
    pairs = read_csv(root / "analysis/directions.csv")
    assert [(row["shots"], row["one"], row["other"]) for row in pairs] == [
        (shots, *pair) for shots in ("0", "4") for pair in (("de", "en"), ("de", "fi"), ("en", "fi"))
    ]
    (row,) = (row for row in pairs if (row["shots"], row["one"], row["other"]) == ("4", "en", "fi"))
    assert float(row["there"]) == pytest.approx(record["scores"]["accuracy"], abs=1e-5)
    assert float(row["difference"]) == pytest.approx(float(row["there"]) - float(row["back"]), abs=1e-5)
    figures = root / "figures/casing/words"
    assert (figures / "scatter-trigrams.svg").exists()
    assert (figures / "targets.png").stat().st_size > 5000
    report = (root / "report/index.html").read_text(encoding="utf-8")
    for shown in ("Example data: these scores say nothing about real text.", "targets.svg", "directions.csv"):
        assert shown in report
    assert added.plan() == {}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 0}, "config: tasks.casing.corpus.jsonl.limit: 0 is less than the minimum of 1"),
        ({"limt": 2}, "config: tasks.casing.corpus.jsonl: unknown key 'limt'; did you mean 'limit'?"),
        (
            {"folder": "data"},
            "corpus jsonl: data/de.jsonl does not exist; add it, or remove its language from the study",
        ),
    ],
)
def test_options_of_a_package_s_corpus_are_checked(added, options, message):
    corpus = {"jsonl": {"folder": "data/casing", **options}}
    added.write({**STUDY, "tasks": {"casing": {"kind": "casing", "corpus": corpus}}})
    refuse(added, message)


def test_what_a_package_s_corpus_refuses_of_a_kind_of_task_is_reported(added):
    write_jsonl(added, "en", [{"split": "train", "tokens": ["a"]}])
    needs = "['split', 'tags', 'tokens']; correct them or `kind`"
    refuse(added, f"data/casing/en.jsonl:1: the keys are ['split', 'tokens'], not {needs}")


def test_a_recipe_of_a_package_s_family_is_checked(added):
    added.write({**STUDY, "training": {"words": {"most": 1}}})
    refuse(added, "config: training.words: unknown key 'most'; choose from joint_share, min_count, repeats")


def refuse(workspace: Workspace, message: str) -> None:
    """Check that an error in a study is reported in one line."""
    told = workspace.isogloss("check", "study.yaml")
    assert told.status == 2
    assert told.text.startswith(f"isogloss: {message}")
    assert told.text.count("\n") == 1


FAMILY = "from isogloss.families import Family\n"
BROKEN = {
    "fails": ("import nowhere", "cannot be imported (ModuleNotFoundError: No module named 'nowhere'); correct or"),
    "lacks": (f"{FAMILY}FAMILY = Family('', True, False, False)", "has no module; correct the package"),
    "misnames": (
        f"{FAMILY}FAMILY = Family('a.b', True, False, False, statistics='a.b')",
        "statistics is 'a.b', not of the form module:function; correct the package",
    ),
    "other": ("FAMILY = 1", "is a int, not a isogloss.families.Family; correct the package"),
}


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Return packages that define a family each: broken ones, and one whose name is already used."""
    folder = tmp_path / "site"
    for name, (code, _) in {**BROKEN, "crf": ("", "")}.items():
        information = folder / f"toy_{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: toy-{name}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[isogloss.families]\n{name} = toy_{name}:FAMILY\n")
        (folder / f"toy_{name}.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", give_path(folder))
    return folder


@pytest.mark.parametrize("name", BROKEN)
def test_a_package_that_a_study_names_and_that_cannot_be_used_is_named(workspace, broken, name):
    workspace.write(make_study(models={"toy": {"family": name}}, training={}))
    colon = ":" if name == "misnames" else ""
    where = f"config: models.toy.family: package toy-{name}: family {name!r} (toy_{name}:FAMILY){colon}"
    refuse(workspace, f"{where} {BROKEN[name][1]}")


def test_a_package_that_a_study_does_not_name_is_no_error_of_it(workspace, broken):
    family = {"family": "bilstm-crf"}
    workspace.write(make_study(models={"network": family}, training={"network": {"adaptation_steps": {5: 2}}}))
    assert workspace.isogloss("check", "study.yaml").status == 0
    workspace.write(make_study())
    taken = (
        "package toy-crf: its family 'crf' has the same name as a family of isogloss; rename it in the package, or "
        "uninstall"
    )
    refuse(workspace, f"config: models.crf.family: {taken}")
