"""A long training that is killed resumes from its state and gives the same files as one that was not killed."""

import json
import signal

from faulty import SCORES, check_clean, fault, make_pair_study, start
from studies import Workspace

from isogloss.training.state import SWITCH

STUDY = make_pair_study(
    models={"bilstm-crf": {"family": "bilstm-crf"}},
    training={"bilstm-crf": {"epochs": 100, "batch_size": 8, "adaptation_steps": {5: 2}}},
    transfer={"sources": [["de"]], "targets": ["fi"], "n": 30, "shots": [0, 5]},
)
TRAINED = "results/small/finetuned/ner/bilstm-crf/de/n-30/seed-1"
STATES = "results/small/.state"


def read_results(workspace: Workspace) -> dict[str, object]:
    """Return the weights, the predictions and the records without what differs each time."""
    root = workspace.folder / "results/small"
    found: dict[str, object] = {"weights": (workspace.folder / TRAINED / "model.safetensors").read_bytes()}
    patterns = ("transfer/**/*.gz", "finetuned/**/*.json", "transfer/**/*.json")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        if path.suffix == ".gz":
            found[str(path.relative_to(root))] = path.read_bytes()
        else:
            record = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(record, dict):
                record.pop("cost", None)
                record.get("provenance", {}).pop("record", None)
            found[str(path.relative_to(root))] = record
    return found


@fault(
    name="kill -9 of Snakemake and all its jobs during a long training",
    sees="The log of the training says from which state it resumes.",
    lost="The steps since the last state, at most ten minutes.",
    again="The training resumes. Its weights, predictions and records (except `cost`) are those of an undisturbed run, "
    "bit for bit on a CPU.",
)
def test_a_killed_training_resumes(tmp_path):
    killed, undisturbed = Workspace(tmp_path / "killed"), Workspace(tmp_path / "undisturbed")
    for workspace in (killed, undisturbed):
        workspace.folder.mkdir()
        workspace.write(STUDY)
    undisturbed.run(SCORES)
    assert not (undisturbed.folder / STATES).exists()  # it is too short to save a state

    with start(killed, SCORES, **{SWITCH: "0"}) as run:
        run.wait_for(lambda: [*killed.folder.glob(f"{STATES}/*/step-0000001*.json")], "the tenth step")
        run.signal_group(signal.SIGKILL)
        run.wait()
    assert not (killed.folder / TRAINED).exists()
    with start(killed, SCORES, **{SWITCH: "0"}) as run:
        outcome = run.wait()
    check_clean(outcome.text)
    assert outcome.status == 0, outcome.text
    log = (killed.folder / "results/small/logs" / f"{TRAINED.removeprefix('results/small/')}.log").read_text()
    assert f"training resumes from {STATES}/" in log
    assert read_results(killed) == read_results(undisturbed)
    assert not (killed.folder / STATES).exists()
