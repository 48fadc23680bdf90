"""The cache of tokenised texts: each text is tokenised once, and entries of other tokenizers are not used."""

import numpy
import pytest
from transformers import AutoTokenizer

from isogloss.models.text_to_text.tokens import open_tokens
from isogloss.models.vocabulary.vocabulary import build_tokenizer

LINES = ["the river runs to the sea", "Река течёт к морю", "a b c d e f g h i j k l m n"] * 20
TEXTS = [LINES[0], LINES[2], LINES[1], LINES[0]]
LANGUAGES = ["en", "en", "ru", "en"]


class Counting:
    """A tokenizer that records the texts it tokenises."""

    def __init__(self, tokenizer):
        self.tokenizer, self.texts = tokenizer, []

    def __call__(self, texts, **settings):
        self.texts += texts
        return self.tokenizer(texts, **settings)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    build_tokenizer(LINES, 420, folder)
    return folder


def read(model, store):
    counting = Counting(AutoTokenizer.from_pretrained(model))
    return open_tokens(counting, model, store), counting


def test_kept_tokens_are_the_tokenizer_s_own(model, tmp_path):
    plain = AutoTokenizer.from_pretrained(model)(TEXTS, truncation=True, max_length=8)["input_ids"]
    for _ in range(2):
        tokens, _ = read(model, tmp_path)
        assert tokens.encode(TEXTS, LANGUAGES, 8) == plain
    assert max(map(len, plain)) == 8


def test_a_text_is_tokenised_once_whatever_the_job(model, tmp_path):
    tokens, counting = read(model, tmp_path)
    tokens.encode(TEXTS[:2], LANGUAGES[:2], 64)
    assert sorted(counting.texts) == sorted(TEXTS[:2])
    tokens, counting = read(model, tmp_path)
    tokens.encode(TEXTS, LANGUAGES, 64)
    assert counting.texts == [TEXTS[2]]
    assert [path.parent.name for path in sorted(tmp_path.glob("*/*.npz"))] == ["en", "ru"]
    tokens.encode(TEXTS, LANGUAGES, 32)
    assert len(counting.texts) == 1 + 3


def test_another_tokenizer_s_tokens_are_not_taken(model, tmp_path):
    other = tmp_path / "other"
    build_tokenizer([line[::-1] for line in LINES], 430, other)
    for folder in (model, other):
        tokens, counting = read(folder, tmp_path / "store")
        assert tokens.encode(TEXTS, LANGUAGES, 64) == counting.tokenizer(TEXTS)["input_ids"]
        assert len(counting.texts) == 3


def test_nothing_is_kept_without_a_store(model):
    tokens, counting = read(model, None)
    tokens.encode(TEXTS, LANGUAGES, 64)
    tokens.encode(TEXTS, LANGUAGES, 64)
    assert len(counting.texts) == 6


def test_a_store_is_read_without_pickles(model, tmp_path):
    tokens, _ = read(model, tmp_path)
    tokens.encode(TEXTS, LANGUAGES, 64)
    (path,) = tmp_path.glob("ru/*.npz")
    with numpy.load(path, allow_pickle=False) as file:
        assert sorted(file) == ["ends", "ids", "keys"]
