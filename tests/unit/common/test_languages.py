"""Every language with an ISO code: its facts, and what is suggested in place of a text that is no code."""

import csv

import pytest

from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGE_COLUMNS, LANGUAGE_TABLE, LANGUAGES, find_language, order_languages

MASAKHANER = ("bbj", "bm", "ee", "fon", "ha", "ig", "lg", "luo", "mos", "ny")
MASAKHANER += ("pcm", "rw", "sn", "sw", "tn", "tw", "wo", "xh", "yo", "zu")


def test_every_language_of_masakhaner_has_values():
    languages = [find_language(code) for code in MASAKHANER]
    names = {language.name for language in languages}
    assert names >= {"Ghomala", "Mossi", "Nyanja", "Nigerian Pidgin", "Kinyarwanda"}
    assert all(language.values.keys() == {"syntax", "phonology", "inventory"} for language in languages)
    assert {language.family for language in languages} == {
        "Afro-Asiatic",
        "Atlantic-Congo",
        "Indo-European",
        "Mande",
        "Nilotic",
    }


@pytest.mark.parametrize(
    ("code", "name", "script", "assumed"),
    [
        ("zh-Hant", "Chinese (Hant)", "Han", False),
        ("sr", "Serbian", "Cyrillic", True),
        ("sr-Latn", "Serbian (Latn)", "Latin", False),
        ("pt-BR", "Portuguese (BR)", "Latin", True),
        ("am", "Amharic", "Ethiopic", True),
        ("nah", "Nahuatl languages", "Latin", True),
    ],
)
def test_a_code_can_have_a_script_and_a_region(code, name, script, assumed):
    language = find_language(code)
    assert (language.code, language.name, language.script, language.assumed) == (code, name, script, assumed)
    assert language.values == find_language(code.partition("-")[0]).values


def test_a_language_without_a_family_in_uriel_has_that_of_its_macrolanguage():
    families = {code: find_language(code).family for code in ("nb", "nn", "vro", "ltg", "eu")}
    assert families == {
        **dict.fromkeys(["nb", "nn", "ltg"], "Indo-European"),
        "vro": "Uralic",
        "eu": "Basque",
    }


def test_a_collective_code_has_no_values():
    assert find_language("nah").values == {} and find_language("nah").lang2vec == ()


def test_the_table_lists_each_language_once():
    with LANGUAGE_TABLE.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        assert tuple(table.fieldnames) == LANGUAGE_COLUMNS
        codes = [row["code"] for row in table]
    assert len(codes) == len(set(codes)) == len(LANGUAGES) > 8000
    assert list(LANGUAGES) == codes
    assert sum(bool(LANGUAGES[code].values) for code in codes) > 7800


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("swa", "write sw (Swahili)"),
        ("iw", "write he (Hebrew)"),
        ("eng_Latn", "write en (English)"),
        ("zho_Hant", "write zh-Hant (Chinese (Hant))"),
        ("zh_CN", "write zh-CN (Chinese (CN))"),
        ("EN", "write en (English)"),
        ("Swahili", "write sw (Swahili)"),
        ("bam", "write bm (Bambara)"),
        ("Kiswahili", "write sw (Swahili)"),
        ("français", "write fr (French)"),
        ("Farsi", "write fa (Persian)"),
        ("english", "write en (English)"),
        ("nob", "write nb (Norwegian Bokmål)"),
        ("zho", "write zh (Chinese)"),
        ("in", "write id (Indonesian)"),
        ("ji", "write yi (Yiddish)"),
        ("mo", "write ro (Romanian)"),
        ("en_US", "write en-US (English (US))"),
        ("de-de", "write de-DE (German (DE))"),
        ("en\u200b", "write en (English)"),
        ("en,", "write en (English)"),
        ("blorbish", "write its ISO 639 code, such as sw, or sr-Latn with a script"),
        ("", "write its ISO 639 code, such as sw, or sr-Latn with a script"),
    ],
)
def test_another_text_is_refused_with_the_code_that_it_may_mean(text, advice):
    with pytest.raises(UserError) as caught:
        find_language(text)
    assert str(caught.value) == f"unknown language {text!r}; {advice}"


@pytest.mark.parametrize("code", ["swh", "fil", "cmn", "sh", "tl", "bho", "zh-Hant-TW"])
def test_codes_of_members_and_of_data_sets_are_codes(code):
    assert find_language(code).values


def test_languages_are_ordered_by_family_and_unknown_codes_come_last():
    assert order_languages(["xx", "en", "am", "de", "fi", "aa-x"]) == ["am", "en", "de", "fi", "aa-x", "xx"]
