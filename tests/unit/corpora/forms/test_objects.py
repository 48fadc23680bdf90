"""JSON and parquet files: their forms, nested and odd values, and what is no list of entries."""

import io
import json

import pytest
from reading import read, read_tagged, refuse

ROWS = [{"tokens": ["Mo", "x"], "ner_tags": ["B-PER", "O"]}, {"tokens": ["y"], "ner_tags": ["O"]}]
SENTENCES = [("Mo x", "B-PER O"), ("y", "O")]


def write_lines(rows: list) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def write_parquet(columns: dict[str, list], **types) -> bytes:
    """Return columns as the library `datasets` writes them; types: column -> its feature, by default strings."""
    from datasets import Dataset, Features, List, Value

    features = Features({name: types.get(name, List(Value("string"))) for name in columns})
    into = io.BytesIO()
    Dataset.from_dict(columns, features=features).to_parquet(into)
    return into.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (write_lines(ROWS), "train.jsonl"),
        (write_lines(ROWS), "train.json"),
        (write_lines(ROWS), "train.txt"),
        ("\ufeff" + write_lines(ROWS).replace("\n", "\r\n\r\n"), "train.jsonl"),
        (json.dumps(ROWS), "train.json"),
        (json.dumps(ROWS, indent=2), "train.tsv"),
        (json.dumps({"version": 1, "data": ROWS}), "train.json"),
        (
            write_lines([{"words": row["tokens"], "labels": row["ner_tags"], "spans": None} for row in ROWS]),
            "train.json",
        ),
        (write_lines([*ROWS, {"tokens": [], "ner_tags": []}]), "train.jsonl"),
    ],
)
def test_ways_to_write_the_same_two_sentences(tmp_path, content, name):
    assert read_tagged(tmp_path, content, name=name) == SENTENCES


@pytest.mark.parametrize("name", ["train.parquet", "train"])
def test_parquet_is_read_with_the_names_of_its_labels(tmp_path, name):
    from datasets import ClassLabel, List

    labels = List(ClassLabel(names=["B-PER", "O"]))
    columns = {"tokens": [["Mo", "x"], ["y"]], "ner_tags": [[0, 1], [1]]}
    assert read_tagged(tmp_path, write_parquet(columns, ner_tags=labels), name=name) == SENTENCES
    pairs = {"premise": ["A"], "hypothesis": ["B"], "label": [1]}
    from datasets import Value

    types = {"premise": Value("string"), "hypothesis": Value("string"), "label": ClassLabel(names=["c", "neutral"])}
    assert read(tmp_path, write_parquet(pairs, **types), "nli", name=name)[0][0].label == "neutral"


def test_parquet_without_names_of_labels_and_with_tags_as_text(tmp_path):
    columns = {"tokens": [["Mo", "x"], ["y"]], "ner_tags": [["B-PER", "O"], ["O"]]}
    assert read_tagged(tmp_path, write_parquet(columns), name="train.parquet") == SENTENCES
    assert (
        read_tagged(
            tmp_path,
            write_parquet({"a": columns["tokens"], "b": columns["ner_tags"]}),
            name="train.parquet",
            columns={"tokens": "a", "tags": "b"},
        )
        == SENTENCES
    )


NOT_JSON = "not valid JSON"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"tokens": [', f":1: {NOT_JSON}"),
        (write_lines(ROWS) + "no JSON\n", f":3: {NOT_JSON}"),
        (json.dumps(ROWS, indent=1)[:-30], f":16: {NOT_JSON}"),
        ("Mo\tB-PER\n", f":1: {NOT_JSON}"),
        ("// c\n" + write_lines(ROWS), f":1: {NOT_JSON}"),
        (f'[{{"tokens": {"9" * 5000}}}]', f":1: {NOT_JSON}"),
        ("[" * 100_000, ":1: JSON is nested too deeply"),
        ('{"a":' * 100_000 + "\n\n", ":1: JSON is nested too deeply"),
        ('{"a":' * 100_000 + "\n{}", ":1: JSON is nested too deeply"),
        ("[1]", ": entry 1: is 1, not an object with named fields"),
        ('[["a", "O"]]', ': entry 1: is ["a", "O"], not an object with named fields'),
        ("3", ": contains one JSON value (int) and no list of entries"),
        ("null", ": contains one JSON value (NoneType) and no list of entries"),
        ('{"data": {"a": 1}}', ": contains one JSON value (data) and no list of entries"),
        ("[]", ": contains no usable examples"),
        ('{"data": []}', ": contains no usable examples"),
        ("{}", ":1: no column 'tokens'; write `columns: {tokens: ..., tags: ...}`"),
        ('{"text": "Mo", "entities": []}', ":1: no column 'tokens', only text, entities; write `columns: {tokens: "),
        ('{"tokens": ["a"], "tokens": ["b"], "tags": ["O"]}', ":1: an object has the key 'tokens' twice"),
        (json.dumps([{f"key{n}": 1 for n in range(3000)}]), ": entry 1: no column 'tokens', only key0, key1"),
        ('{"data": [{"paragraphs": [{"qas": [{}]}]}]}', ": entry 1: a paragraph has no 'context', only qas"),
        ('{"data": [{"paragraphs": [{"context": "c"}]}]}', ": entry 1: 'qas' is missing or is not a list of objects"),
        ('{"data": [{"paragraphs": ["c"]}]}', ": entry 1: 'paragraphs' is missing or is not a list of objects"),
    ],
)
def test_what_is_no_list_of_entries_is_refused_in_one_line(tmp_path, content, found):
    assert refuse(tmp_path, content, name="train.json").startswith(f"train.json{found}")


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    for content in (b"PAR1 and no more", b"no parquet"):
        assert "cannot be read as parquet" in refuse(tmp_path, content, name="train.parquet")


def test_words_that_look_like_json_are_words(tmp_path):
    for content in ('{"\tO\nx\tO\n', "{} O\nx O\n", "[] O\nx O\n", "[ O\n{ O\n"):
        assert len(read_tagged(tmp_path, content)[0][0].split()) == 2
