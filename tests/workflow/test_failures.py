"""What remains after a failure, and what the same command does after the cause was corrected."""

import os

from studies import make_study

SCORES = "results/small/analysis/scores.csv"
OVERLAP = "results/small/features/ner/overlap.csv"


def test_one_failing_pair_stops_no_other_and_is_all_that_is_redone(workspace):
    grid = {"sources": [["de"], ["en"]], "targets": ["fi"], "n": 20, "shots": [0, 5]}
    workspace.write(make_study(transfer=grid))
    models = [f"results/small/finetuned/ner/crf/{source}/n-20/seed-1" for source in ("de", "en")]
    assert workspace.run(*models) == {"corpus": 2, "finetune": 2}
    broken = workspace.folder / models[1] / "model.crfsuite"
    content, times = broken.read_bytes(), broken.stat()
    broken.write_bytes(b"no model")

    outcome = workspace.snakemake(SCORES, OVERLAP)
    assert outcome.status == 1
    assert outcome.jobs == {"corpus": 1, "transfer": 2, "adapt": 2, "overlap": 1, "scores": 1}
    assert outcome.text.count("Error in rule transfer:") == 1
    assert "ValueError: Invalid model" in outcome.text  # the log of the job, on the terminal
    root = workspace.folder / "results/small/transfer/ner/crf"
    assert {str(path.parent.relative_to(root)) for path in root.rglob("metrics.json")} == {
        "de/n-20/fi/shots-0/direct/seed-1",
        "de/n-20/fi/shots-5/joint/seed-1",
        "en/n-20/fi/shots-5/joint/seed-1",
    }
    assert (workspace.folder / OVERLAP).exists()
    assert not (workspace.folder / SCORES).exists()

    broken.write_bytes(content)
    os.utime(broken, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert workspace.run(SCORES, OVERLAP) == {"transfer": 1, "scores": 1}
    assert workspace.plan(SCORES, OVERLAP) == {}
