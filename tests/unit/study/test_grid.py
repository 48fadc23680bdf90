"""The grid: which runs a study has, their names, and the sentences that they need."""

import re
from collections import Counter

import pytest

from isogloss.common.errors import UserError
from isogloss.common.run import Run
from isogloss.study.config import parse_study
from isogloss.study.grid import count_need, name_strategies, plan_runs
from isogloss.study.products import place_model, place_trained
from isogloss.study.strategies import resolve_strategy

TEN = ["ar", "bn", "de", "en", "es", "fi", "hi", "id", "ru", "sw"]


def plan(study: dict, **grid) -> list[Run]:
    study["transfer"].update(grid)
    return plan_runs(parse_study(study))


def test_default_study_has_300_runs_a_model(default_study):
    runs = plan_runs(parse_study(default_study))
    assert Counter(run.model for run in runs) == {"tiny-mt5": 300, "crf": 300}
    tiny = [run for run in runs if run.model == "tiny-mt5"]
    transfer = [run for run in tiny if run.sources and not run.in_language]
    assert Counter(run.shots for run in transfer) == {0: 90, 20: 90, 100: 90}
    assert len({(run.sources, run.target) for run in transfer}) == 90
    assert Counter(run.shots for run in tiny if run.in_language) == {0: 10}
    assert Counter(run.shots for run in tiny if not run.sources) == {20: 10, 100: 10}
    assert len({trained for run in tiny if (trained := place_trained(run))}) == 10


def test_a_crf_with_shots_is_joint_and_starts_from_nothing(default_study):
    study = parse_study(default_study)
    runs = [run for run in plan_runs(study) if run.model == "crf"]
    assert Counter(run.adaptation for run in runs) == {"direct": 100, "joint": 200}
    assert {place_trained(run) for run in runs if run.adaptation == "joint"} == {None}
    assert place_model(study, "crf") is None
    assert place_model(study, "tiny-mt5") == "results/default/models/tiny-mt5"


def test_a_run_has_one_path_of_its_own(default_study):
    runs = plan_runs(parse_study(default_study))
    assert len({run.folder for run in runs}) == len(runs) == 600
    run = Run("ner", "m", ("de", "en"), 600, "sw", 20, "sequential", 3)
    assert run.folder == "transfer/ner/m/de+en/n-600/sw/shots-20/sequential/seed-3"
    assert place_trained(run) == "finetuned/ner/m/de+en/n-600/seed-3"


def test_equal_per_source_is_n_times_the_sources(default_study):
    runs = plan(default_study, sources=[["en", "de", "es"]], shots=[0], budgets=["equal-total", "equal-per-source"])
    assert {run.n for run in runs if run.target == "sw"} == {600, 1800}
    assert {run.n for run in runs if run.target == "de"} == {600, 1200}
    assert plan(default_study, sources=["each"], shots=[0], budgets=["equal-per-source"])[0].n == 600


def test_several_n_seeds_and_adaptations_multiply(default_study):
    default_study["models"].pop("crf")
    runs = plan(
        default_study, sources=[["en"]], targets=["fi"], n=[100, 600], shots=[0, 20], seeds=[1, 2],
        adaptation=["sequential", "joint"],
    )  # fmt: skip
    assert len(runs) == 2 * 2 * (1 + 2)


def test_a_target_as_its_only_source_is_in_language_and_has_no_shots(default_study):
    default_study["models"].pop("crf")
    for sources in (["de"], "in-language"):
        runs = plan(default_study, sources=[sources, ["en"]], shots=[0, 20], targets=["de"])
        assert [(run.sources, run.shots, run.in_language) for run in runs] == [
            (("de",), 0, True),
            (("en",), 0, False),
            (("en",), 20, False),
        ]


def test_a_target_is_never_among_several_sources(default_study):
    default_study["models"].pop("crf")
    arms = [["de", "en", "es", "sw"], "nearest-3", "diverse-3", "random-3", "all-others"]
    runs = plan(default_study, sources=arms, shots=[0, 20], adaptation=["sequential", "joint"])
    assert [run for run in runs if run.target in run.sources] == []
    # A list of four languages is a set of three for each of the four targets in it.
    of_list = {run.target: run.sources for run in runs if set(run.sources) <= {"de", "en", "es", "sw"}}
    assert (of_list["sw"], of_list["fi"]) == (("de", "en", "es"), ("de", "en", "es", "sw"))
    sizes = Counter(len(run.sources) for run in runs if run.shots == 0)
    assert sizes[9] == 10 and sizes[4] == 6 and 24 <= sizes[3] <= 34
    assert {run.n for run in runs} == {600}
    assert Counter((run.shots, run.adaptation) for run in runs if len(run.sources) == 9) == {
        (0, "direct"): 10,
        (20, "sequential"): 10,
        (20, "joint"): 10,
    }


