"""The axes of a run: each is declared once, and defines paths, wildcards, identities and key columns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss.common.run import (
    AXES,
    RUN_FOLDER,
    RUN_KEY,
    SCORE_KEY,
    SETTING_KEY,
    TRAINED_AXES,
    TRAINED_FOLDER,
    Axis,
    Run,
    allot,
    complete_identity,
    fill_template,
    name_sources,
    name_variant,
    read_run,
    split_sources,
    split_variant,
    write_flags,
)

RUN = Run("ner", "tiny-mt5@bn+hi", ("de", "en"), 600, "sw", 20, "sequential", 3)
CODES = ["ar", "bn", "de", "en", "es", "fi", "hi", "id", "ru", "sw"]
NAMED = {
    "task": ["ner", "ner-2"],
    "model": ["crf", "tiny-mt5", "tiny-mt5@bn+hi", "tiny-mt5@none", "xlm.r"],
    "target": CODES,
    "adaptation": ["direct", "joint", "sequential"],
}
RUNS = st.builds(
    Run,
    task=st.sampled_from(NAMED["task"]),
    model=st.sampled_from(NAMED["model"]),
    sources=st.sets(st.sampled_from(CODES)).map(sorted).map(tuple),
    n=st.integers(0, 10**6),
    target=st.sampled_from(CODES),
    shots=st.integers(0, 1000),
    adaptation=st.sampled_from(NAMED["adaptation"]),
    seed=st.integers(0, 99),
)
LABELS = Axis(name="labels", prefix="labels-", default="all")


def match(template: str, path: str) -> dict[str, str]:
    """Return the wildcards in a path, as snakemake finds them with their constraints."""
    form = re.escape(template)
    for axis in AXES:
        form = form.replace(
            re.escape(f"{{{axis.name}}}"), f"(?P<{axis.name}>{axis.constrain(NAMED.get(axis.name, ()))})"
        )
    return re.fullmatch(form, path).groupdict()


def test_the_templates_are_the_paths_that_results_have():
    assert RUN_FOLDER == ("transfer/{task}/{model}/{sources}/n-{n}/{target}/shots-{shots}/{adaptation}/seed-{seed}")
    assert TRAINED_FOLDER == "finetuned/{task}/{model}/{sources}/n-{n}/seed-{seed}"
    assert RUN.folder == "transfer/ner/tiny-mt5@bn+hi/de+en/n-600/sw/shots-20/sequential/seed-3"
    assert fill_template(TRAINED_FOLDER, RUN) == "finetuned/ner/tiny-mt5@bn+hi/de+en/n-600/seed-3"


def test_the_key_columns_are_those_that_tables_have():
    assert RUN_KEY == ("task", "model", "sources", "n", "target", "shots", "adaptation", "seed")
    assert (
        *("task", "model", "sources", "n", "target", "test_corpus", "shots", "adaptation", "seed", "metric"),
    ) == SCORE_KEY
    assert SETTING_KEY == ("task", "model", "test_corpus", "n", "adaptation", "shots")
    assert [axis.name for axis in TRAINED_AXES] == ["task", "model", "sources", "n", "seed"]
    assert write_flags(TRAINED_AXES) == (
        "--task {wildcards.task:q} --model {wildcards.model:q} --sources {wildcards.sources:q} --n {wildcards.n:q} "
        "--seed {wildcards.seed:q}"
    )


@given(RUNS)
def test_the_wildcards_of_a_run_s_path_are_the_run(run):
    assert read_run(match(RUN_FOLDER, run.folder)) == run
    trained = match(TRAINED_FOLDER, fill_template(TRAINED_FOLDER, run))
    assert {axis.name: axis.read(trained[axis.name]) for axis in TRAINED_AXES} == {
        axis.name: getattr(run, axis.name) for axis in TRAINED_AXES
    }


def test_a_record_has_the_whole_identity_in_the_order_of_the_axes():
    assert list(RUN.describe().items()) == [
        ("task", "ner"),
        ("model", "tiny-mt5@bn+hi"),
        ("sources", ["de", "en"]),
        ("n", 600),
        ("target", "sw"),
        ("test_corpus", "ner"),
        ("shots", 20),
        ("adaptation", "sequential"),
        ("seed", 3),
    ]
    assert tuple(RUN.tabulate()) == RUN_KEY
    assert RUN.tabulate()["sources"] == "de+en"


def test_an_axis_matches_the_names_that_the_study_gives_or_its_own_form():
    axes = {axis.name: axis for axis in AXES}
    assert axes["model"].constrain(["crf", "tiny.mt5@de+en"]) == r"crf|tiny\.mt5@de\+en"
    assert re.search(axes["model"].constrain(), "") is None
    assert axes["n"].constrain() == axes["n"].constrain(["600"]) == r"\d+"
    sources = re.compile(axes["sources"].constrain())
    for name, fits in {"none": True, "de": True, "de+en": True, "de+": False, "": False, "de/en": False}.items():
        assert bool(sources.fullmatch(name)) == fits, name


def test_a_default_is_left_out_of_a_path():
    assert LABELS.segment == "{labels}"
    template = "transfer{labels}/seed-{seed}"
    for value, path in {"all": "transfer/seed-1", "few": "transfer/labels-few/seed-1"}.items():
        assert template.format(labels=LABELS.write(value), seed=1) == path
        assert LABELS.read(LABELS.write(value)) == value
    form = re.compile(LABELS.constrain(["all", "few"]))
    for text, fits in {"": True, "/labels-few": True, "/labels-none": False, "labels-few": False, "few": False}.items():
        assert bool(form.fullmatch(text)) == fits, text


@pytest.mark.parametrize(
    ("axis", "value", "text"),
    [
        (Axis(name="share", kind=int, prefix="share-", pattern=r"\d+", default=100), 50, "/share-50"),
        (
            Axis(name="helpers", kind=tuple, prefix="with-", pattern="none|[a-z+]+", default=()),
            ("de", "en"),
            "/with-de+en",
        ),
    ],
)
def test_an_axis_with_a_default_keeps_the_kind_of_its_values(axis, value, text):
    assert axis.write(value) == text
    assert axis.read(text) == value
    assert axis.write(axis.default) == ""
    assert axis.read("") == axis.default


@pytest.mark.parametrize(("name", "text"), [("n", "many"), ("seed", "-1"), ("sources", "de,en"), ("sources", "")])
def test_text_that_is_no_value_of_an_axis_is_refused(name, text):
    with pytest.raises(ValueError, match=f"^{name} is '{text}', not of the form "):
        read_run({**{axis.name: axis.write(getattr(RUN, axis.name)) for axis in AXES}, name: text})


def test_a_record_made_before_an_axis_existed_has_its_default(monkeypatch):
    identity = RUN.describe()
    assert complete_identity(identity) == identity
    monkeypatch.setattr("isogloss.common.run.AXES", (*AXES, LABELS))
    assert complete_identity(identity) == {**identity, "labels": "all"}
    assert complete_identity({**identity, "labels": "few"}) == {**identity, "labels": "few"}


def test_source_sets_are_sorted_and_have_names():
    assert name_sources(["es", "de"]) == "de+es"
    assert name_sources([]) == "none"
    assert split_sources("none") == ()
    assert split_sources("de+es") == ("de", "es")


def test_a_variant_is_named_by_its_base_and_its_languages():
    assert name_variant("tiny-mt5", ["hi", "bn"]) == "tiny-mt5@bn+hi"
    assert name_variant("tiny-mt5", ()) == "tiny-mt5@none"
    assert split_variant("tiny-mt5@bn+hi") == ("tiny-mt5", "bn+hi")
    assert split_variant("tiny-mt5@none") == ("tiny-mt5", "none")
    assert split_variant("crf") == ("crf", "")
    assert split_variant("own@home@de") == ("own@home", "de")


@pytest.mark.parametrize(
    ("n", "sources", "shares"),
    [
        (600, ["en"], {"en": 600}),
        (600, ["fi", "en", "ar"], {"ar": 200, "en": 200, "fi": 200}),
        (7, ["fi", "en", "ar"], {"ar": 3, "en": 2, "fi": 2}),
        (0, [], {}),
    ],
)
def test_n_is_a_total_shared_evenly_first_by_code(n, sources, shares):
    assert allot(n, sources) == shares


@given(st.integers(0, 10_000), st.sets(st.sampled_from(CODES), min_size=1))
def test_shares_add_up_to_n_and_differ_by_one_at_most(n, sources):
    shares = allot(n, sorted(sources))
    assert list(shares) == sorted(sources)
    assert sum(shares.values()) == n
    assert max(shares.values()) - min(shares.values()) <= 1
