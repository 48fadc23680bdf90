"""Damaged CRF files: each is refused in one line before crfsuite opens it, because crfsuite would crash."""

import random
from pathlib import Path

import pytest
from tiny_models import draw_sentences

from isogloss.common.errors import UserError
from isogloss.models.crf import crf
from isogloss.models.crf.crfsuite_file import DIGEST, FILE
from isogloss.tasks import find_task

NER = find_task("ner")
RECIPE = {"c1": 0.0, "c2": 0.1, "max_iterations": 20}


@pytest.fixture(scope="module")
def data() -> bytes:
    return crf.fit(None, NER, draw_sentences(20, seed=1), RECIPE, steps=None, seed=1, threads=1)[0].data


@pytest.fixture
def saved(data, tmp_path) -> Path:
    crf.save(crf.CrfModel(data), tmp_path)
    return tmp_path


def refuse(folder: Path, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        crf.load(folder)
    line = str(caught.value)
    assert line.startswith(str(folder / FILE)) and "\n" not in line
    assert line.endswith("; it is damaged; delete its folder and run the study again")


def test_a_saved_model_is_read_with_its_digest_and_without(data, saved):
    assert sorted(path.name for path in saved.iterdir()) == [FILE, DIGEST]
    assert crf.load(saved).data == data
    (saved / DIGEST).unlink()  # as an earlier version saved it
    assert crf.load(saved).data == data


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("digest", [True, False])
def test_a_truncated_file_is_refused(data, saved, share, digest):
    (saved / FILE).write_bytes(data[: int(len(data) * share)])
    if not digest:
        (saved / DIGEST).unlink()
    refuse(saved, "is less than the header of a CRF|of its [0-9,]+ bytes|is not a CRF model of crfsuite")


def test_any_changed_byte_is_found(data, saved):
    rng = random.Random(1)
    for _ in range(100):
        damaged = bytearray(data)
        place = rng.randrange(len(data))
        damaged[place] ^= rng.randrange(1, 256)
        (saved / FILE).write_bytes(damaged)
        refuse(saved, "differs from its digest in model.crfsuite.blake2b|is not a CRF model|of its [0-9,]+ bytes")


@pytest.mark.parametrize("other", [b"lCRF" + bytes(60), b"not a model" * 20, b"\x80\x04pickled" * 20])
def test_a_file_of_another_kind_is_refused(saved, other):
    (saved / FILE).write_bytes(other)
    (saved / DIGEST).unlink()
    refuse(saved, "is not a CRF model of crfsuite")


def test_a_missing_file_and_a_damaged_digest_are_refused(saved):
    (saved / DIGEST).write_bytes(b"\xff\xfe")
    refuse(saved, "or its digest cannot be read")
    (saved / DIGEST).write_text("00", encoding="ascii")
    refuse(saved, "differs from its digest")
    (saved / FILE).unlink()
    refuse(saved, "or its digest cannot be read")
