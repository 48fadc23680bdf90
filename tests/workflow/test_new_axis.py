"""A new axis of a run is one field of Run: in a copy of the project, a toy axis is in paths, records and tables."""

import json
import os
import shutil
import subprocess
import sys

import pandas as pd
from studies import PROJECT, Workspace, make_study

TOY = """    draw: int = axis(
        default=0,
        trained=True,
        setting=7,
        prefix="draw-",
        pattern=r"\\\\d+",
        grid="draws",
        values={"description": "Toys.", "type": "array", "items": {"type": "integer"}, "default": [0]},
    )
"""
LAST = '            "default": [1],\n        },\n    )\n'


def test_a_toy_axis_added_in_one_place_is_in_path_record_scores_and_analysis(workspace: Workspace):
    project = workspace.folder / "project"
    for part in ("workflow", "envs", "profiles"):
        shutil.copytree(PROJECT / part, project / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(PROJECT / "Snakefile", project)
    declared = project / "workflow/isogloss/common/run.py"
    text = declared.read_text(encoding="utf-8")
    assert text.count(LAST) == 1
    declared.write_text(text.replace(LAST, LAST + TOY.replace("\\\\", "\\")), encoding="utf-8")

    languages = ["de", "en", "es", "fi"]
    grid = {"sources": ["each"], "n": 30, "shots": [0, 5], "draws": [0, 3]}
    workspace.write(make_study(languages=languages, transfer=grid))
    command = ["snakemake", "--snakefile", project / "Snakefile", "--configfile", "study.yaml", "--cores", "1"]
    command += ["--max-jobs-per-timespan", "100/1s", "results/small/analysis/summary.md"]
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=workspace.folder,
        env={**os.environ, "PYTHONPATH": str(project / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    root = workspace.folder / "results/small"
    run, trained = root / "transfer/ner/crf/de/n-30/en/shots-5/joint", root / "finetuned/ner/crf/de/n-30"
    for place, value in (("seed-1", 0), ("draw-3/seed-1", 3)):
        for record in (run / place / "metrics.json", trained / place / "training.json"):
            assert json.loads(record.read_text(encoding="utf-8"))["run"]["draw"] == value
    scores = pd.read_csv(root / "analysis/scores.csv")
    assert scores.groupby("draw").size().nunique() == 1
    assert sorted(scores["draw"].unique()) == [0, 3]
    for name in ("matrices", "correlations"):
        table = pd.read_csv(root / f"analysis/{name}.csv")
        assert sorted(table["draw"].unique()) == [0, 3], name
