"""One complete study, run once: two text formats, a built model and a user's model, source sets, and all arms."""

import gzip
import html
import json
import shutil

import pandas as pd
import pytest
from studies import ENDS, PROJECT, Workspace, make_study, prepare_once

from isogloss.analysis.contents import STATISTICS
from isogloss.corpora.synthetic.synthetic import NOTICE
from isogloss.features import FEATURES
from isogloss.figures.contents import FIGURES

GRIDS = [
    {
        "models": ["tiny"],
        "sources": [["en"], "none", ["en", "de"]],
        "targets": ["fi"],
        "n": 20,
        "shots": [0, 5],
        "adaptation": ["sequential", "joint"],
    },
    {"models": ["own"], "sources": [["en"]], "targets": ["fi"], "n": 20, "shots": [5]},
    {
        "models": ["crf"],
        "sources": [["en"], ["en", "de"]],
        "targets": ["fi"],
        "n": [10, 25],
        "shots": [5],
        "seeds": [1, 2],
    },
]
RECIPE = {"epochs": 1, "batch_size": 4, "adaptation_steps": {"5": 2}}
ROOT = "results/whole"
EFFECTS = ("variance-bars", "coefficients", "ranking")


def run_whole(workspace: Workspace) -> None:
    """Build a model, copy it as a user's model, and run a study with both and a CRF."""
    study = make_study(
        study="whole",
        models={"tiny": {"build": "tiny-mt5", "languages": ["en", "fi"], "steps": 2, "vocabulary": 800}},
        transfer=GRIDS[0],
        training={"tiny": {**RECIPE, "format": "sentinel"}},
    )
    workspace.write(study)
    assert workspace.run(f"{ROOT}/models/tiny") == {"corpus": 2, "build_model": 1}
    shutil.copytree(workspace.folder / ROOT / "models" / "tiny", workspace.folder / "own")
    study["models"] |= {"own": {"path": "own"}, "crf": {"family": "crf"}}
    study["training"] |= {"own": {**RECIPE, "format": "spans"}, "crf": {"max_iterations": 10}}
    workspace.write({**study, "transfer": GRIDS})
    assert workspace.run() == {
        "corpus": 1,
        "audit": 1,
        "finetune": 2 + 1,
        "transfer": 2,
        "adapt": (2 * 2 + 1) + 1 + 2 * 2 * 2,
        "typology": 1,
        "overlap": 1,
        "subword_overlap": 2,
        "features": 1,
        "matrices": 2 + 1 + 1,
        "scatters": 1,
        "subword_scatters": 1,
        "effects": 3,
        "few_shot": 3,
        "runs": 1,
        "multi_source": 2,
        **ENDS,
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Workspace:
    """Return the folder of the study after its run. Tests must not change it."""
    return prepare_once("whole", run_whole, tmp_path_factory)


def read_record(workspace: Workspace, run: str) -> dict:
    path = workspace.folder / ROOT / "transfer/ner" / run / "metrics.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("run", "sources", "adaptation", "steps"),
    [
        ("tiny/en/n-20/fi/shots-0/direct/seed-1", {"en": 20}, None, None),
        ("tiny/de+en/n-20/fi/shots-0/direct/seed-1", {"de": 10, "en": 10}, None, None),
        ("tiny/de+en/n-20/fi/shots-5/sequential/seed-1", {"de": 10, "en": 10}, {"fi": 5}, 2),
        # 20 sentences are two thirds, and the shots repeated to 10 are one third: 30 sentences once, in batches of 4.
        ("tiny/de+en/n-20/fi/shots-5/joint/seed-1", None, {"de": 10, "en": 10, "fi": 10}, 8),
        ("tiny/none/n-0/fi/shots-5/sequential/seed-1", None, {"fi": 5}, 2),
        ("own/en/n-20/fi/shots-5/sequential/seed-1", {"en": 20}, {"fi": 5}, 2),
        ("crf/de+en/n-25/fi/shots-5/joint/seed-2", None, {"de": 13, "en": 12, "fi": 12}, ...),
    ],
)
def test_a_record_has_its_whole_identity_and_its_budget(whole, run, sources, adaptation, steps):
    record = read_record(whole, run)
    assert list(record) == ["run", "entries", "scores", "support", "budget", "versions", "cost", "provenance"]
    entries = {"task", "family", *(["adaptation"] if record["run"]["shots"] else [])}
    assert record["entries"].keys() == entries
    assert {one["package"] for one in record["entries"].values()} == {"isogloss"}
    axes = record["run"]
    assert run == (
        f"{axes['model']}/{'+'.join(axes['sources']) or 'none'}/n-{axes['n']}/{axes['target']}"
        f"/shots-{axes['shots']}/{axes['adaptation']}/seed-{axes['seed']}"
    )
    assert (axes["task"], axes["test_corpus"]) == ("ner", "ner")
    assert 0 <= record["scores"]["f1"] <= 1
    budget = record["budget"]
    assert (budget.get("sources") or {}).get("sentences") == sources
    assert budget.get("adaptation", {}).get("sentences") == adaptation
    if steps is not ...:
        assert budget.get("adaptation", {}).get("steps") == steps
    for part in filter(None, budget.values()):
        assert part["words"].keys() == part["sentences"].keys()
        if axes["model"] != "crf":
            assert part["subword_tokens"].keys() == part["sentences"].keys()
    assert record["versions"].keys() >= {"isogloss", "torch", "transformers", "python-crfsuite", "seqeval"}
    assert record["cost"]["wall_seconds"] > 0 and record["cost"]["peak_memory_mib"] > 10


