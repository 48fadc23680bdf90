"""Files with several languages, which a column or the ids tell apart."""

import json

import pytest
from reading import read, refuse


def write_pairs(*languages: object) -> str:
    rows = [{"premise": f"A{n}", "hypothesis": "B", "label": "neutral"} for n in range(len(languages))]
    return "".join(json.dumps({**row, "lang": code}) + "\n" for row, code in zip(rows, languages, strict=True))


def ask(*names: str) -> str:
    asked = [{"id": name, "question": "q", "answers": [{"text": "Oslo", "answer_start": 0}]} for name in names]
    return json.dumps({"data": [{"paragraphs": [{"context": "Oslo", "qas": asked}]}]})


@pytest.mark.parametrize(
    ("languages", "kept", "changes"),
    [
        (("sw", "de", "fr", "de"), ["A0"], {"entries in de": 2, "entries in fr": 1}),
        (("German", "Swahili"), ["A1"], {"entries in de": 1}),
        (("deu", "swa", "SW"), ["A1", "A2"], {"entries in de": 1}),
        (("sw", None, "de"), ["A0"], {"entries in no language": 1, "entries in de": 1}),
        ((None, "sw", "de"), ["A1"], {"entries in no language": 1, "entries in de": 1}),
        (("sw", None), ["A0", "A1"], {}),
        ((None, ""), ["A0", "A1"], {}),
        ((3, 4), ["A0", "A1"], {}),
    ],
)
def test_entries_in_other_languages_are_left_out_and_counted(tmp_path, languages, kept, changes):
    pairs, counted = read(tmp_path, write_pairs(*languages), "nli")
    assert [pair.premise for pair in pairs] == kept
    assert counted == changes


def test_a_column_of_a_table_tells_the_language(tmp_path):
    content = "language\tgold_label\tsentence1\tsentence2\nsw\tneutral\tA\tB\nde\tneutral\tC\tD\n"
    pairs, changes = read(tmp_path, content, "nli")
    assert [pair.premise for pair in pairs] == ["A"] and changes == {"entries in de": 1}


def test_ids_tell_the_language_if_all_of_them_begin_with_one(tmp_path):
    questions, changes = read(tmp_path, ask("swahili-1-0", "arabic-2-0", "swahili-3-0"), "qa")
    assert len(questions) == 2 and changes == {"entries in ar": 1}
    questions, changes = read(tmp_path, ask("swahili-1", "arabic-2", "x3"), "qa")
    assert len(questions) == 3 and changes == {}


@pytest.mark.parametrize(
    ("content", "kind"), [(write_pairs("de", "fr", "fr"), "nli"), (ask("german-1", "french-2"), "qa")]
)
def test_a_file_without_entries_in_the_language_of_its_folder_is_refused(tmp_path, content, kind):
    message = refuse(tmp_path, content, kind)
    assert message.startswith("train.tsv: no entry is in sw; the file says that its languages are ")
    assert "de 1" in message and "leave sw out of `languages`" in message
