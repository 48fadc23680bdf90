"""Results are damaged or swapped after they were written: the job that reads them stops, and no score is wrong."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from faulty import SCORES, check_clean, fault, make_pair_study
from studies import Workspace, prepare_once

MODELS = {"crf": {"family": "crf"}, "bilstm-crf": {"family": "bilstm-crf"}}
TRAINING = {"crf": {"max_iterations": 10}, "bilstm-crf": {"epochs": 1, "adaptation_steps": {5: 2}}}
ROOT = Path("results/small")
RUNS = "transfer/ner/{}/{}/n-30/{}/shots-0/direct/seed-1"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a study whose scores are complete."""

    def prepare(workspace: Workspace) -> None:
        workspace.write(make_pair_study(models=MODELS, training=TRAINING))
        workspace.run(SCORES)

    return prepare_once("damage", prepare, tmp_path_factory)


@pytest.fixture
def study(finished, tmp_path):
    return finished.copy(tmp_path / "study")


def rewrite(path: Path, content: bytes) -> None:
    """Change a file as a defect of the disk does: its time stays the same."""
    about = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def halve(path: Path) -> None:
    rewrite(path, path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    rewrite(path, bytes(content))


def remove_runs(study: Workspace, model: str, source: str, target: str) -> None:
    """Delete the record of a zero-shot run, so that its job has to read its inputs again."""
    (study.folder / ROOT / RUNS.format(model, source, target) / "metrics.json").unlink()


def read_complaints(text: str) -> set[str]:
    return {line for line in re.findall(r"isogloss: .*", text) if line.startswith(("isogloss: results", "isogloss: /"))}


def check_remedy(study: Workspace, finished: Workspace, states: dict[Path, str]) -> None:
    """Check that `verify` lists these files, and that the study is complete and equal after it has deleted them."""
    verified = study.isogloss("verify", "study.yaml")
    assert verified.status == 2
    found = {tuple(line.split()[:2]) for line in verified.text.splitlines()}
    assert {(state, str(path)) for path, state in states.items()} <= found, verified.text
    assert study.isogloss("verify", "study.yaml", "--delete").status == 0
    study.run(SCORES)
    assert (study.folder / SCORES).read_bytes() == (finished.folder / SCORES).read_bytes()
    assert study.isogloss("verify", "study.yaml").status == 0
    assert study.plan(SCORES) == {}


@fault(
    name="corpora, trained models and their records are truncated or changed on the disk",
    sees="The job that reads the file fails. One line names the file, what is wrong and what to delete. Snakemake ends "
    "with status 1.",
    lost="The damaged files.",
    again="It fails again, until `isogloss verify STUDY --delete` has deleted the damaged results. Then it redoes them "
    "and gives the same scores.",
)
def test_damaged_inputs(study, finished):
    damages = {
        ROOT / "corpora/ner/fi/test.parquet": (halve, "truncated", ("crf", "de", "fi")),
        ROOT / "finetuned/ner/crf/fi/n-30/seed-1/model.crfsuite": (flip, "changed", ("crf", "fi", "de")),
        ROOT / "finetuned/ner/bilstm-crf/de/n-30/seed-1/model.safetensors": (
            flip,
            "changed",
            ("bilstm-crf", "de", "de"),
        ),
        ROOT / "finetuned/ner/bilstm-crf/fi/n-30/seed-1/training.json": (
            halve,
            "truncated",
            ("bilstm-crf", "fi", "de"),
        ),
    }
    for path, (damage, _, run) in damages.items():
        damage(study.folder / path)
        remove_runs(study, *run)
    (study.folder / SCORES).unlink()
    outcome = study.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 1
    for path in damages:
        assert any(line.startswith(f"isogloss: {path}: ") for line in read_complaints(outcome.text)), outcome.text
    check_remedy(study, finished, {path: state for path, (_, state, _) in damages.items()})


@fault(
    name="records of runs are truncated, edited, or swapped with those of other runs",
    sees="The job that collects the scores fails. One line names the first of these records and the number of others.",
    lost="The damaged records.",
    again="It fails again, until `isogloss verify STUDY --delete` has deleted them. Then it redoes these runs and "
    "gives the same scores.",
)
def test_damaged_and_swapped_records(study, finished):
    folder = study.folder
    records = [ROOT / RUNS.format("crf", *pair) / "metrics.json" for pair in (("de", "fi"), ("fi", "de"), ("fi", "fi"))]
    halve(folder / records[0])
    text = (folder / records[1]).read_text(encoding="utf-8")
    rewrite(folder / records[1], re.sub(r'"f1": [0-9.]+', '"f1": 0.97', text, count=1).encode())
    rewrite(folder / records[2], (finished.folder / records[1]).read_bytes())
    (folder / SCORES).unlink()
    outcome = study.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 1 and not (folder / SCORES).exists()
    assert any(re.search(r"metrics.json: .*\(and 2 more records\)", line) for line in read_complaints(outcome.text))
    check_remedy(study, finished, dict(zip(records, ("truncated", "changed", "foreign"), strict=True)))


@fault(
    name="the corpus of one language is replaced by that of another",
    sees="The job that reads it fails. One line says which language the file contains.",
    lost="Nothing.",
    again="It fails again, until `isogloss verify STUDY --delete` has deleted the corpus. Then it redoes the corpus.",
)
def test_a_corpus_of_another_language(study, finished):
    own, other = (study.folder / ROOT / "corpora/ner" / code for code in ("fi", "de"))
    for name in ("train.parquet", "validation.parquet", "test.parquet", "audit.json"):
        rewrite(own / name, (other / name).read_bytes())
    remove_runs(study, "crf", "de", "fi")
    (study.folder / SCORES).unlink()
    outcome = study.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 1
    assert any("contains text of language de, not fi" in line for line in read_complaints(outcome.text)), outcome.text
    check_remedy(study, finished, {ROOT / "corpora/ner/fi/audit.json": "foreign"})


@fault(
    name="results are copied to another machine without `.snakemake`, and the study file has changed there",
    sees="Snakemake does not start. One line names the first result that was made by another recipe, and the command "
    "that deletes such results; exit status 2. Results that fit are not redone.",
    lost="Nothing.",
    again="After `isogloss verify STUDY --delete` it redoes the deleted results.",
)
def test_copied_results(study):
    shutil.rmtree(study.folder / ".snakemake")
    assert study.plan(SCORES) == {}
    study.write(make_pair_study(models=MODELS, training={**TRAINING, "crf": {"max_iterations": 11}}))
    outcome = study.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 2
    assert any(
        "run `isogloss verify study.yaml --delete`, then this command again" in one for one in outcome.complaints
    )
    assert study.isogloss("verify", "study.yaml", "--delete").status == 0
    (study.folder / SCORES).unlink()
    assert set(study.run(SCORES)) == {"finetune", "transfer", "adapt", "scores"}
    assert study.isogloss("verify", "study.yaml").status == 0


@fault(
    name="results of an earlier version, without digests",
    sees="They are read. `isogloss verify`, and the log of the job that collects the scores, count them as not "
    "verified.",
    lost="Nothing.",
    again="Nothing is redone.",
)
def test_results_of_before(study):
    for path in (study.folder / ROOT).rglob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.pop("provenance", None):
            rewrite(path, json.dumps(record).encode())
    (study.folder / SCORES).unlink()
    assert study.run(SCORES) == {"scores": 1}
    log = study.folder / ROOT / "logs/analysis/scores.log"
    assert re.search(r"(\d+) of \1 records were written before records had digests", log.read_text(encoding="utf-8"))
    verified = study.isogloss("verify", "study.yaml")
    assert verified.status == 0 and " 0 results intact" in verified.text
