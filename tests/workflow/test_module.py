"""The workflow as a module of another one: a Snakefile elsewhere uses its rules for a study in its own config."""

import pytest
from studies import ENDS, PROJECT, make_study

OTHER = """
{configfile}

module isogloss:
    snakefile:
        "{project}/workflow/Snakefile"
    config:
        config["isogloss"]

use rule * from isogloss{names}

rule mine:
    default_target: True
    input:
        "results/small/analysis/scores.csv",
    output:
        "mine.csv",
    shell:
        "cp {{input}} {{output}}"
"""
SMALL = {"corpus": 3, "finetune": 3, "transfer": 6 + 3, "adapt": 6 + 3}


@pytest.fixture
def other(workspace):
    """Return a function that writes the Snakefile of another workflow to its own folder and runs it there."""

    def call(*arguments, study=None, names="", own_configfile=False):
        configfile = 'configfile: "study.yaml"' if own_configfile else ""
        text = OTHER.format(project=PROJECT, names=names, configfile=configfile)
        (workspace.folder / "Snakefile").write_text(text, encoding="utf-8")
        workspace.write({"isogloss": study or make_study(), "else": 1})
        if own_configfile:
            return workspace._run("snakemake", "--cores", "1", *arguments)
        return workspace.snakemake(*arguments, snakefile=workspace.folder / "Snakefile")

    return call


@pytest.mark.parametrize("prefix", ["", "isogloss_"])
def test_all_rules_are_planned_under_their_own_names_or_with_a_prefix(other, prefix):
    outcome = other("--dry-run", f"{prefix}all", names=f" as {prefix}*" if prefix else "", own_configfile=True)
    assert outcome.status == 0, outcome.text
    rules = {**SMALL, "audit": 1, "typology": 1, "overlap": 1, "features": 1, **ENDS}
    rules |= {"matrices": 2, "scatters": 1, "effects": 1, "few_shot": 1}
    assert outcome.jobs == {prefix + rule: count for rule, count in rules.items()}


def test_a_study_is_run_to_its_scores_within_another_workflow(other, workspace):
    outcome = other()
    assert outcome.status == 0, outcome.text
    assert outcome.jobs == {**SMALL, "scores": 1, "mine": 1}
    lines = (workspace.folder / "mine.csv").read_text(encoding="utf-8").splitlines()
    assert sum(",f1," in line for line in lines) == 6 + 3 + 6 + 3


def test_a_mistake_in_the_study_is_one_line_there_too(other):
    outcome = other("--dry-run", study=make_study(languages=["de", "xx"]))
    assert (outcome.status, len(outcome.complaints)) == (2, 1)
    assert outcome.complaints[0].startswith("isogloss: config: languages: ")
    assert "Traceback" not in outcome.text
