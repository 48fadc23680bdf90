"""Head that assigns one label to a pair of texts, with the Hugging Face class for sequence classification.

This class reads the label at the first token: through the pooler in BERT, through a layer of the head in XLM-R.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

from isogloss.models.encoder.head import Encoder, Head, ask
from isogloss.models.encoder.text_pairs import encode_pairs
from isogloss.tasks.base import Classification


def encode_labels(model: Encoder, view: Classification, examples: Sequence[Any], limit: int) -> list[dict[str, Any]]:
    """Tokenise the pair of texts of every example; `labels` is a list with the index of its label."""
    places = {label: place for place, label in enumerate(view.labels)}
    inputs, _ = encode_pairs(model, [view.texts(example) for example in examples], limit)
    return [
        {**one, "labels": [places[view.gold(example)]], "language": example.language}
        for one, example in zip(inputs, examples, strict=True)
    ]


def collate_labels(batch: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """Return the label index of each input: `labels` (batch,)."""
    return {"labels": torch.tensor([one["labels"][0] for one in batch])}


def predict_labels(model: Encoder, view: Classification, examples: Sequence[Any], limit: int) -> list[Any]:
    """Return the prediction for each example: the most probable label."""
    inputs, cut = encode_pairs(model, [view.texts(example) for example in examples], limit)
    best = ask(model, inputs, lambda output, _: output.logits.argmax(-1).tolist())
    return [
        view.decode(example, view.labels[place], shortened)
        for example, place, shortened in zip(examples, best, cut, strict=True)
    ]


PAIRS = Head(
    field="classification",
    networks=MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    adapted="SEQ_CLS",
    labels=lambda classification: classification.labels,
    encode=encode_labels,
    collate_gold=collate_labels,
    learner=lambda network: network,
    predict=predict_labels,
)
