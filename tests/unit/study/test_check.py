"""The languages of each task in a study, the plan for them, and which models support a task."""

import json
from collections import Counter

import pytest
import yaml
from studies import PROJECT, make_study

from isogloss.common.errors import UserError
from isogloss.planning.plan import count_jobs, describe_pairs, describe_tasks
from isogloss.study import recipes
from isogloss.study.check import check_study
from isogloss.study.grid import name_strategies, plan_runs, read_design
from isogloss.study.products import describe_left_out, list_needed
from isogloss.study.recipes import write_design

TEN = ["ar", "bn", "en", "fi", "id", "ru", "sw", "es", "de", "hi"]
NER = {"kind": "ner", "corpus": {"hub": {"dataset": "google/xtreme"}}}
NLI = {"kind": "nli", "corpus": {"hub": {"dataset": "facebook/xnli"}}}
QA = {"kind": "qa", "corpus": {"hub": {"dataset": "google-research-datasets/tydiqa"}}}
XQUAD = {"xquad": {"hub": {"dataset": "google/xquad"}}}
MT5 = {"mt5": {"hub": "google/mt5-small"}}


def make_three(**changes) -> dict:
    return make_study(
        languages=TEN,
        tasks={"ner": NER, "nli": NLI, "qa": QA},
        models=MT5,
        training={"mt5": {"adaptation_steps": {5: 3}}},
        **changes,
    )


def count_pairs(runs) -> dict[str, int]:
    pairs = {(run.task, run.sources, run.target) for run in runs if len(run.sources) == 1 and not run.in_language}
    return dict(Counter(task for task, _, _ in pairs))


def test_the_ten_languages_are_90_42_and_42_pairs(tmp_path):
    parsed, runs, need = check_study(make_three(), tmp_path)
    assert count_pairs(runs) == {"ner": 90, "nli": 42, "qa": 42}
    # At 0 shots: each pair and each in-language run. At 5 shots: each pair and each target-only run.
    assert Counter(run.task for run in runs) == {"ner": 200, "nli": 98, "qa": 98}
    assert {task: len(languages) for task, languages in need.items()} == {"ner": 10, "nli": 7, "qa": 7}
    assert describe_left_out(parsed, "ner") == ""
    assert (
        describe_left_out(parsed, "nli")
        == "3 of 10 languages left out because its corpus does not contain them: bn fi id"
    )
    assert describe_pairs(parsed, runs, "qa") == (
        "42 ordered pairs; 3 of 10 languages left out because its corpus does not contain them: es de hi"
    )
    jobs = count_jobs(parsed, runs)
    assert (jobs["corpus"], jobs["download"], jobs["audit"], jobs["finetune"]) == (24, 24, 3, 24)


def test_xquad_is_tested_on_in_the_languages_that_tydiqa_lacks(tmp_path):
    study = make_three()
    study["tasks"] = {"qa": {**QA, "test_corpora": XQUAD}}
    parsed, runs, *_ = check_study(study, tmp_path)
    further = [run for run in runs if run.target in ("de", "es", "hi")]
    assert len(further) == 7 * 3 and {run.shots for run in further} == {0}
    assert {run.sources[0] for run in further} == {"ar", "bn", "en", "fi", "id", "ru", "sw"}
    assert describe_tasks(parsed, runs) == [
        (
            "qa",
            "42 ordered pairs, 7 in-language targets, 1 seed; 21 more with targets that only a test corpus contains; "
            "3 of 10 languages left out because its corpus does not contain them: es de hi",
        ),
        ("qa on xquad", "6 languages, ar en ru es de hi; not in this test corpus: bn fi id sw"),
    ]


def test_the_local_samples_are_90_42_and_42_pairs_too(tmp_path):
    samples = PROJECT.parent / "shared" / "data"
    if not samples.is_dir():
        pytest.skip("no samples next to the project")
    folders = {"ner": "panx", "nli": "xnli", "qa": "tydiqa"}
    tasks = {kind: {"kind": kind, "corpus": {"local": str(samples / name)}} for kind, name in folders.items()}
    study = make_three(transfer={"sources": ["each"], "n": 60, "shots": [0]})
    _, runs, need = check_study({**study, "tasks": tasks}, tmp_path)
    assert count_pairs(runs) == {"ner": 90, "nli": 42, "qa": 42}
    assert need["qa"]["bn"] == {"source": 60, "shots": 0}
    too_many = make_three(transfer={"sources": ["each"], "n": 63, "shots": [0]})
    with pytest.raises(
        UserError,
        match=r"tasks\.qa: transfer\.n: training sentences after the audit: bn has 62 of 63; set n to 62 or le",
    ):
        check_study({**too_many, "tasks": tasks}, tmp_path)


def test_strategies_are_resolved_among_the_languages_of_the_task(tmp_path):
    study = make_three(transfer={"sources": ["all-others", "nearest-2", ["de", "en"]], "n": 60, "shots": [0]})
    _, runs, _ = check_study(study, tmp_path)
    of_sw = {task: {run.sources for run in runs if run.task == task and run.target == "sw"} for task in ("ner", "qa")}
    assert tuple(sorted(set(TEN) - {"sw"})) in of_sw["ner"] and ("de", "en") in of_sw["ner"]
    assert ("ar", "bn", "en", "fi", "id", "ru") in of_sw["qa"] and ("de", "en") not in of_sw["qa"]
    for run in runs:
        assert run.task != "qa" or not {"de", "es", "hi"} & {*run.sources, run.target}


def test_the_grid_that_jobs_are_given_has_the_same_runs(tmp_path):
    parsed, runs, *_ = check_study(make_three(), tmp_path)
    design = read_design(json.loads(write_design(parsed)))
    assert plan_runs(design) == runs
    assert {(run.target, run.sources) for run in runs} <= set(name_strategies(design))
    assert design.tasks["ner"].languages == tuple(TEN)
    assert {task: len(of.languages) for task, of in design.tasks.items()} == {"ner": 10, "nli": 7, "qa": 7}