def test_arms_are_named_by_the_strategies_that_give_them(default_study):
    default_study["transfer"].update(sources=["each", "none", "nearest-1", ["en", "de"], "all-others"])
    arms = name_strategies(parse_study(default_study))
    assert arms["hi", ("bn",)] == ("each", "nearest-1")
    assert arms["hi", ("ar",)] == ("each",)
    assert arms["hi", ()] == ("none",)
    assert arms["hi", ("de", "en")] == ("de+en",)
    assert arms["de", ("en",)] == ("de+en", "each", "nearest-1")
    assert sum("all-others" in names for names in arms.values()) == 10


def test_a_source_model_is_trained_once_for_all_of_its_arms(default_study):
    default_study["models"].pop("crf")
    runs = plan(default_study, sources=["each"], shots=[0])
    assert len({place_trained(run) for run in runs}) == 10
    more = plan(default_study, sources=["each", ["en"], "nearest-1"], shots=[0, 20])
    assert len({place_trained(run) for run in more}) == 10
    more = plan(default_study, sources=["each", "all-others"], shots=[0, 20])
    assert len({place_trained(run) for run in more}) == 20
    assert set(runs) <= set(more)


def test_fewer_sentences_than_sources_are_refused(default_study):
    with pytest.raises(UserError, match=r"transfer\.n: 8 sentences cannot be shared among the 9 sources ar\+bn"):
        plan(default_study, sources=["all-others"], n=8, targets=["sw"])
    assert plan(default_study, sources=["all-others"], n=8, targets=["sw"], budgets=["equal-per-source"])[0].n == 72


def test_none_has_no_zero_shot_run(default_study):
    runs = plan(default_study, sources=["none"])
    assert {run.shots for run in runs} == {20, 100}
    assert {run.n for run in runs} == {0}


def test_grids_in_a_list_are_a_union(default_study):
    one = {"models": ["crf"], "sources": ["each"], "n": 600, "shots": [0, 20]}
    other = {"models": ["tiny-mt5"], "sources": ["each"], "n": 600, "shots": [0]}
    default_study["transfer"] = [one, other, other]
    runs = plan_runs(parse_study(default_study))
    assert Counter(run.model for run in runs) == {"crf": 190, "tiny-mt5": 100}


def test_strategies_resolve_to_languages():
    assert resolve_strategy("all-others", "sw", TEN) == [tuple(code for code in TEN if code != "sw")]
    assert resolve_strategy(["es", "de"], "sw", TEN) == [("de", "es")]
    assert resolve_strategy("none", "sw", TEN) == [()]
    assert resolve_strategy("each", "sw", ["sw", "en"]) == [("en",), ("sw",)]
    for strategy in ("nearest-3", "diverse-3", "random-3"):
        (chosen,) = resolve_strategy(strategy, "sw", TEN)
        assert len(set(chosen)) == 3
        assert "sw" not in chosen
        assert list(chosen) == sorted(chosen)
        assert resolve_strategy(strategy, "sw", list(reversed(TEN))) == [chosen]


def test_nearest_goes_by_syntax():
    assert resolve_strategy("nearest-1", "hi", TEN) == [("bn",)]
    assert resolve_strategy("nearest-1", "bn", TEN) == [("hi",)]


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        ("nearest-3-by-overlap", "needs corpus features"),
        ("nearest-10", "needs 10 sources for sw, but the study has 9 other languages"),
        ("closest", "unknown strategy 'closest'"),
    ],
)
def test_a_strategy_that_cannot_be_resolved_is_refused_with_a_reason(strategy, words):
    with pytest.raises(UserError, match=re.escape(words)):
        resolve_strategy(strategy, "sw", TEN)


def test_need_is_the_most_that_any_run_takes(default_study):
    runs = plan(default_study, sources=[["de", "en"], ["en"]], targets=["fi"], n=[100, 601], shots=[0, 20, 100])
    assert count_need(runs, "ner") == {
        "de": {"source": 301, "shots": 0},
        "en": {"source": 601, "shots": 0},
        "fi": {"source": 0, "shots": 100},
    }
