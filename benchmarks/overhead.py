"""Measure the overhead of a job with warm workers and with a cold start."""

import json
import os
import sys
import tempfile
from pathlib import Path

from bench import Measured
from small import PROJECT, build_small_model, make_corpus, parse_default, time_command

from isogloss import warm
from isogloss.common.annotation import Annotation
from isogloss.common.run import AXES, Run
from isogloss.corpora.build import build_corpus
from isogloss.study.recipes import write_transfer_recipe

ROUNDS = 7
SETUPS = {"warm": {}, "cold": {warm.SWITCH: "0"}}


def measure() -> Measured:
    """Run one few-shot job of each model repeatedly, with alternating warm and cold starts."""
    rows = [("model", "job's own work, s", "warm overhead, s", "cold overhead, s", "ratio", "warm, MiB", "cold, MiB")]
    found = []
    warm.announce_workflow(many=True)
    os.environ.update(PYTHONPATH=str(PROJECT / "workflow"), OMP_NUM_THREADS="1")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        corpora = folder / "corpora"
        study = parse_default()
        for code in ("de", "en"):
            build_corpus(study.tasks["ner"].corpus.entry, code, Annotation("ner"), corpora / code)
        build_small_model(folder / "tiny-mt5", ["de", "en"], steps=2)
        assert make_corpus("de")
        for model, start in (("tiny-mt5", [str(folder / "tiny-mt5")]), ("crf", [])):
            run = Run("ner", model, (), 0, "de", 20, "sequential" if start else "joint", 1)
            job = [
                *(sys.executable, "-m", "isogloss", "transfer"),
                *(text for axis in AXES for text in (f"--{axis.name}", axis.write(getattr(run, axis.name)))),
                *("--corpora", str(corpora), "--start", *start),
                *("--recipe", write_transfer_recipe(study, run), "--threads", "1", "--out", str(folder / "run")),
            ]
            time_command(job, folder)  # starts the server
            seconds: dict[str, list[float]] = {setup: [] for setup in SETUPS}
            peak, work = {}, []
            for _ in range(ROUNDS):
                for setup, switch in SETUPS.items():
                    seconds[setup].append(time_command(job, folder, **switch).seconds)
                    cost = json.loads((folder / "run/metrics.json").read_text(encoding="utf-8"))["cost"]
                    peak[setup] = cost["peak_memory_mib"]
                    if setup == "warm":
                        work.append(cost["wall_seconds"])
            own = min(work)
            # Medians, not minima, because both times include the work of the job, which also varies.
            over = {setup: sorted(values)[ROUNDS // 2] - sorted(work)[ROUNDS // 2] for setup, values in seconds.items()}
            found.append((model, over["warm"], over["cold"] / over["warm"]))
            rows.append(
                (
                    *(model, f"{own:.2f}", f"{over['warm']:.2f}", f"{over['cold']:.2f}", f"{found[-1][2]:.0f}"),
                    *(f"{peak['warm']:.0f}", f"{peak['cold']:.0f}"),
                )
            )
        odd = "no warm worker" in (folder / "benchmark.log").read_text(encoding="utf-8")
    assert not odd, "a job ran without a warm worker"
    return Measured(
        "The overhead of one few-shot job (20 shots, no source, 150 test sentences): its total time, minus the time "
        "that a warm job reports for its own work (`benchmarks/overhead.py`). Both are medians over "
        f"{ROUNDS} rounds, in which warm and cold jobs alternate. Memory is the peak of the process of the job.",
        rows,
        "Target: a warm overhead of at most 0.7 s, and a ratio of at least 10. Measured: "
        + "; ".join(f"{model} {seconds:.2f} s, ratio {ratio:.0f}" for model, seconds, ratio in found)
        + ".",
    )
