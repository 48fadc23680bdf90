"""Language-model statistics in a study: their text, their record, and the features made from them."""

import json

import numpy
import pandas as pd
import pytest
import tiny_models
from studies import make_study

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.pairs.predictors import choose_predictors
from isogloss.cli import run
from isogloss.common.errors import UserError
from isogloss.common.examples import Question, TaggedSentence, write_examples
from isogloss.families import FAMILIES
from isogloss.features import list_statistics
from isogloss.features.table import read_features, write_features
from isogloss.runs.language_model import draw_lines
from isogloss.runs.traits import describe_features
from isogloss.study.config import parse_study
from isogloss.study.grid import plan_runs
from isogloss.study.products import list_statistics as list_wanted
from isogloss.warm import find_preload


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return tiny_models.build_mt5(tmp_path_factory.mktemp("small"))


def test_each_line_is_read_once_and_of_many_some_are_drawn(tmp_path, monkeypatch):
    questions = [Question(f"en-{n}", "en", "One passage.", f"Question {n % 3}?", ("One",), (0,)) for n in range(6)]
    write_examples(tmp_path / "train.parquet", questions, Question)
    lines = draw_lines(tmp_path / "train.parquet", "qa", "en")
    assert sorted(lines) == ["One passage.", "Question 0?", "Question 1?", "Question 2?"]
    monkeypatch.setattr("isogloss.runs.language_model.LINES", 2)
    assert (
        draw_lines(tmp_path / "train.parquet", "qa", "en")
        == lines[:2]
        != draw_lines(tmp_path / "train.parquet", "qa", "de")
    )


@pytest.mark.slow
def test_the_record_tells_what_was_measured_and_is_the_same_each_time(small, tmp_path, capsys):
    texts = []
    for split in ("train", "validation"):
        sentences = tiny_models.draw_sentences(20, seed=len(split))
        write_examples(tmp_path / f"{split}.parquet", sentences, TaggedSentence)
        texts.append(str(tmp_path / f"{split}.parquet"))
    recipe = {"family": "text-to-text", "pretrained_on": True}

    def call(out, **changes):
        given = json.dumps({**recipe, **changes})
        named = ["--task", "ner", "--model", "small", "--language", "en", "--start", str(small), "--text", *texts]
        return run(["language-model", *named, "--recipe", given, "--out", str(tmp_path / out)])

    assert (call("one.json"), call("two.json")) == (0, 0)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    record = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert [record[key] for key in ("model", "task", "language", "objective", "seed", "reason")] == [
        *("small", "ner", "en", "span corruption", 0, "")
    ]
    assert {split: text["pretrained_on"] for split, text in record["texts"].items()} == {
        "train": True,
        "validation": False,
    }
    for text in record["texts"].values():
        assert set(text["values"]) == {"lm_loss", "lm_exact", "lm_exact_free"}
        assert set(text["counts"]) == {"lines", "pieces", "tokens", "target_tokens", "spans"}
    for family in ("crf", "bilstm-crf"):
        assert call("none.json", family=family) == 2
        told = capsys.readouterr().err
        line = f"models.small: family {family} has no language model; use a model of another family"
        assert told == f"isogloss: {line}\n"
    assert not (tmp_path / "none.json").exists()


def write_record(folder, model, language, **values):
    path = folder / f"language_model/{model}/ner/{language}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {"train": {"values": values}, "validation": {"values": {"lm_loss": 99}}} if values else {}
    path.write_text(json.dumps({"task": "ner", "model": model, "language": language, "texts": texts}), encoding="utf-8")
    return path


