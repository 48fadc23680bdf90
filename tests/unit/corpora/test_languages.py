"""The table of the languages of a study, with the script of their text."""

import csv

import pytest

from isogloss.common.examples import TaggedSentence, write_examples
from isogloss.common.facts import Facts
from isogloss.corpora.languages import COLUMNS, find_script, write_languages


@pytest.mark.parametrize(
    ("line", "script"),
    [
        ("Ninapenda Nairobi, naïve Ærø.", "Latn"),
        ("Русский текст", "Cyrl"),
        ("አማርኛ ቋንቋ", "Ethi"),
        ("আমি বাংলা", "Beng"),
        ("हिन्दी में", "Deva"),
        ("漢字 OK", "Hani"),
        ("日本語の文章です", "Jpan"),
        ("한국어 문장", "Hang"),
        ("ߒߞߏ ߞߊ߲", "Nkoo"),
        ("Αθήνα Wi-Fi", "Grek"),
        ("العربية", "Arab"),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ", "Tfng"),
        ("12 345 !?", ""),
        ("", ""),
    ],
)
def test_the_script_of_most_letters_is_that_of_the_text(line, script):
    assert find_script([line]) == script


def test_a_foreign_name_does_not_change_the_script():
    assert find_script(["Microsoft и Москва и Санкт-Петербург", "Google"]) == "Cyrl"


def write_text(folder, language, *tokens):
    path = folder / "corpora/ner" / language / "test.parquet"
    path.parent.mkdir(parents=True)
    write_examples(path, [TaggedSentence("1", language, tokens, ("O",) * len(tokens))], TaggedSentence)
    return path


def test_the_table_has_what_is_known_of_each_language(tmp_path):
    files = [
        write_text(tmp_path, "sr", "Beograd", "je", "grad"),
        write_text(tmp_path, "sr-Cyrl", "Beograd"),
        write_text(tmp_path, "uz", "123"),
        write_text(tmp_path, "xyz", "ሰላም"),
        write_text(tmp_path, "sw", "habari"),
    ]
    facts = {"xyz": Facts(name="Xyzian", family="Own", like="am"), "sw": Facts(script="Arabic")}
    codes = ["sr", "sr-Cyrl", "uz", "xyz", "sw", "hi", "qaa"]
    write_languages(codes, facts, files, tmp_path / "languages.csv")
    with (tmp_path / "languages.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert rows == [
        ["sr", "Serbian", "Latin", "no", "Indo-European", ""],
        ["sr-Cyrl", "Serbian (Cyrl)", "Cyrillic", "no", "Indo-European", ""],
        ["uz", "Uzbek", "Latin", "yes", "Turkic", ""],
        ["xyz", "Xyzian", "Ethiopic", "no", "Own", "am"],
        ["sw", "Swahili", "Arabic", "no", "Atlantic-Congo", ""],
        ["hi", "Hindi", "Devanagari", "yes", "Indo-European", ""],
        ["qaa", "qaa", "", "yes", "", ""],
    ]
