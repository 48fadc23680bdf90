"""Languages by any code, and the user's own families and scripts."""

import pytest

from isogloss.analysis.data.languages import Languages, OwnLanguage, Tag, parse_tag, read_languages
from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES, order_languages


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("en", Tag("en")),
        ("EN", Tag("en")),
        ("eng", Tag("en")),
        ("eng_Latn", Tag("en")),
        ("en_XX", Tag("en")),
        ("Swahili", Tag("sw")),
        ("swa", Tag("sw")),
        ("swh", Tag("sw")),
        ("iw", Tag("he")),
        ("ger", Tag("de")),
        ("hau_Latn", Tag("hau", "Latn")),
        ("zh-Hant", Tag("zh", "Hant")),
        ("zh-Hans", Tag("zh")),
        ("kk_Latn", Tag("kk", "Latn")),
        ("pt-BR", Tag("pt", "", "BR")),
        ("zh-yue", Tag("yue")),
        ("als", Tag("als")),
        ("Klingon", None),
        ("stan1293", None),
        ("", None),
    ],
)
def test_codes_of_other_schemes_are_parsed(code, tag):
    assert parse_tag(code) == tag


def test_languages_of_the_table_are_found_as_they_are_there():
    languages = Languages()
    for code, one in LANGUAGES.items():
        found = languages.find_name(code), languages.find_family(code), languages.find_script(code)
        assert found == (one.name, one.family, one.script)
    assert languages.order([*LANGUAGES, "xx", "als"]) == order_languages([*LANGUAGES, "xx", "als"])
    assert languages.find_script("kk_Latn") == "Latin" and languages.find_family("kk_Latn") == "Turkic"
    assert languages.find_name("xx") == languages.find_family("xx") == languages.find_script("xx") == ""


def test_own_values_come_before_those_of_the_table(tmp_path):
    path = tmp_path / "languages.csv"
    path.write_text("Family;Code;Script\nIsolate;xx;\nOwn;en;Runic\n;yy;Latin\n", encoding="utf-8")
    languages = read_languages(path, ["en", "de", "xx"])
    assert languages.own == {"en": OwnLanguage("", "Own", "Runic"), "xx": OwnLanguage("", "Isolate", "")}
    assert [languages.find_family(code) for code in ("en", "xx", "de")] == ["Own", "Isolate", "Indo-European"]
    assert languages.find_script("en") == "Runic" and languages.find_name("en") == "English"
    assert languages.order(["xx", "en", "de", "zz"]) == ["de", "xx", "en", "zz"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("language,family\nen,x\n", ": no column 'code': the file is comma-separated, with the columns"),
        ("code;comment\nen;x\n", ": only codes: the file is semicolon-separated, with the columns 'code,comment'"),
        ("code,family\nen,x\nen,y\n", ":3: the code 'en' occurs twice; remove one of the rows"),
        ("code,family,family\nen,x,y\n", ": two columns 'family'"),
        ("family,code\nx\n", ":2: code is empty; write the code of a language of the scores"),
        ("code,family\nfi,x\n", ": none of its 1 codes is a language of the scores, such as 'de'"),
    ],
)
def test_a_bad_table_of_languages_is_one_line(tmp_path, text, said):
    path = tmp_path / "languages.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refusal:
        read_languages(path, ["en", "de"])
    assert str(refusal.value).removeprefix(str(path)).startswith(said)