def test_statistics_become_features_of_source_and_target(tmp_path):
    records = [write_record(tmp_path, "t5", code, lm_loss=loss) for code, loss in (("en", 2.5), ("de", 3.0))]
    records += [
        write_record(tmp_path, "t5", "fi"),
        write_record(tmp_path, "bert", "en"),
        write_record(tmp_path, "bert", "de"),
    ]
    common, subword = tmp_path / "typology.csv", tmp_path / "ner" / "t5" / "subword.csv"
    subword.parent.mkdir(parents=True)
    common.write_text("source,target,syntax\nen,de,0.9\n", encoding="utf-8")
    subword.write_text("source,target,subword_overlap_target\nen,de,0.4\n", encoding="utf-8")
    write_features([common], [], [subword], tmp_path / "features.csv", records)
    table = read_features(tmp_path / "features.csv")
    assert set(table["model"]) == {"", "t5"}  # bert has no values
    own = table[table["model"] == "t5"].set_index(["source", "target"])
    assert len(own) == 6
    assert own.loc[("en", "de"), ["subword_overlap_target", "lm_loss_source", "lm_loss_target"]].tolist() == [
        0.4,
        2.5,
        3,
    ]
    assert own.loc[("fi", "en"), "lm_loss_target"] == 2.5
    assert pd.isna(own.loc[("fi", "en"), "lm_loss_source"])
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match=r"other\.json: not a record of a language model"):
        write_features([common], [], [], tmp_path / "features.csv", [tmp_path / "other.json"])


def test_a_regression_takes_none_of_them_unless_it_is_declared():
    columns = list_statistics()
    assert len(columns) == 16
    traits = describe_features([*columns, "syntax", "lm_size_source"])
    assert [name for name, one in traits.items() if not one.of_language] == ["syntax"]
    assert set(traits) == {*columns, "syntax"}
    rng = numpy.random.default_rng(0)
    codes = list("abcdefghij")
    pairs = pd.DataFrame(
        [(one, other) for one in codes for other in codes if one != other], columns=["source", "target"]
    )
    for name in ("syntax", "own"):
        pairs[name] = rng.normal(size=len(pairs))
    for name in ("lm_loss_source", "lm_exact_free_target"):
        pairs[name] = pairs[name.rsplit("_", 1)[1]].map(dict(zip(codes, rng.normal(size=10), strict=True)))
    names = list(pairs.columns[2:])
    taken, reasons = choose_predictors(pairs, names, Evidence(pd.DataFrame(), traits=traits))
    assert taken == ["own", "syntax"]
    reason = "left out: it is a property of one language, not of a pair"
    assert reasons == dict.fromkeys(["lm_loss_source", "lm_exact_free_target"], reason)
    declared = Evidence(pd.DataFrame(), primary={"feature": "lm_loss_source"}, traits=traits)
    assert choose_predictors(pairs, names, declared)[0] == ["lm_loss_source", "own", "syntax"]


TINY = {"crf": {"family": "crf"}, "tiny": {"build": "tiny-mt5", "languages": ["de", "en"]}}


def test_a_study_that_asks_has_them_of_the_models_that_have_a_language_model():
    assert {name for name, family in FAMILIES.own.items() if family.statistics} == {"text-to-text", "encoder"}
    grid = {"sources": ["each"], "n": 30, "shots": [0]}
    asked = make_study(models=TINY, training={}, transfer=grid, analysis={"language_model": True})
    parsed = parse_study(asked)
    assert list_wanted(parsed, plan_runs(parsed)) == [("tiny", "ner", code) for code in ("de", "en", "fi")]
    silent = parse_study({**asked, "analysis": {}})
    assert list_wanted(silent, plan_runs(silent)) == []


@pytest.mark.parametrize(
    ("models", "analysis", "said"),
    [
        ({"crf": {"family": "crf"}}, {"language_model": True}, r"language_model: no model.*\(its families: crf\)"),
        (TINY, {"primary": {"model": "tiny"}}, "unknown feature 'lm_loss_source'"),
        (TINY, {"language_model": True, "primary": {"model": "crf"}}, "unknown feature 'lm_loss_source'"),
        (TINY, {"language_model": True, "primary": {"model": "tiny"}}, ""),
    ],
)
def test_what_no_model_has_cannot_be_asked_for(models, analysis, said):
    if "primary" in analysis:
        declared = {"task": "ner", "shots": 0, "feature": "lm_loss_source", **analysis["primary"]}
        analysis = {**analysis, "primary": declared}
    study = make_study(
        models=models, training={}, transfer={"sources": ["each"], "n": 30, "shots": [0]}, analysis=analysis
    )
    if not said:
        assert parse_study(study).analysis.primary.feature == "lm_loss_source"
        return
    with pytest.raises(UserError, match=said):
        parse_study(study)


def test_the_verb_runs_warm_in_the_room_of_its_family():
    assert find_preload(["language-model", "--recipe", '{"family": "encoder"}', "--out", "x"]) == "encoder"
