"""A sealed record shows what a result was made of, and every later change of it or of its files."""

import json

import pytest

from isogloss.common.files import write_json
from isogloss.provenance.digests import digest_file, digest_value
from isogloss.provenance.inputs import Inputs, check_file, name_input
from isogloss.provenance.seal import CHANGED, FOREIGN, TRUNCATED, Unfit, read_provenance, read_record, seal, seal_folder

RECIPE = {"family": "crf", "version": 3}


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a training with two files and a sealed record."""
    folder = tmp_path / "finetuned" / "en"
    (folder / "inner").mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "inner" / "words.txt").write_text("one\n")
    write_json(folder / "training.json", {"run": {"n": 30}, "seen": {1: "a"}, "cost": {"wall_seconds": 2.5}})
    seal_folder(folder, RECIPE, {"corpora/ner/en/train.parquet": "0a"})
    return folder


def test_a_record_names_its_recipe_its_inputs_and_its_files(folder):
    record = read_record(folder / "training.json")
    made = read_provenance(record)
    assert made.recipe == digest_value({"version": 3, "family": "crf"})
    assert made.inputs == {"corpora/ner/en/train.parquet": "0a"}
    assert set(made.files) == {"model.bin", "inner/words.txt"}
    assert made.files["model.bin"] == {"bytes": 7, "digest": digest_file(folder / "model.bin")}
    for name in made.files:
        check_file(folder, name, made, whole=True)


def test_costs_do_not_change_the_content_and_everything_else_does(folder):
    def seal_with(**changes):
        record = {"run": {"n": 30}, "cost": {"wall_seconds": 2.5}, **changes}
        return seal(record, folder, ["model.bin"], RECIPE, {})["provenance"]["content"]

    same = seal_with()
    assert seal_with(cost={"wall_seconds": 9.0}) == same
    assert seal_with(run={"n": 31}) != same
    (folder / "model.bin").write_bytes(b"others!")
    assert seal_with() != same


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('{"run": {', TRUNCATED),
        ("", TRUNCATED),
        ("[1, 2]", FOREIGN),
        ('{"run": 1, "provenance": 3}', CHANGED),
        ('{"run": 1, "provenance": {"recipe": "x"}}', CHANGED),
    ],
)
def test_a_file_that_is_no_intact_record_is_an_error_of_one_line(folder, text, state):
    path = folder / "training.json"
    path.write_text(text)
    with pytest.raises(Unfit, match=rf"^{path}: .*; delete {folder} and run the study again") as error:
        read_record(path)
    assert error.value.state == state and "\n" not in str(error.value)


@pytest.mark.parametrize("key", ["seen", "cost", "provenance"])
def test_any_change_of_a_record_is_noticed(folder, key):
    path = folder / "training.json"
    record = json.loads(path.read_text())
    if key == "provenance":
        record[key]["inputs"]["corpora/ner/en/train.parquet"] = "0b"
    else:
        record[key] = {}
    path.write_text(json.dumps(record))
    with pytest.raises(Unfit, match="the record was changed after it was written"):
        read_record(path)


def test_a_record_of_before_is_read_and_has_no_provenance(tmp_path):
    write_json(tmp_path / "metrics.json", {"run": {}})
    assert read_provenance(read_record(tmp_path / "metrics.json")) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"weigh", "has 5 bytes, not 7"), (b"weights and more", "has 16 bytes, not 7"), (b"wEights", "another digest")],
)
def test_a_changed_file_is_named(folder, content, said):
    (folder / "model.bin").write_bytes(content)
    with pytest.raises(Unfit, match=rf"model.bin: .*{said}"):
        Inputs(folder.parents[1]).check(folder)


def test_inputs_are_noted_by_their_path_in_the_study(folder):
    root = folder.parents[1]
    inputs = Inputs(root)
    assert inputs.check(folder) == folder
    assert inputs.digests == {"finetuned/en": read_provenance(read_record(folder / "training.json")).content}
    (folder / "model.bin").unlink()
    assert inputs.check(folder) == folder  # each input is checked once
    with pytest.raises(Unfit, match=r"model\.bin: cannot be read \(No such file or directory\)"):
        Inputs(root).check(folder)


def test_an_input_outside_the_study_keeps_its_path_and_has_no_digest(tmp_path):
    outside = tmp_path / "models" / "mine"
    outside.mkdir(parents=True)
    assert name_input(outside, tmp_path / "results") == outside.as_posix()
    assert Inputs(tmp_path / "results").note(outside) == {outside.as_posix(): None}
