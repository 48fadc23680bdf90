"""What a study says of its languages comes before what the tables of languages say."""

import pytest

from isogloss.common.errors import UserError
from isogloss.common.facts import Facts, describe_language, find_script, list_like, read_facts
from isogloss.common.languages import LANGUAGES


def test_facts_come_before_the_tables():
    language = describe_language("sw", Facts(name="Kiswahili", script="Arabic", like="en"))
    assert (language.code, language.name, language.script, language.assumed) == ("sw", "Kiswahili", "Arabic", False)
    assert language.family == LANGUAGES["sw"].family
    assert language.values == LANGUAGES["en"].values
    assert describe_language("sw") == LANGUAGES["sw"]


def test_a_language_of_the_study_s_own_has_only_its_facts():
    language = describe_language("xyz", Facts(name="Xyzian", like="sw"))
    assert (language.name, language.script, language.family, language.lang2vec) == ("Xyzian", "", "", ())
    assert language.values == LANGUAGES["sw"].values
    assert describe_language("xyz", Facts(name="Xyzian")).values == {}


def test_facts_are_read_as_they_were_given():
    facts = read_facts({"xyz": {"name": "Xyzian", "like": "sw"}, "sw": {"script": "Arabic"}})
    assert facts == {"xyz": Facts(name="Xyzian", like="sw"), "sw": Facts(script="Arabic")}
    assert list_like(facts) == {"xyz": "sw"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("Ethi", "Ethiopic"), ("ethiopic", "Ethiopic"), ("LATN", "Latin"), ("Hans", "Han"), ("Japanese", "Japanese")],
)
def test_a_script_is_given_by_name_or_code(text, name):
    assert find_script(text) == name


def test_another_script_is_refused():
    with pytest.raises(UserError, match="unknown script 'Klingon'; write its ISO 15924 code, such as Latn or Ethi"):
        find_script("Klingon")
