"""Statistics of a masked language model (encoder): pseudo-perplexity and the accuracy of predicted masked tokens.

Pseudo-perplexity is defined by Salazar et al. 2020 (Masked Language Model Scoring, section 2): each token is masked
alone, and all other tokens are visible. The reported value is its logarithm, the mean of -ln P over tokens.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import MODEL_FOR_MASKED_LM_MAPPING, AutoModelForMaskedLM

from isogloss.families.folder import check_weights
from isogloss.families.kinds import ENCODER
from isogloss.models.language_model.statistics import (
    BUDGET,
    Statistics,
    encode_lines,
    find_frame,
    open_tokenizer,
)
from isogloss.models.loading import load_network
from isogloss.training.gpus import put_on_device
from isogloss.training.prediction import predict_batches
from isogloss.training.softmax import read_hidden, score_tokens
from isogloss.training.threads import limit_threads

OBJECTIVE = "masked tokens"
PIECE = 256
"""Maximum number of tokens per piece; longer lines are split into pieces."""
POSITIONS = 16
"""Maximum number of tokens of a piece that are masked, one at a time; drawn at random if a piece has more tokens."""
BATCH = 64


def measure(folder: Path, texts: Mapping[str, Sequence[str]], *, language: str, seed: int, threads: int) -> Statistics:
    """Measure the masked language model of an encoder on texts (name -> lines).

    Values: log_pseudo_perplexity, and masked_accuracy, the proportion of masked tokens that the model predicts as the
    most probable token. A model without masked language model weights has no values. Raises UserError if the model
    cannot be loaded. `language` is not used, because an encoder has no language codes.
    """
    check_weights(folder, ENCODER)
    limit_threads(threads)
    config, tokenizer = open_tokenizer(folder)
    if type(config) not in MODEL_FOR_MASKED_LM_MAPPING or tokenizer.mask_token_id is None:
        return Statistics(OBJECTIVE, reason=f"{config.model_type} is not a masked language model")
    network, missing = load_network(AutoModelForMaskedLM, folder)
    if missing:
        # A missing head would be initialised at random, and its predictions would be noise.
        return Statistics(OBJECTIVE, reason="the weights contain no masked language model head")
    network = put_on_device(network).eval()
    return Statistics(
        OBJECTIVE, {name: _measure_text(network, tokenizer, lines, seed) for name, lines in texts.items()}
    )


def _measure_text(network: Any, tokenizer: Any, lines: Sequence[str], seed: int) -> dict[str, dict[str, Any]]:
    before, after = find_frame(tokenizer)
    pieces, counts = cut_lines(encode_lines(tokenizer, lines), len(before) + len(after))
    examples = mask_tokens(pieces, before, after, tokenizer.mask_token_id, numpy.random.default_rng(seed))
    pad = tokenizer.pad_token_id

    def answer(batch: list[dict[str, Any]]) -> list[tuple[float, bool]]:
        inputs = pad_sequence([torch.tensor(one["input_ids"]) for one in batch], True, pad).to(network.device)
        seen = pad_sequence([torch.ones(len(one["input_ids"]), dtype=torch.long) for one in batch], True)
        labels = torch.tensor([one["label"] for one in batch], device=network.device)
        wanted = torch.zeros_like(inputs, dtype=torch.bool)
        wanted[range(len(batch)), [one["place"] for one in batch]] = True
        hidden = read_hidden(network, wanted, input_ids=inputs, attention_mask=seen.to(network.device))
        losses, best = score_tokens(network, hidden, labels)
        return list(zip(losses.tolist(), (best == labels).tolist(), strict=True))

    found = predict_batches(examples, answer, batch_size=BATCH)
    values = {}
    if found:
        values["log_pseudo_perplexity"] = sum(loss for loss, _ in found) / len(found)
        values["masked_accuracy"] = sum(right for _, right in found) / len(found)
    return {"values": values, "counts": {**counts, "masked_tokens": len(found)}}


def cut_lines(encoded: Sequence[list[int]], around: int) -> tuple[list[list[int]], dict[str, int]]:
    """Cut lines, in order, into pieces of at most PIECE tokens, until scoring them requires BUDGET tokens.

    around: number of special tokens per piece. A piece of one token is omitted, because it has no context. Returns the
    pieces and the numbers of lines, pieces and tokens used.
    """
    pieces: list[list[int]] = []
    spent = taken = 0
    for ids in encoded:
        if spent >= BUDGET:
            break
        own = [piece for start in range(0, len(ids), PIECE) if len(piece := ids[start : start + PIECE]) > 1]
        spent += sum(min(len(piece), POSITIONS) * (len(piece) + around) for piece in own)
        pieces += own
        taken += 1
    return pieces, {"lines": taken, "pieces": len(pieces), "tokens": sum(map(len, pieces))}


def mask_tokens(
    pieces: Sequence[Sequence[int]],
    before: Sequence[int],
    after: Sequence[int],
    mask: int,
    rng: numpy.random.Generator,
) -> list[dict[str, Any]]:
    """Return one example for each masked token, at most POSITIONS per piece.

    An example contains `input_ids`, `place` (the index of the mask) and `label` (the id of the masked token).
    """
    examples = []
    for piece in pieces:
        for place in numpy.sort(rng.choice(len(piece), min(len(piece), POSITIONS), replace=False)).tolist():
            masked = [*piece[:place], mask, *piece[place + 1 :]]
            ids = [*before, *masked, *after]
            examples.append({"input_ids": ids, "place": len(before) + place, "label": piece[place]})
    return examples
