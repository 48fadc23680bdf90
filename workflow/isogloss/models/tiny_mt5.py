"""tiny-mt5: an MT5 of about one million parameters, built here from nothing but the studied languages' text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from transformers import AutoTokenizer, MT5Config, MT5ForConditionalGeneration, set_seed

from isogloss.files import write_json
from isogloss.models.span_corruption import corrupt_spans
from isogloss.models.vocabulary import SENTINELS, build_tokenizer, take_equal_text
from isogloss.training import limit_threads, train

EMBEDDING_SCALE = 0.05
"""The shared embedding, and it alone, starts so much smaller: MT5 ties it to the output and does not scale the
decoder's output, so that a fresh tiny model would start at a loss of 64 to 77 where ln V is 9. The initialiser's
factor stays 1: T5 does not scale its attention logits, and smaller projections cripple attention."""
SEGMENT = 96
"""Tokens in a text of pre-training; shorter sentences of one language are put together."""
BATCH_SIZE = 16
LEARNING_RATE = 5e-3
SEED = 0


def build_model(text: Mapping[str, Sequence[str]], folder: Path, *, vocabulary: int, steps: int, threads: int) -> None:
    """Build a vocabulary and a model, pre-train it by span corruption and save both in `folder` (Hugging Face form).

    text: language -> lines of its training split, of which an equal number of characters is used. The folder also
    gets `pretraining.json`: lines, tokens, steps and the mean loss over the last tenth of the steps.
    """
    limit_threads(threads)
    lines = take_equal_text(text, seed=SEED)
    build_tokenizer(lines, vocabulary, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    set_seed(SEED)
    model = make_model(len(tokenizer))
    segments = _cut_segments(text, tokenizer)
    examples = _corrupt(segments, tokenizer, steps * BATCH_SIZE)
    loss = train(
        model,
        examples,
        lambda batch: collate_text(batch, tokenizer.pad_token_id),
        steps=steps,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        seed=SEED,
    )
    model.save_pretrained(folder)
    record = {
        "parameters": model.num_parameters(),
        "vocabulary": len(tokenizer),
        "lines": {language: len(lines) for language, lines in sorted(text.items())},
        "segments": len(segments),
        "segment_tokens": SEGMENT,
        "steps": steps,
        "mean_loss": loss,
    }
    write_json(folder / "pretraining.json", record)


def make_model(vocabulary: int) -> MT5ForConditionalGeneration:
    """Return a fresh model for so many pieces; torch's seed decides its weights."""
    config = MT5Config(
        vocab_size=vocabulary,
        d_model=64,
        d_kv=16,
        d_ff=160,
        num_layers=3,
        num_decoder_layers=2,
        num_heads=4,
        relative_attention_num_buckets=32,
        relative_attention_max_distance=64,
        dropout_rate=0.0,
        initializer_factor=1.0,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )
    model = MT5ForConditionalGeneration(config)
    with torch.no_grad():
        model.shared.weight.mul_(EMBEDDING_SCALE)
    return model


def collate_text(batch: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """Pad examples with `input_ids` and `labels` to one batch; padded labels are -100 and count for nothing."""
    sources = [torch.tensor(example["input_ids"]) for example in batch]
    labels = [torch.tensor(example["labels"]) for example in batch]
    source = torch.nn.utils.rnn.pad_sequence(sources, batch_first=True, padding_value=pad)
    target = torch.nn.utils.rnn.pad_sequence(labels, batch_first=True, padding_value=-100)
    return {"input_ids": source, "attention_mask": (source != pad).long(), "labels": target}


def _cut_segments(text: Mapping[str, Sequence[str]], tokenizer: Any) -> list[list[int]]:
    """Join the lines of each language, in order, and cut them into texts of SEGMENT tokens."""
    segments = []
    for language in sorted(text):
        encoded = tokenizer(list(text[language]), add_special_tokens=False)["input_ids"]
        stream = [token for line in encoded for token in line]
        segments += [stream[start : start + SEGMENT] for start in range(0, len(stream) - SEGMENT + 1, SEGMENT)]
    return segments


def _corrupt(segments: Sequence[list[int]], tokenizer: Any, count: int) -> list[dict[str, list[int]]]:
    """Corrupt segments anew at each pass over them until there are `count` examples, enough for every step."""
    rng = numpy.random.default_rng(SEED)
    sentinels = tokenizer.convert_tokens_to_ids([f"<extra_id_{index}>" for index in range(SENTINELS)])
    examples = []
    while len(examples) < count:
        for index in rng.permutation(len(segments))[: count - len(examples)]:
            source, target = corrupt_spans(segments[index], sentinels, tokenizer.eos_token_id, rng)
            examples.append({"input_ids": source, "labels": target})
    return examples
