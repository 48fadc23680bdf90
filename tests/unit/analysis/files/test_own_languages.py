"""The user's own names, families and scripts of languages."""

import pytest

from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.analysis.files.own_languages import read_languages
from isogloss.common.errors import UserError


def test_own_values_come_before_those_of_the_table(tmp_path):
    path = tmp_path / "languages.csv"
    path.write_text("Family;Code;Script\nIsolate;xx;\nOwn;en;Runic\n;yy;Latin\n", encoding="utf-8")
    languages = read_languages(path, ["en", "de", "xx"])
    assert languages.own == {"en": OwnLanguage("", "Own", "Runic"), "xx": OwnLanguage("", "Isolate", "")}
    assert [languages.find_family(code) for code in ("en", "xx", "de")] == ["Own", "Isolate", "Indo-European"]
    assert languages.find_script("en") == "Runic" and languages.find_name("en") == "English"
    assert languages.order(["xx", "en", "de", "zz"]) == ["de", "xx", "en", "zz"]


def test_all_rows_are_used_if_no_scores_are_given(tmp_path):
    path = tmp_path / "languages.csv"
    path.write_text("code,name,script,script_assumed,family,like\nxyz,Xyzian,Latin,no,,sw\n", encoding="utf-8")
    assert read_languages(path) == Languages({"xyz": OwnLanguage("Xyzian", "", "Latin")})


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
