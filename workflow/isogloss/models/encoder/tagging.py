"""Head that labels words. The label of a word is learnt and read at its first subword."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING

from isogloss.models.encoder.head import Encoder, Head, ask, pad_rows
from isogloss.models.vocabulary.word_pieces import cut_sentences
from isogloss.tasks.base import Tagging
from isogloss.training.batch_plan import IGNORED


def encode_tags(model: Encoder, tagging: Tagging, examples: Sequence[Any], limit: int) -> list[dict[str, Any]]:
    """Tokenise every example into one or more inputs.

    `labels` contains the label index at the first subword of each word, and IGNORED at all other tokens.
    """
    places = {label: place for place, label in enumerate(tagging.labels)}
    cut = cut_sentences(model.tokenizer, [tagging.words(example) for example in examples], limit)
    encoded = []
    for example, sentence in zip(examples, cut, strict=True):
        gold = tagging.gold(example)
        for piece in sentence.pieces:
            labels = [IGNORED] * len(piece.input_ids)
            for word, first in zip(piece.words, piece.firsts, strict=True):
                labels[first] = places[gold[word]]
            encoded.append({"input_ids": piece.input_ids, "labels": labels, "language": example.language})
    return encoded


def collate_tags(batch: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """Return `labels` (batch, longest), with IGNORED at padding."""
    return {"labels": pad_rows(batch, "labels", IGNORED)}


def predict_tags(model: Encoder, tagging: Tagging, examples: Sequence[Any], limit: int) -> list[Any]:
    """Return the prediction for each example: the most probable label of each word.

    If a sentence was split into several inputs, their labels are joined.
    """
    sentences = [tagging.words(example) for example in examples]
    cut = cut_sentences(model.tokenizer, sentences, limit)
    pieces = [(index, piece) for index, sentence in enumerate(cut) for piece in sentence.pieces]
    inputs = [{"input_ids": piece.input_ids} for _, piece in pieces]
    rows = ask(model, inputs, lambda output, _: output.logits.argmax(-1).tolist())
    labels: list[list[str | None]] = [[None] * len(words) for words in sentences]
    for (index, piece), row in zip(pieces, rows, strict=True):
        for word, first in zip(piece.words, piece.firsts, strict=True):
            labels[index][word] = tagging.labels[row[first]]
    return [
        tagging.decode(example, labels[index], cut[index].lost, max(1, len(cut[index].pieces)))
        for index, example in enumerate(examples)
    ]


TAGGING = Head(
    field="tagging",
    networks=MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
    adapted="TOKEN_CLS",
    labels=lambda tagging: tagging.labels,
    encode=encode_tags,
    collate_gold=collate_tags,
    learner=lambda network: network,
    predict=predict_tags,
)