def test_every_run_is_a_row_of_the_scores_with_its_predictions(whole):
    scores = pd.read_csv(whole.folder / ROOT / "analysis/scores.csv", keep_default_na=False)
    f1 = scores[scores["metric"] == "f1"]
    assert f1.groupby(["model", "sources", "shots"]).size().to_dict() == {
        ("crf", "de+en", 5): 4,
        ("crf", "en", 5): 4,
        ("own", "en", 5): 1,
        ("tiny", "de+en", 0): 1,
        ("tiny", "de+en", 5): 2,
        ("tiny", "en", 0): 1,
        ("tiny", "en", 5): 2,
        ("tiny", "none", 5): 1,
    }
    predictions = sorted((whole.folder / ROOT / "transfer").rglob("predictions.jsonl.gz"))
    assert len(predictions) == 16
    for path in predictions:
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        assert [json.loads(line)["id"] for line in lines] == [f"fi-test-{number}" for number in range(20)]


def test_models_are_kept_sources_always_and_few_shot_ones_as_the_study_says(whole):
    weights = [path.parent for path in (whole.folder / ROOT).rglob("model.safetensors")]
    kinds = [path.relative_to(whole.folder / ROOT).parts[0] for path in weights]
    assert sorted(kinds) == ["finetuned"] * 3 + ["models"] + ["transfer"] * 6
    assert {path.name for path in weights if "transfer" in path.parts} == {"checkpoint"}
    assert all((path / "tokenizer.json").exists() for path in weights)


def test_analysis_and_figures_are_all_there(whole):
    def list_names(folder: str) -> set[str]:
        return {path.name for path in (whole.folder / ROOT / folder).iterdir()}

    collected = {"scores.csv", "runs.csv", "sentences.parquet"}
    assert list_names("analysis") == {
        *(f"{name}.csv" for name in STATISTICS),
        *collected,
        "summary.md",
        "multi_source.md",
    }
    matrices = [f"{order}-shots-{k}" for k in (5, 0) for order in ("matrix", "clusters")]
    several = [f"multi-source-{name}" for name in ("arms", "curves", "sizes")]
    of_each = [*matrices[:2], "few-shot", *EFFECTS]
    drawn = {
        "own": of_each,
        "crf": [*of_each, *several],
        "tiny": [*of_each, *several, *matrices[2:], *(f"scatter-{name}" for name in FEATURES)],
    }
    for model, names in drawn.items():
        assert list_names(f"figures/ner/{model}") == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    features = pd.read_csv(whole.folder / ROOT / "features/features.csv")
    assert set(FEATURES) <= set(features.columns)


def test_the_report_opens_anywhere_and_says_that_it_is_a_demonstration(whole, tmp_path):
    report = shutil.copytree(whole.folder / ROOT / "report", tmp_path / "report")
    page = (report / "index.html").read_text(encoding="utf-8")
    assert NOTICE in html.unescape(page)
    assert NOTICE in (whole.folder / ROOT / "analysis/summary.md").read_text(encoding="utf-8")
    links = [part.split('"')[0] for part in page.split('src="')[1:]]
    assert len(links) == 2 * (2 + 1 + 1) + len(FEATURES) + 3 + 3 * len(EFFECTS) + 2 * 3
    assert page.count("<details>") == len(STATISTICS) + 1  # and the table of the coverage of lang2vec
    assert [link for link in links if not (report / link).is_file()] == []


def test_snakemake_s_own_report_has_the_figures_with_their_captions(whole, tmp_path):
    outcome = whole.copy(tmp_path / "copy").snakemake("--report", "report.html")
    assert outcome.status == 0, outcome.text
    page = (tmp_path / "copy" / "report.html").read_text(encoding="utf-8")
    files = {path.stem: path for path in (PROJECT / "workflow" / "report").glob("*.rst")}
    files |= {f"tables/{name}": statistic.caption for name, statistic in STATISTICS.own.items()}
    files |= {f"figures/{figure.caption.stem}": figure.caption for figure in FIGURES.own.values()}
    captions = {name: path.read_text(encoding="utf-8")[:30] for name, path in files.items()}
    assert {name: page.count(text) for name, text in captions.items()} == {
        "workflow": 1,
        "summary": 2,
        **{f"tables/{name}": 1 for name in STATISTICS},
        "figures/matrix": 2 + 1 + 1,
        "figures/clusters": 2 + 1 + 1,
        "figures/scatter": len(FEATURES),
        "figures/few_shot": 3,
        **{f"figures/{name.replace('-', '_')}": 3 for name in EFFECTS},
        "figures/multi_source": 2 * 3,
        "figures/self_supervised": 0,  # no model of this study is pre-trained on sets of languages
    }


def test_a_run_done_again_predicts_the_same_bytes(whole, tmp_path):
    copy = whole.copy(tmp_path / "copy")
    run = "tiny/en/n-20/fi/shots-5/sequential/seed-1"
    folder = copy.folder / ROOT / "transfer/ner" / run
    predicted, scores = (folder / "predictions.jsonl.gz").read_bytes(), read_record(copy, run)["scores"]
    (folder / "metrics.json").unlink()
    assert copy.run(f"{ROOT}/transfer/ner/{run}/metrics.json") == {"adapt": 1}
    assert (folder / "predictions.jsonl.gz").read_bytes() == predicted
    assert read_record(copy, run)["scores"] == scores
