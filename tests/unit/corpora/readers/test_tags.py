"""Tags of entities in the schemes of files, their conversion by `map`, and messages on labels that a task lacks."""

import pytest
from reading import read, read_tagged, refuse

from isogloss.corpora.readers.tags import convert_to_iob2


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-PER I-PER O I-LOC", "B-PER I-PER O B-LOC"),  # IOB1
        ("I-PER B-PER I-PER", "B-PER B-PER I-PER"),  # IOB1: B only between adjacent entities
        ("I-PER I-LOC I-LOC", "B-PER B-LOC I-LOC"),
        ("B-PER I-PER O B-LOC", "B-PER I-PER O B-LOC"),  # IOB2
        ("B-PER I-ORG", "B-PER B-ORG"),
        ("O O", "O O"),
    ],
)
def test_iob1_and_iob2_leave_as_iob2(tags, expected):
    assert convert_to_iob2(tags.split()) == tuple(expected.split())


def test_an_entity_does_not_go_on_across_sentences(tmp_path):
    assert read_tagged(tmp_path, "a\tI-PER\n\nb\tI-PER\n") == [("a", "B-PER"), ("b", "B-PER")]


def write_tags(tags: str) -> str:
    return "".join(f"w{number} {tag}\n" for number, tag in enumerate(tags.split(" ")))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("S-PER O B-LOC I-LOC E-LOC", "B-PER O B-LOC I-LOC I-LOC"),  # IOBES
        ("U-PER O B-LOC I-LOC L-LOC", "B-PER O B-LOC I-LOC I-LOC"),  # BILOU
        ("S-PER O B-LOC M-LOC E-LOC", "B-PER O B-LOC I-LOC I-LOC"),  # BMES
        ("S-PER S-PER B-LOC E-LOC S-LOC", "B-PER B-PER B-LOC I-LOC B-LOC"),
        ("PER PER O LOC ORG", "B-PER I-PER O B-LOC B-ORG"),  # bare types
    ],
)
def test_other_schemes_become_iob2(tmp_path, tags, expected):
    assert read_tagged(tmp_path, write_tags(tags))[0][1] == expected


@pytest.mark.parametrize(
    ("tags", "mapped", "expected", "changes"),
    [
        ("B-per o", {"per": "PER", "o": "O"}, "B-PER O", {"words tagged 'o'": 1}),
        ("B-PERSON I-PERSON B-GPE", {"PERSON": "PER", "GPE": "LOC"}, "B-PER I-PER B-LOC", {}),
        ("B-PER B-DATE I-DATE B-DATE", {"DATE": "O"}, "B-PER O O O", {"entities of type 'DATE'": 2}),
        ("PERSON PERSON_CONT O", {"PERSON": "B-PER", "PERSON_CONT": "I-PER"}, "B-PER I-PER O", {}),
        ("B-LOCderiv B-LOC", {"B-LOCderiv": "O"}, "O B-LOC", {"words tagged 'B-LOCderiv'": 1}),
        ("B-PER _", {"_": "O"}, "B-PER O", {"words tagged '_'": 1}),
    ],
)
def test_map_renames_and_drops_types_and_whole_tags_and_counts_what_it_drops(tmp_path, tags, mapped, expected, changes):
    sentences, counted = read(tmp_path, write_tags(tags), map=mapped)
    assert " ".join(sentences[0].tags) == expected
    assert counted == changes


def test_labels_of_a_task_are_types_of_any_name(tmp_path):
    content = "x\tB-Eigen naam\ny\tB-geo-loc\nz\tO\n"
    (sentence,) = read(tmp_path, content, labels=("Eigen naam", "geo-loc"))[0]
    assert sentence.tags == ("B-Eigen naam", "B-geo-loc", "O")


LOP = "words have tags other than LOC ORG PER: "


@pytest.mark.parametrize(
    ("tags", "found", "advice"),
    [
        (
            "O B-MISC I-MISC",
            f":2: 2 {LOP}'MISC' 2",
            "`map: {MISC: O}` under the task, or `labels: [LOC, ORG, PER, MISC]`",
        ),
        (
            "B-PERSON B-PLACE",
            f":1: 2 {LOP}'PERSON' 1, 'PLACE' 1",
            "{PERSON: PER, PLACE: O}` under the task, or `labels: ",
        ),
        ("B-loc o", f":1: 2 {LOP}'loc' 1, 'o' 1", "`map: {loc: LOC, o: O}` under the task"),
        ("b-per O", f":1: 1 {LOP}'b-per' 1", "`map: {b-per: B-PER}` under the task"),
        ("B_PER I_PER O", f":1: 2 {LOP}'B_PER' 1, 'I_PER' 1", "`map: {B_PER: B-PER, I_PER: I-PER}` under the task"),
        ("LOC-B O", f":1: 1 {LOP}'LOC-B' 1", "`map: {LOC-B: B-LOC}` under the task"),
        (
            "B-Chemical B-Disease O",
            f":1: 2 {LOP}'Chemical' 1,",
            "`labels: [LOC, ORG, PER, Chemical, Disease]` to keep them",
        ),
        ("_ B-PER", f":1: 1 {LOP}'_' 1", '`map: {"_": O}` under the task'),
        ("no B-PER", f":1: 1 {LOP}'no' 1", '`map: {"no": O}` under the task'),
        (
            "7 B-PER 12",
            f":1: 2 {LOP}'7' 1, '12' 1",
            "map: {0: O, 1: B-..., 2: I-...}` under the task, with the tag that",
        ),
        ("B-\u00a0LOC O", f":1: 1 {LOP}'\\xa0LOC' 1", "correct these lines, or remove them"),
        (f"B-{'A' * 400} O", f":1: 1 {LOP}'AAAAA", "correct these lines, or remove them"),
    ],
)
def test_labels_that_a_task_lacks_are_listed_with_counts_first_line_and_what_to_write(tmp_path, tags, found, advice):
    message = refuse(tmp_path, write_tags(tags))
    assert message.startswith(f"train.tsv{found}") and advice in message


def test_a_message_on_many_types_is_short_and_says_how_many_there_are(tmp_path):
    message = refuse(tmp_path, write_tags(" ".join(f"B-TYPE{number}" for number in range(60))))
    assert "60 words have tags other than LOC ORG PER" in message and " and 55 more" in message
    assert "TYPE7: O, ...}` under the task" in message