def test_a_task_may_have_a_length_of_its_own(tmp_path):
    study = make_three()
    before, _, _ = check_study(study, tmp_path)
    parsed, runs, *_ = check_study({**study, "tasks": {**study["tasks"], "qa": {**QA, "max_length": 384}}}, tmp_path)
    lengths = {
        task: json.loads(recipes.write_finetune_recipe(parsed, task, "mt5"))["max_length"] for task in parsed.tasks
    }
    assert lengths == {"ner": 256, "nli": 256, "qa": 384}
    run = next(run for run in runs if run.task == "qa")
    assert json.loads(recipes.write_transfer_recipe(parsed, run))["max_length"] == 384
    for task in ("ner", "nli"):  # none of their jobs is redone
        assert recipes.write_finetune_recipe(parsed, task, "mt5") == recipes.write_finetune_recipe(before, task, "mt5")
    with pytest.raises(UserError, match=r"tasks\.qa\.max_length: "):
        check_study({**study, "tasks": {**study["tasks"], "qa": {**QA, "max_length": 4}}}, tmp_path)


def test_an_encoder_does_all_three_tasks(tmp_path):
    study = make_three() | {"models": {"xlmr": {"hub": "FacebookAI/xlm-roberta-base"}}}
    parsed, runs, *_ = check_study({**study, "training": {"xlmr": {"adaptation_steps": {5: 3}}}}, tmp_path)
    assert parsed.models["xlmr"].family == "encoder"
    assert {run.task for run in runs} == {"ner", "nli", "qa"}


def test_each_task_has_the_format_that_is_its_own(tmp_path):
    parsed, runs, *_ = check_study(make_three(), tmp_path)
    formats = {task: json.loads(recipes.write_finetune_recipe(parsed, task, "mt5"))["format"] for task in parsed.tasks}
    assert formats == {"ner": "sentinel", "nli": "label", "qa": "answer"}
    run = next(run for run in runs if run.task == "nli")
    assert json.loads(recipes.write_transfer_recipe(parsed, run))["format"] == "label"
    only_nli = make_three() | {"tasks": {"nli": NLI}, "training": {"mt5": {"format": "sentinle"}}}
    with pytest.raises(UserError, match="unknown format 'sentinle'; did you mean 'sentinel'"):
        check_study(only_nli, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"models": {"crf": {"family": "crf"}}, "training": {}},
            r"transfer: the family of models\.crf is crf, which does not support tasks\.nli of kind nli; "
            "set other `models` or",
        ),
        (
            {"tasks": {"qa": {**QA, "kind": "nli"}}},
            "tydiqa is for tasks of kind qa, not nli; correct `kind` or `corpus`",
        ),
        (
            {"tasks": {"qa": {**QA, "corpus": XQUAD["xquad"]}}},
            "google/xquad has no train split and can only be used for testing",
        ),
        (
            {"tasks": {"nli": {"kind": "nli", "corpus": {"synthetic": {}}}}},
            "corpus synthetic: does not support tasks of kind 'nli', only ner; use a local or a hub corpus",
        ),
        (
            {"tasks": {"nli": NLI}, "languages": ["bn", "fi"]},
            "facebook/xnli does not have language 'bn', only ar bg de el en es fr hi",
        ),
        (
            {"tasks": {"nli": NLI}, "languages": ["bn", "en"], "transfer": {"sources": [["bn"]], "n": 9, "shots": [0]}},
            "this grid produces no runs; .*; tasks.nli: 1 of 2 languages left out because its corpus does not contain "
            "them: bn",
        ),
        (
            {"tasks": {"nli": {"kind": "nli", "corpus": {"local": "nowhere"}}}},
            "corpus local: no folder nowhere; create it",
        ),
    ],
)
def test_a_task_that_cannot_be_is_refused_in_one_line(tmp_path, changes, message):
    with pytest.raises(UserError, match=message) as refused:
        check_study({**make_three(), **changes}, tmp_path)
    assert "\n" not in str(refused.value)


def test_a_model_built_or_trimmed_needs_the_corpora_of_its_own_languages(tmp_path):
    models = {
        "tiny": {"build": "tiny-mt5", "languages": ["fi", "sw"], "text": "qa"},
        "mt5": {"hub": "google/mt5-small", "trim_vocabulary": True, "languages": ["de", "fi", "fr"]},
    }
    study = make_three() | {"languages": ["en", "sw"], "models": models}
    training = {model: {"adaptation_steps": {5: 3}} for model in models}
    parsed, runs, *_ = check_study({**study, "training": training}, tmp_path)
    assert {task: list_needed(parsed, task) for task in parsed.tasks} == {
        "ner": ["en", "sw", "de", "fi", "fr"],
        "nli": ["en", "sw", "de", "fr"],
        "qa": ["en", "sw", "fi"],
    }
    assert count_jobs(parsed, runs)["corpus"] == 5 + 4 + 3


def test_the_paper_s_study_is_90_42_and_42_pairs(tmp_path):
    study = yaml.safe_load((PROJECT / "studies" / "paper.yaml").read_text(encoding="utf-8"))
    parsed, runs, *_ = check_study(study, tmp_path)
    assert [describe_pairs(parsed, runs, task).split(";")[0] for task in ("ner", "nli", "qa")] == [
        "90 ordered pairs",
        "42 ordered pairs",
        "42 ordered pairs",
    ]
    assert len(runs) == 3 * (100 + 3 * 100) + 2 * 3 * (49 + 3 * 49) + 3 * 21
