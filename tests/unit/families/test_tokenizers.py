"""The tokenizer files of a model folder, compared with the tokenizers that transformers loads from them."""

import io
import json

import pytest
import sentencepiece
from model_folders import write_tokenizer
from tiny_models import build_bpe, build_unigram, build_wordpiece, list_lines
from transformers import ByT5Tokenizer
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES, tokenizer_class_from_name

from isogloss.common.errors import UserError
from isogloss.families.kinds import TYPES
from isogloss.families.tokenizers import BYTES, VOCABULARIES, check_tokenizer, count_ids, find_vocabulary

BERT = {"model_type": "bert"}


@pytest.mark.parametrize("build", [build_unigram, build_wordpiece, build_bpe])
def test_the_ids_of_a_tokenizer_are_counted_without_loading_it(tmp_path, build):
    tokenizer = build(tmp_path)
    assert count_ids(tmp_path / "tokenizer.json") == len(tokenizer)
    tokenizer.add_tokens(["one more", "and another"])
    tokenizer.save_pretrained(tmp_path)
    assert count_ids(tmp_path / "tokenizer.json") == len(tokenizer)


def test_the_pieces_of_a_sentencepiece_model_are_counted(tmp_path):
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(list_lines()), model_writer=trained, vocab_size=100, num_threads=1, minloglevel=2
    )
    (tmp_path / "spiece.model").write_bytes(trained.getvalue())
    assert count_ids(tmp_path / "spiece.model") == 100
    assert find_vocabulary(tmp_path, {"model_type": "mt5"}) == tmp_path / "spiece.model"
    (tmp_path / "spiece.model").write_bytes(trained.getvalue()[:-20])
    with pytest.raises(UserError, match=r"spiece.model is not a complete tokenizer file; copy or download it again"):
        count_ids(tmp_path / "spiece.model")


def test_a_tokenizer_of_bytes_needs_no_vocabulary(tmp_path):
    ByT5Tokenizer().save_pretrained(tmp_path)
    assert not (tmp_path / "tokenizer.json").exists()
    check_tokenizer(tmp_path, {"model_type": "t5"}, 384)
    (tmp_path / "tokenizer_config.json").unlink()
    check_tokenizer(tmp_path, {"model_type": "t5", "tokenizer_class": BYTES[0]}, 384)
    with pytest.raises(UserError, match="contains no tokenizer"):
        check_tokenizer(tmp_path, {"model_type": "t5"}, 384)


@pytest.mark.parametrize(
    ("kind", "named", "files", "found"),
    [
        ("bert", "", ["vocab.txt"], "vocab.txt"),
        ("bert", "", ["vocab.txt", "tokenizer.json"], "tokenizer.json"),
        ("bert", "XLMRobertaTokenizer", ["sentencepiece.bpe.model"], "sentencepiece.bpe.model"),  # multilingual MiniLM
        ("bert", "", ["sentencepiece.bpe.model"], None),
        ("xlm-roberta", "XLMRobertaTokenizerFast", ["sentencepiece.bpe.model"], "sentencepiece.bpe.model"),
        ("xlm-roberta", "", ["special_tokens_map.json", "tokenizer_config.json"], None),
        ("deberta-v2", "", ["spm.model"], "spm.model"),
        ("roberta", "", ["vocab.json", "merges.txt"], "vocab.json"),
        ("roberta", "", ["vocab.json"], None),
        ("mt5", "", ["spiece.model"], "spiece.model"),
        ("mt5", "T5Tokenizer", ["vocab.txt"], None),
        ("eurobert", "OwnTokenizer", ["vocab.txt"], "vocab.txt"),  # a class that is not known here
    ],
)
def test_the_file_of_the_vocabulary_depends_on_the_class_or_the_type(tmp_path, kind, named, files, found):
    for name in files:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": named}), encoding="utf-8")
    if found:
        assert find_vocabulary(tmp_path, {"model_type": kind}) == tmp_path / found
    else:
        with pytest.raises(UserError, match=r"contains no tokenizer \(tokenizer.json or .* is missing\)") as caught:
            find_vocabulary(tmp_path, {"model_type": kind})
        assert "\n" not in str(caught.value)


def test_the_vocabulary_files_are_those_of_the_classes_of_transformers():
    known = {kind: file for file, kinds in VOCABULARIES.items() for kind in kinds.split()}
    compared = 0
    for kind in " ".join(TYPES.values()).split():
        name = TOKENIZER_MAPPING_NAMES.get(kind)
        own = name and tokenizer_class_from_name(name).vocab_files_names.get("vocab_file")
        if own and "Backend" not in name:
            assert known[kind.replace("-", "").replace("_", "")] == own, kind
            compared += 1
    assert compared > 30


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"model": {}}', '{"model": {"vocab": 3}}', '{"model": {"vocab": {"a": "b"}}}', "[" * 100_000],
)
def test_a_tokenizer_file_that_cannot_be_read_is_refused(tmp_path, text):
    (tmp_path / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"tokenizer.json is not a complete tokenizer file; copy or download it again"):
        check_tokenizer(tmp_path, BERT, 10)


def test_more_ids_than_rows_are_refused_and_fewer_are_not(tmp_path):
    write_tokenizer(tmp_path, 10)
    for rows in (10, 11, None):
        check_tokenizer(tmp_path, BERT, rows)
    with pytest.raises(UserError, match="the tokenizer has 10 ids, but the embeddings have 9 rows"):
        check_tokenizer(tmp_path, BERT, 9)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "vocab.txt").write_text("a\nb\nc\n", encoding="utf-8")
    check_tokenizer(tmp_path, BERT, 3)
    (tmp_path / "added_tokens.json").write_text('{"<x>": 3}', encoding="utf-8")
    with pytest.raises(UserError, match="the tokenizer has 4 ids, but the embeddings have 3 rows"):
        check_tokenizer(tmp_path, BERT, 3)
