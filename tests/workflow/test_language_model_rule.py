"""A study with language-model statistics: its jobs, and how the values get into its tables."""

import json

import pandas as pd
from studies import ENDS, make_study

STUDY = make_study(
    models={
        "crf": {"family": "crf"},
        "tiny": {"build": "tiny-mt5", "languages": ["de", "en"], "steps": 2, "vocabulary": 700},
    },
    transfer={"models": ["crf", "tiny"], "sources": ["each"], "n": 30, "shots": [0]},
    training={"tiny": {"epochs": 1}},
    analysis={"permutations": 20, "language_model": True},
)


def test_statistics_are_made_of_the_model_that_has_a_language_model_and_become_features(workspace):
    workspace.write(STUDY)
    planned = workspace.plan()
    assert planned["language_model"] == 3
    workspace.write({**STUDY, "analysis": {"permutations": 20}}, "silent.yaml")
    without = workspace.plan(study="silent.yaml")
    assert planned == {**without, "language_model": 3}
    assert without["features"] == ENDS["report"] == 1

    done = workspace.run("results/small/features/features.csv")
    assert done["language_model"] == 3
    root = workspace.folder / "results" / "small"
    records = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in root.glob("language_model/tiny/ner/*.json")
    }
    told = {code: record["texts"]["train"]["pretrained_on"] for code, record in records.items()}
    assert told == {"de": True, "en": True, "fi": False}
    assert all(set(record["texts"]) == {"train", "validation"} for record in records.values())
    table = pd.read_csv(root / "features" / "features.csv", keep_default_na=False, na_values=[""])
    own = table[table["model"] == "tiny"].set_index(["source", "target"])
    assert len(own) == 6
    for source, target in own.index:
        for end, code in (("source", source), ("target", target)):
            for name, value in records[code]["texts"]["train"]["values"].items():
                assert own.loc[(source, target), f"{name}_{end}"] == value
    assert table[table["model"] != "tiny"]["lm_loss_source"].isna().all()
    assert workspace.plan("results/small/features/features.csv") == {}
