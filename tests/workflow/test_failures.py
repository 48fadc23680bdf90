"""What remains after a failure, and what the same command does after the cause was corrected."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from studies import ENDS, PROJECT, Outcome, make_study

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
    assert "model.crfsuite: has 8 bytes, not " in outcome.text  # the log of the job, on the terminal
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


def test_the_next_command_redoes_the_failed_run_and_the_aggregates_and_until_then_there_are_partial_results(workspace):
    grid = {"sources": [["de"], ["en"]], "targets": ["fi"], "n": 20, "shots": [0, 5]}
    workspace.write(make_study(transfer=grid))
    models = [f"results/small/finetuned/ner/crf/{source}/n-20/seed-1" for source in ("de", "en")]
    workspace.run(*models)
    broken = workspace.folder / models[1] / "model.crfsuite"
    content, times = broken.read_bytes(), broken.stat()
    broken.write_bytes(b"no model")
    results = workspace.folder / "results/small"
    log = "results/small/logs/transfer/ner/crf/en/n-20/fi/shots-0/direct/seed-1.log"

    outcome = workspace.snakemake()
    assert outcome.status == 1
    listed = outcome.text[outcome.text.index("1 job failed:") :].splitlines()
    name = "ner crf: en -> fi, 0 shots, n 20, seed 1"
    assert (listed[1], listed[3]) == (f"  {name}", f"    log: {log}")
    assert listed[2].startswith(f"    {models[1]}/model.crfsuite: has 8 bytes, not ")
    assert listed[4].startswith("To redo what failed, and only that, correct the cause and give the same command: ")
    assert "--configfile study.yaml" in listed[4]
    short = "PARTIAL: 1 of 4 runs is missing"
    assert f"{short}; tables and figures of the others: results/small/partial/report/index.html" in listed
    assert listed[5].endswith("isogloss report study.yaml --partial")
    assert not list(outcome.list_blocks("transfer"))  # jobs that succeed print no lines of their own
    full = next(line.partition(": ")[2] for line in listed if line.startswith("Complete log"))
    assert len(list(Outcome(1, Path(full).read_text(encoding="utf-8")).list_blocks("transfer"))) == 2
    assert not (results / "analysis").exists() and not (results / "report").exists()
    partial = results / "partial"
    for path in ("analysis/summary.md", "analysis/multi_source.md"):
        assert (partial / path).read_text(encoding="utf-8").splitlines()[0] == f"{short}: {name}"
    assert short in (partial / "report/index.html").read_text(encoding="utf-8")

    status = workspace.isogloss("status", "study.yaml")
    assert status.status == 0 and status.text.startswith("Study small: 3 of 4 runs are done\n")
    assert "\n".join(listed[:4]) in status.text
    refused = workspace.isogloss("report", "study.yaml")
    assert (refused.status, len(refused.complaints)) == (2, 1)
    assert "1 of 4 runs have no record" in refused.text

    broken.write_bytes(content)
    os.utime(broken, ns=(times.st_atime_ns, times.st_mtime_ns))
    drawn = {"matrices": 2, "scatters": 1, "few_shot": 1, "effects": 1}
    assert workspace.run() == {"transfer": 1, **drawn, **ENDS}
    assert not partial.exists()
    done = workspace.isogloss("report", "study.yaml", "--partial")
    assert (done.status, done.text) == (0, "All 4 runs are done: results/small/report/index.html\n")
    assert not partial.exists()


def test_after_a_kill_the_status_says_so_and_partial_results_can_be_made(workspace):
    workspace.write(make_study())
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile"), "--cores", "1"]
    command += ["--configfile", "study.yaml"]
    with subprocess.Popen(
        command, cwd=workspace.folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(3000):
            if any((workspace.folder / "results").glob("small/transfer/**/metrics.json")):
                break
            time.sleep(0.1)
        running = workspace.isogloss("status", "study.yaml").text
        os.killpg(process.pid, signal.SIGKILL)
    assert f"(process {process.pid} on " in running and " is running: " in running
    assert "\nRunning now:\n" in running
    killed = workspace.isogloss("status", "study.yaml").text
    assert " was stopped: " in killed
    assert "Running now" not in killed and "failed:" not in killed
    assert not (workspace.folder / "results/small/partial").exists()
    partial = workspace.isogloss("report", "study.yaml", "--partial")
    assert partial.status == 0, partial.text
    assert re.fullmatch(r"PARTIAL: \d+ of 18 runs are missing; .*/index.html\n", partial.text)
