"""A study with corpora on a hub, run by the real snakemake: downloads, failures, and which scores exist."""

import csv
from collections import Counter

import pytest
from loopback_hub import Fault, Hub, make_rows, serve, write_jsonl, write_parquet
from studies import make_hub_study, make_study

from isogloss.corpora.layouts import ENTITY_TAGS, LAYOUTS

SIZES = {"train": 40, "validation": 5, "test": 8}
SCORES = "results/small/analysis/scores.csv"
STUDY = make_hub_study(
    "uner",
    {"hub": {"dataset": "universalner/universal_ner", "revision": "main@5555555"}},
    transfer={"sources": [["en"]], "n": 30, "shots": [0, 5]},
)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    wikiann = {
        f"{language}/{split}/0000.parquet": write_parquet(make_rows(language, split, size), ENTITY_TAGS)
        for language in ("de", "en", "sw")
        for split, size in SIZES.items()
    }
    dated = LAYOUTS["masakhane/masakhaner2"].labels
    repositories = {
        "unimelb-nlp/wikiann": wikiann,
        "masakhane/masakhaner2": {"swa/masakhaner2-test.parquet": write_parquet(make_rows("sw", "gold", 7), dated)},
        "universalner/universal_ner": {
            "de_pud/test.jsonl": write_jsonl(make_rows("de", "gold", 6), ENTITY_TAGS),
            "en_ewt/test.jsonl": write_jsonl(make_rows("en", "gold", 6), ENTITY_TAGS),
        },
    }
    commits = {name: LAYOUTS[name].revision or "5" * 40 for name in repositories}
    with serve(Hub({f"datasets/{name}": {commits[name]: files} for name, files in repositories.items()})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        yield running


def test_a_study_from_the_hub_carries_on_after_a_refusal_and_needs_no_network_afterwards(hub, workspace, monkeypatch):
    workspace.write(STUDY)
    hub.faults = [Fault("masakhaner2", 403, {"X-Error-Code": "GatedRepo"})]
    refused = workspace.snakemake(SCORES)
    assert refused.status == 1
    assert refused.jobs["download"] == refused.jobs["corpus"] == 3
    assert set(refused.complaints) == {
        f"isogloss: hub: dataset masakhane/masakhaner2 is gated; accept its conditions at {hub.endpoint}, then log in "
        "(`hf auth login`, or set HF_TOKEN)"
    }
    assert not (workspace.folder / "results/small/downloads/test_corpora/ner/masakhaner/sw/test.parquet").exists()
    assert len(hub.list_downloads()) == 9 + 2

    hub.faults, hub.requests = [], []
    figures = [f"results/small/figures/ner/crf/{name}.svg" for name in ("matrix-shots-0", "few-shot", "scatter-syntax")]
    jobs = workspace.run(SCORES, "results/small/analysis/matrices.csv", *figures)
    assert jobs == {
        "download_test": 1,
        "test_corpus": 1,
        "transfer": 1,  # for the target whose test corpus was missing
        "adapt": 1,
        "typology": 1,
        "overlap": 1,
        "features": 1,
        "scores": 1,
        "analyse": 1,
        "matrices": 1,
        "scatters": 1,
        "few_shot": 1,
    }
    assert hub.list_downloads() == ["swa/masakhaner2-test.parquet"]

    rows = list(csv.DictReader((workspace.folder / SCORES).open(encoding="utf-8")))
    tested = Counter((row["test_corpus"], row["target"]) for row in rows if row["metric"] == "f1")
    assert tested == {
        ("ner", "de"): 2,  # zero-shot, and at 5 shots
        ("ner", "en"): 1,
        ("ner", "sw"): 2,
        ("masakhaner", "sw"): 2,
        ("uner", "de"): 2,
        ("uner", "en"): 1,
    }

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.requests.clear()
    lost = "results/small/downloads/corpora/ner/sw/train.parquet"
    (workspace.folder / lost).unlink()
    assert workspace.run(lost) == {"download": 1}
    assert (workspace.folder / lost).exists()
    assert hub.requests == []


def test_a_model_that_the_hub_lacks_is_told_before_anything_trains_and_the_other_runs_go_on(hub, workspace):
    models = {"crf": {"family": "crf"}, "gone": {"hub": "lab/mt5-gone"}}
    grid = {"sources": [["en"]], "targets": ["fi"], "n": 30, "shots": [0]}
    workspace.write(make_study(languages=["en", "fi"], models=models, transfer=grid))
    refused = workspace.snakemake("--printshellcmds")
    line = (
        "isogloss: hub: model 'lab/mt5-gone' does not exist or is private; correct its id, or log in if it is private"
    )
    assert refused.status == 1
    assert set(refused.complaints) == {line}
    assert refused.text.index(line) < refused.text.index("rule finetune:")
    run = "{}/en/n-30/fi/shots-0/direct/seed-1/metrics.json"
    transfer = workspace.folder / "results/small/transfer/ner"
    assert [(transfer / run.format(model)).exists() for model in models] == [True, False]
    assert not (workspace.folder / "results/small/models/gone").exists()
    left = workspace.plan()
    assert {rule: left[rule] for rule in ("fetch_model", "finetune", "transfer")} == dict.fromkeys(
        ("fetch_model", "finetune", "transfer"), 1
    )
    assert "corpus" not in left


def test_languages_that_a_corpus_lacks_are_left_out_and_a_corpus_that_lacks_all_is_refused(workspace):
    study = {**STUDY, "tasks": {"ner": {"kind": "ner", "corpus": {"hub": {"dataset": "masakhane/masakhaner2"}}}}}
    workspace.write({**study, "transfer": {"sources": ["each"], "n": 30, "shots": [0]}})
    planned = workspace.snakemake("--dry-run")
    assert (planned.status, planned.jobs["download"], planned.jobs["transfer"]) == (0, 1, 1)
    assert planned.complaints == [
        "isogloss: tasks.ner: 2 of 3 languages left out because its corpus does not contain them: de en"
    ]
    workspace.write({**study, "languages": ["de", "en"]})
    planned = workspace.snakemake()
    assert (planned.status, planned.jobs) == (2, {})
    assert planned.complaints == [
        "isogloss: corpus hub: masakhane/masakhaner2 does not have language 'de', only bbj bm ee fon ha ig lg luo mos "
        "ny pcm rw sn sw tn tw wo xh yo zu; "
        "leave de out of `languages`, or choose another corpus"
    ]
    assert workspace.isogloss("check", "study.yaml").text == f"{planned.complaints[0]}\n"


def test_check_says_how_many_languages_a_test_corpus_has(workspace):
    workspace.write(STUDY)
    assert workspace.isogloss("check", "study.yaml").text == (
        "study.yaml: 5 runs\n"
        "tasks.ner: 2 ordered pairs\n"
        "tasks.ner.test_corpora.masakhaner: 1 of 3 languages\n"
        "tasks.ner.test_corpora.uner: 2 of 3 languages\n"
    )


@pytest.mark.parametrize(
    ("tests", "line"),
    [
        ({"ner": {"hub": {"dataset": "google/xtreme"}}}, "the task's own test set has this name; choose another name"),
        (
            {"gold": {"local": "nowhere"}},
            "tasks.ner.test_corpora.gold: this corpus has none of the languages de en sw; remove it",
        ),
        ({"gold": {"hub": {}}}, "config: tasks.ner.test_corpora.gold.hub: the key 'dataset' is missing"),
        (
            {"gold": {"hub": {"dataset": "universalner/universal_ner"}}},
            "config: tasks.ner.test_corpora.gold.hub.revision: no commit with the files of universalner/universal_ner "
            "is known; set a full commit hash, or main@COMMIT",
        ),
        (
            {"gold": {"hub": {"dataset": "google/xtreme", "revision": "main"}}},
            "config: tasks.ner.test_corpora.gold.hub.revision: 'main' of google/xtreme may move; set a full commit "
            "hash, or main@COMMIT",
        ),
    ],
)
def test_a_test_corpus_that_cannot_be_is_refused(workspace, tests, line):
    task = {"kind": "ner", "corpus": {"hub": {"dataset": "unimelb-nlp/wikiann"}}, "test_corpora": tests}
    workspace.write({**STUDY, "tasks": {"ner": task}})
    refused = workspace.isogloss("check", "study.yaml")
    assert refused.status == 2
    assert line in refused.text and refused.text.count("\n") == 1
