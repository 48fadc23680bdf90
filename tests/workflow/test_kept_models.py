"""Which trained models a study keeps."""

import pytest
from studies import Outcome, Workspace, make_study


def list_declared(outcome: Outcome) -> set[str]:
    """Return the folders of models that the planned or completed few-shot jobs declare as outputs."""
    outputs = [path for block in outcome.list_blocks("adapt") for path in block["output"].split(", ")]
    return {path for path in outputs if path.endswith("/checkpoint")}


def list_models(workspace: Workspace) -> set[str]:
    """Return the folders in the results that contain a CRF."""
    return {str(path.parent.relative_to(workspace.folder)) for path in workspace.folder.rglob("model.crfsuite")}


@pytest.mark.slow
def test_keep_adapted_keeps_the_model_of_every_few_shot_run_as_a_declared_output(finished):
    codes = ("de", "en", "fi")
    few_shot = {f"{source}/n-30/{target}" for source in codes for target in codes if source != target}
    few_shot |= {f"none/n-0/{target}" for target in codes}
    adapted = {f"results/small/transfer/ner/crf/{pair}/shots-5/joint/seed-1/checkpoint" for pair in few_shot}
    assert len(adapted) == 9
    assert list_declared(finished.snakemake("--dry-run", "--forceall")) == adapted
    assert list_models(finished) == adapted | {f"results/small/finetuned/ner/crf/{code}/n-30/seed-1" for code in codes}


def test_without_keep_adapted_the_models_of_sources_alone_stay(workspace):
    grid = {"sources": [["en"]], "targets": ["fi"], "n": 20, "shots": [0, 5]}
    workspace.write(make_study(keep_adapted=False, transfer=grid))
    runs = [f"results/small/transfer/ner/crf/en/n-20/fi/{arm}/seed-1" for arm in ("shots-0/direct", "shots-5/joint")]
    outcome = workspace.snakemake(*(f"{run}/metrics.json" for run in runs))
    assert outcome.status == 0
    assert outcome.jobs == {"corpus": 2, "finetune": 1, "transfer": 1, "adapt": 1}
    assert list_declared(outcome) == set()
    assert list_models(workspace) == {"results/small/finetuned/ner/crf/en/n-20/seed-1"}
    for run in runs:
        assert {path.name for path in (workspace.folder / run).iterdir()} == {"metrics.json", "predictions.jsonl.gz"}
