"""An installed package adds a task, family, corpus, feature and adaptation, and a study can use them by name."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from studies import PROJECT, Workspace, make_study

from isogloss.common.files import read_json

STUDY = {
    "study": "toys",
    "languages": ["de", "en", "fi", "sw"],
    "tasks": {"counting": {"kind": "count", "corpus": {"ada": {}}}},
    "models": {"toy": {"family": "mode"}},
    "transfer": {"sources": ["each"], "n": 12, "shots": [0, 4], "adaptation": ["repeated"]},
    "training": {"toy": {"least": 2, "repeats": 3}},
    "features": ["alphabet"],
    "analysis": {
        "permutations": 20,
        "primary": {"task": "counting", "model": "toy", "shots": 0, "feature": "alphabet"},
    },
}
PLAN = """
import sys
from pathlib import Path
from isogloss.study.check import check_study
from isogloss.study.config import read_config
study, runs, need = check_study(read_config("study.yaml"), Path())
heavy = {"torch", "transformers", "numpy", "pandas", "pyarrow", "seqeval", "isogloss_toys.heavy"}
print(len(runs), "isogloss_toys.entries" in sys.modules, sorted(heavy & {*sys.modules}))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """Return the folder in which the package of toys is installed."""
    folder = tmp_path_factory.mktemp("package")
    source = shutil.copytree(PROJECT / "tests" / "plugin", folder / "source")
    install = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", folder / "site", source]
    subprocess.run([sys.executable, "-m", *map(str, install)], check=True)
    return folder / "site"


@pytest.fixture
def toys(workspace, package, monkeypatch) -> Workspace:
    """Return a folder with a study that uses the package's entries; importing its heavy module writes a file there."""
    find(package, monkeypatch)
    monkeypatch.setenv("ISOGLOSS_TOYS", str(workspace.folder))
    workspace.write(STUDY)
    return workspace


def find(folder: Path, monkeypatch) -> None:
    """Make commands find the packages in a folder."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]))


def test_planning_imports_the_entries_and_nothing_heavy(toys):
    done = subprocess.run([sys.executable, "-c", PLAN], cwd=toys.folder, capture_output=True, text=True, check=True)
    assert done.stdout == "28 True []\n"
    planned = toys.plan()
    assert (planned["corpus"], planned["finetune"], planned["transfer"], planned["adapt"]) == (4, 4, 16, 12)
    assert planned["extra_feature"] == 1
    assert sum(planned.values()) == count_jobs(toys)
    assert list(toys.folder.glob("imported-*")) == []


def count_jobs(toys: Workspace) -> int:
    """Return the number of jobs that `isogloss plan` prints."""
    (total,) = (line for line in toys.isogloss("plan", "study.yaml").text.splitlines() if "total" in line)
    return int(total.split()[1])


def test_a_study_of_toys_goes_from_corpus_to_report(toys):
    toys.run()
    root = toys.folder / "results/toys"
    assert list(toys.folder.glob("imported-*"))
    record = read_json(root / "transfer/counting/toy/en/n-12/fi/shots-4/repeated/seed-1/metrics.json")
    assert (record["run"]["sources"], record["budget"]["adaptation"]["sentences"]) == (["en"], {"fi": 4 * 3})
    made = {role: (entry["package"], entry["name"], entry["version"]) for role, entry in record["entries"].items()}
    assert made == {
        "task": ("isogloss-toys", "count", 1),
        "family": ("isogloss-toys", "mode", 1),
        "adaptation": ("isogloss-toys", "repeated", 1),
    }
    assert record["support"]["lines"] == 20
    with (root / "features/features.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["task"] == "counting"]
    values = {(row["source"], row["target"]): (row["alphabet"], row["overlap_target"] != "") for row in rows}
    assert len(values) == len(rows) == 12
    assert values["de", "en"] == values["en", "de"] == ("0.5", True)
    with (root / "analysis/correlations.csv").open(encoding="utf-8", newline="") as file:
        features = {row["feature"] for row in csv.DictReader(file)}
    assert {"alphabet", "syntax"} <= features
    assert (root / "figures/counting/toy/scatter-alphabet.svg").exists()
    assert "Every name is Ada." in (root / "report/index.html").read_text(encoding="utf-8")
    assert toys.plan() == {}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("corpus", {"ada": {"most": 0}}, "config: tasks.counting.corpus.ada.most: 0 is less than the minimum of 1"),
        ("corpus", {"ada": {"mots": 2}}, "config: tasks.counting.corpus.ada: unknown key 'mots'; did you mean 'most'?"),
        ("kind", "ner", "corpus ada: supports tasks of kind count, not 'ner'; correct `kind`"),
    ],
)
def test_options_of_a_package_s_corpus_are_checked(toys, path, value, message):
    toys.write({**STUDY, "tasks": {"counting": {**STUDY["tasks"]["counting"], path: value}}})
    refuse(toys, message)


def test_a_recipe_of_a_package_s_family_is_checked(toys):
    toys.write({**STUDY, "training": {"toy": {"most": 1}}})
    refuse(toys, "config: training.toy: unknown key 'most'; choose from joint_share, least, repeats")


def refuse(workspace: Workspace, message: str) -> None:
    """Assert that a study causes a one-line error."""
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
    find(folder, monkeypatch)
    return folder


@pytest.mark.parametrize("name", BROKEN)
def test_a_package_that_a_study_names_and_that_cannot_be_used_is_named(workspace, broken, name):
    workspace.write(make_study(models={"toy": {"family": name}}, training={}))
    colon = ":" if BROKEN[name][1].startswith("its") else ""
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
