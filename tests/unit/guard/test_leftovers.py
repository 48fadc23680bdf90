"""Temporary files and folders of ended processes."""

import os
import subprocess
import sys

from isogloss.common.files import complete_file, complete_folder
from isogloss.guard.leftovers import remove_parts

WRITER = """
import os, sys
from pathlib import Path
from isogloss.common.files import complete_file, complete_folder
with complete_file("results/small/metrics.json") as file, complete_folder("results/small/model") as folder:
    file.write_text("half")
    Path(folder, "weights").write_text("half")
    with complete_file(Path(folder, "config.json")) as inner:
        inner.write_text("half")
        os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "results/small/.cache/text/part"
    kept.parent.mkdir(parents=True)
    kept.write_text("text")
    hidden = tmp_path / "results/small/.state.part.json"
    hidden.write_text("{}")
    assert subprocess.run([sys.executable, "-c", WRITER], check=False).returncode == -9
    with complete_file("results/small/scores.csv") as running:
        running.write_text("half")
        assert len(list((tmp_path / "results").rglob(".*.part"))) == 4
        assert remove_parts(tmp_path / "results/small") == 2
        left = {path for path in (tmp_path / "results").rglob("*") if path.is_file()}
        assert left == {kept, hidden, tmp_path / running}


def test_a_folder_that_a_running_process_writes_is_kept(tmp_path):
    with complete_folder(tmp_path / "model") as folder:
        assert f".{os.getpid()}." in folder.name
        assert remove_parts(tmp_path) == 0
        assert folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
