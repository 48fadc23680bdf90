"""The languages of a study file: codes, and facts that correct or add to the tables of languages."""

import json

import pytest
from studies import make_study

from isogloss.common.errors import UserError
from isogloss.common.facts import Facts
from isogloss.study.config import parse_study
from isogloss.study.grid import name_strategies, read_design
from isogloss.study.languages import parse_languages
from isogloss.study.recipes import write_design, write_facts

OWN = {"code": "xyz", "name": "Xyzian", "script": "Ethi", "family": "Own", "like": "am"}


def test_codes_and_facts_are_told_apart():
    entries = ["sw", {"code": "am"}, {"code": "ti", "script": "latin", "like": "am"}, OWN, "sr-Latn"]
    codes, facts = parse_languages(entries)
    assert codes == ("sw", "am", "ti", "xyz", "sr-Latn")
    assert facts == {
        "ti": Facts(script="Latin", like="am"),
        "xyz": Facts(name="Xyzian", script="Ethiopic", family="Own", like="am"),
    }


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (["sw", "xyz"], "config: languages: unknown language 'xyz'; write its ISO 639 code"),
        (
            [{"code": "xyz", "like": "sw"}],
            "config: languages[0].code: no language has the code 'xyz'; correct it, or add `name` if this code is yo",
        ),
        ([{"code": "swa", "name": "Swahili"}], "config: languages[0].code: unknown language 'swa'; write sw (Swahili)"),
        ([{"code": "x y", "name": "A"}], "config: languages[0].code: unknown language 'x y'; write its ISO 639 code"),
        (["sw", "en", {"code": "sw"}], "config: languages[2]: sw is in the list twice; remove one of them"),
        ([{**OWN, "script": "Xyzi"}], "config: languages[0].script: unknown script 'Xyzi'; write its ISO 15924 code"),
        ([{**OWN, "like": "swa"}], "config: languages[0].like: unknown language 'swa'; write sw (Swahili)"),
        (
            [{**OWN, "like": "nah"}],
            "config: languages[0].like: lang2vec has no values for nah (Nahuatl languages)",
        ),
        (
            [{"code": "sw", "like": "sw"}],
            "config: languages[0].like: sw is the language itself; write the code of",
        ),
    ],
)
def test_a_language_that_cannot_be_is_refused_with_its_key(entries, message):
    with pytest.raises(UserError) as caught:
        parse_languages(entries)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "Xyzian"}, "config: languages[2]: the key 'code' is missing; add it"),
        ({"code": "xyz", "nmae": "X"}, "config: languages[2]: unknown key 'nmae'; did you mean 'name'?"),
        ({"code": "xyz", "name": 5}, "config: languages[2].name: 5 is not text; write it in quotes"),
        (
            {"code": False},
            'config: languages[2].code: false is not a language code; write "no" in quotes for Norwegian',
        ),
        (["sw"], "config: languages[2]: ['sw'] is not text or a mapping of keys to values"),
    ],
)
def test_an_entry_of_another_form_is_refused(entry, message):
    with pytest.raises(UserError) as caught:
        parse_study(make_study(languages=["de", "en", entry]))
    assert str(caught.value).startswith(message)


def make_own(tmp_path, *entries, sources=("nearest-1",)):
    """Return a study of a local corpus in en, am, and further languages."""
    languages = ["en", "am", *entries]
    for code in [entry if isinstance(entry, str) else entry["code"] for entry in languages]:
        (tmp_path / code).mkdir()
    tasks = {"ner": {"kind": "ner", "corpus": {"local": str(tmp_path)}}}
    return make_study(languages=languages, tasks=tasks, transfer={"sources": list(sources), "n": 5, "shots": [0]})


def test_a_strategy_compares_the_values_of_the_language_that_is_alike(tmp_path):
    study = parse_study(make_own(tmp_path, OWN))
    design = read_design(json.loads(write_design(study)))
    assert (design.like, name_strategies(design)) == ({"xyz": "am"}, name_strategies(study))
    assert ("xyz", ("am",)) in name_strategies(study)
    assert ("am", ("xyz",)) in name_strategies(study)
    assert json.loads(write_facts(study)) == {
        "xyz": {"name": "Xyzian", "script": "Ethiopic", "family": "Own", "like": "am"}
    }


@pytest.mark.parametrize(
    ("entry", "name"), [("nah", "nah (Nahuatl languages)"), ({"code": "xyz", "name": "Xyzian"}, "xyz")]
)
def test_a_language_without_values_needs_another_one_or_a_list(tmp_path, entry, name):
    study = parse_study(make_own(tmp_path, entry))
    with pytest.raises(UserError) as caught:
        name_strategies(study)
    code = name.partition(" ")[0]
    assert str(caught.value) == (
        f"config: transfer.sources: nearest-1 compares the syntax of languages, but lang2vec has no values for {name}; "
        f"write {{code: {code}, like: CODE OF A SIMILAR LANGUAGE}} in `languages`, list the sources, or use random-K, "
        "each or all-others"
    )


def test_the_language_of_a_study_can_be_named_everywhere(tmp_path):
    raw = make_own(tmp_path, {"code": "xyz", "name": "Xyzian"}, sources=["each", ["xyz", "en"], "all-others"])
    raw["transfer"]["targets"] = ["xyz"]
    raw["models"]["tiny"] = {"build": "tiny-mt5", "languages": ["xyz", "en"]}
    raw["analysis"] = {"cases": ["xyz"]}
    study = parse_study(raw)
    assert study.grids[0].targets == ("xyz",)
    assert study.models["tiny"].origin.languages == ("xyz", "en")
    assert "like" not in json.loads(write_design(study))
