"""Pre-training arms with the real snakemake: a new arm runs only its own jobs, and a shared variant trains once."""

import pytest
from studies import Workspace, make_study

from isogloss.planning.plan import count_jobs
from isogloss.study.check import check_study

ROOT = "results/small"
FOLDERS = ("build_model", "pretrain_model", "report")
# The jobs that every change of a score causes.
AGGREGATES = {"scores": 1, "runs": 1, "analyse": 1, "self_supervised": 1, "report": 1, "all": 1}


def make_arms(*strategies: str, **changes) -> dict:
    """Return a small study of tiny-mt5 with some pre-training arms, without sources; changes: to its pre-training."""
    budget = {"strategies": list(strategies), "tokens": 4096, **changes}
    tiny = {"build": "tiny-mt5", "languages": ["de", "en", "fi"], "steps": 0, "vocabulary": 700, "pretraining": budget}
    training = {"tiny-mt5": {"adaptation_steps": {"5": 2}}}
    corpus = {"synthetic": {"train": 60, "validation": 10, "test": 20}}
    return make_study(
        models={"tiny-mt5": tiny},
        tasks={"ner": {"kind": "ner", "corpus": corpus}},
        transfer={"sources": ["none"], "n": 30, "shots": [5]},
        training=training,
        keep_adapted=False,
    )


def touch(workspace: Workspace) -> None:
    """Make snakemake consider the study in the workspace finished; its results are empty."""
    for row in workspace.snakemake("--summary").text.splitlines():
        if row.startswith("results/"):
            path, _, rule, *_ = row.split("\t")
            file = workspace.folder / path / ("file" if rule in FOLDERS else "")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("nothing", encoding="utf-8")
    workspace.run("--touch", "--forceall")


def test_adding_an_arm_runs_only_that_arm(workspace):
    workspace.write(make_arms("none", "in-language", "nearest-1"))
    jobs = workspace.plan()
    # One language each: the nearest is another target's own. 3 targets x 3 arms.
    assert (jobs["build_model"], jobs["pretrain_model"], jobs["adapt"]) == (1, 3, 9)
    assert jobs == count_jobs(*check_study(make_arms("none", "in-language", "nearest-1"), workspace.folder)[:2])
    touch(workspace)
    assert workspace.plan() == {}

    workspace.write(make_arms("none", "in-language", "nearest-1", "all"))
    outcome = workspace.snakemake("--dry-run")
    assert outcome.jobs == {"pretrain_model": 1, "adapt": 3, **AGGREGATES}
    blocks = [*outcome.list_blocks("pretrain_model"), *outcome.list_blocks("adapt")]
    assert {block["wildcards"].split("model=")[1].split(",")[0] for block in blocks} == {"tiny-mt5@de+en+fi"}

    # The same set of languages under another name: nothing trains, but the names of the arms are written again.
    workspace.write(make_arms("none", "in-language", "nearest-1", "random-1"))
    assert not {"pretrain_model", "build_model"} & set(workspace.plan())


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        ({"tokens": 8192}, {"pretrain_model": 3, "adapt": 6}),  # all except the variant without pre-training
        ({"learning_rate": 1.0e-3}, {"pretrain_model": 3, "adapt": 6}),
        ({"tokens": 4100}, {}),  # rounds to the same number of updates
    ],
)
def test_a_change_of_the_budget_redoes_every_arm_but_none(workspace, change, redone):
    workspace.write(make_arms("none", "in-language", "nearest-1"))
    touch(workspace)
    workspace.write(make_arms("none", "in-language", "nearest-1", **change))
    assert workspace.plan() == ({**redone, **AGGREGATES} if redone else {})


def test_an_arm_is_given_the_start_and_the_training_text_of_its_languages(workspace):
    workspace.write(make_arms("all-others"))
    outcome = workspace.snakemake("--dry-run")
    given = {block["wildcards"]: block["input"].split(", ") for block in outcome.list_blocks("pretrain_model")}
    assert given["model=tiny-mt5@de+fi"] == [
        f"{ROOT}/models/tiny-mt5@none",
        f"{ROOT}/corpora/ner/de/train.parquet",
        f"{ROOT}/corpora/ner/fi/train.parquet",
    ]
    assert len(given) == 3


def test_a_mistake_stops_it_before_anything_runs(workspace):
    workspace.write(make_arms("nearest-3"))
    outcome = workspace.snakemake()
    assert outcome.status == 2
    (complaint,) = outcome.complaints
    assert "models.tiny-mt5.pretraining.strategies: nearest-3 needs 3 sources for de" in complaint
    assert not (workspace.folder / "results").exists()
