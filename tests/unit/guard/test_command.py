"""What a command line of Snakemake does, compared with Snakemake's own parser."""

import sys

import pytest
from snakemake.cli import get_argument_parser

from isogloss.guard.command import Purpose, read_purpose, write_unlock

RUN = [
    "--cores all",
    "-c2 -k",
    "-kc2",
    "--configfile study.yaml --config name=-n",
    "-d notes",
    "-dnotes -p",
    "results/small/analysis/scores.csv --forceall",
    "--report page.zip --report-after-run",
    "--executor slurm --jobs 100",
]
OTHER = [
    *(
        "-n",
        "--dry-run",
        "--dryrun",
        "--dry",
        "-np",
        "-kn",
        "--touch",
        "-t",
        "--lint",
        "--list",
        "-l",
        "--summary",
        "-S",
    ),
    *("-D", "--report", "--report page.zip", "--rulegraph", "--nolock", "--delete-all-output", "--cleanup-metadata a"),
    *("--list-changes code", "--archive a.tar.gz", "--help", "-h", "-v", "--conda-create-envs-only"),
]


@pytest.mark.parametrize("line", RUN)
def test_a_command_that_runs_jobs(line):
    assert read_purpose(["/usr/bin/snakemake", *line.split()]) is Purpose.RUN


@pytest.mark.parametrize("line", OTHER)
def test_a_command_that_runs_no_jobs_or_takes_no_locks(line):
    assert read_purpose(["snakemake", "--cores", "1", *line.split()]) is Purpose.OTHER


def test_a_module_started_by_python_is_the_same_command():
    assert read_purpose(["/env/site-packages/snakemake/__main__.py", "--cores", "1"]) is Purpose.RUN


def test_another_program_does_not_run_jobs_by_this_command_line():
    assert read_purpose(["/usr/bin/pytest", "tests"]) is Purpose.OTHER


def test_the_command_that_unlocks_repeats_the_options():
    command = ["snakemake", "--configfile", "my study.yaml"]
    assert write_unlock(command) == "snakemake --configfile 'my study.yaml' --unlock"
    assert read_purpose([*command, "--unlock"]) is Purpose.UNLOCK


def test_every_switch_of_snakemake_with_one_letter_is_known(monkeypatch):
    from isogloss.guard.command import _ELSE, _SWITCHES

    monkeypatch.setattr(sys, "argv", ["snakemake"])
    actions = get_argument_parser()._actions
    options = {option for action in actions for option in action.option_strings}
    assert {f"--{name}" for name in _ELSE} <= options
    letters = {o[1] for a in actions for o in a.option_strings if (len(o) == 2 and a.nargs == 0) or o == "-q"}
    assert letters == set(_SWITCHES)
