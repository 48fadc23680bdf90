"""The disk is full, or the results cannot be written."""

import os
import subprocess
from collections.abc import Iterator

import pytest
from faulty import SCORES, check_clean, fault, list_finished, make_pair_study
from studies import Workspace


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Workspace]:
    """Return a folder on a disk of its own, in memory. Skip the test if this user cannot mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64M", "isogloss-test", folder], check=False)
    if done.returncode != 0:
        pytest.skip("this machine does not let root mount a disk in memory")
    try:
        yield Workspace(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(workspace: Workspace, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", workspace.folder], check=True)


@fault(
    name="the disk becomes full",
    sees="Snakemake stops with status 1; its last lines say `No space left on device`. Logs of jobs can be empty.",
    lost="The jobs that were running.",
    again="When there is space again, it runs the remaining jobs.",
)
def test_a_full_disk(small_disk):
    small_disk.write(make_pair_study())
    small_disk.run("results/small/finetuned/ner/crf/de/n-30/seed-1")
    free = os.statvfs(small_disk.folder)
    filler = small_disk.folder / "filler"
    filler.write_bytes(b"\0" * ((free.f_bavail - 12) * free.f_bsize))
    outcome = small_disk.snakemake(SCORES)
    assert outcome.status == 1
    check_clean(outcome.text)
    assert "No space left on device" in outcome.text
    finished = list_finished(small_disk)
    filler.unlink()
    outcome = small_disk.snakemake(SCORES)
    check_clean(outcome.text)
    assert outcome.status == 0, outcome.text
    assert finished.items() <= list_finished(small_disk).items()
    assert small_disk.plan(SCORES) == {}


@fault(
    name="the disk is full when a command of isogloss writes to it",
    sees="One line names the place and says `No space left on device`; exit status 2.",
    lost="Nothing.",
    again="When there is space again, it writes its file.",
)
def test_a_command_on_a_full_disk(small_disk):
    remount(small_disk, "size=64k")
    filler = small_disk.folder / "filler"
    filler.write_bytes(b"\0" * 65_536)
    command = ("typology", "--languages", "de", "fi", "sw", "--out", "typology.csv", "--coverage", "c.csv")
    outcome = small_disk.isogloss(*command)
    assert outcome.status == 2
    assert outcome.text == (
        f"isogloss: {small_disk.folder}: No space left on device; make space or make it writable, then run the same "
        "command again\n"
    )
    assert [path.name for path in small_disk.folder.iterdir()] == ["filler"]
    filler.unlink()
    assert small_disk.isogloss(*command).status == 0


@fault(
    name="the results are read-only",
    sees="One line names the folder that cannot be written; exit status 2.",
    lost="Nothing.",
    again="When the folder can be written, it runs the remaining jobs.",
)
def test_read_only_results(small_disk):
    small_disk.write(make_pair_study())
    remount(small_disk, "ro")
    outcome = small_disk.snakemake(SCORES)
    assert outcome.status == 2
    assert outcome.complaints == [
        "isogloss: results/small: this folder cannot be written; make it writable, or run the study in another folder"
    ]
    check_clean(outcome.text)
    remount(small_disk, "rw")
    assert small_disk.run(SCORES)["scores"] == 1
