"""tiny-mt5: an MT5 of about one million parameters, built only from the text of the studied languages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
from transformers import set_seed

from isogloss.common.files import write_json
from isogloss.common.run import PRETRAINING
from isogloss.models.loading import load_tokenizer
from isogloss.models.pretraining.pretraining import SEED, corrupt_segments, cut_segments, learn_spans, repeat_segments
from isogloss.models.pretraining.small_start import make_model
from isogloss.models.text_to_text.kernels import choose_kernels
from isogloss.models.vocabulary.vocabulary import build_tokenizer, take_equal_text
from isogloss.training.threads import limit_threads

SEGMENT = 64
"""Number of tokens in a pre-training segment; sentences of one language are concatenated."""
BATCH_SIZE = 16
SPANS_AT_MOST = 10
"""Number of sentinels drawn for each segment. 15% of SEGMENT tokens in spans of 3 never need more."""
LEARNING_RATE = 3e-4


def build_model(text: Mapping[str, Sequence[str]], folder: Path, *, vocabulary: int, steps: int, threads: int) -> None:
    """Build a vocabulary and a model, pre-train the model by span corruption, and save both in Hugging Face format.

    text: language -> lines of its training split. The vocabulary is trained on the same number of characters of each
    language. steps: number of optimiser steps; with 0, the weights stay random. folder: also gets `pretraining.json`,
    which contains the result of `pretrain` and the size of the model.
    """
    limit_threads(threads)
    build_tokenizer(take_equal_text(text, seed=SEED), vocabulary, folder)
    tokenizer = load_tokenizer(folder)
    set_seed(SEED)
    model = make_model(len(tokenizer))
    choose_kernels(model)
    record = pretrain(model, tokenizer, text, steps)
    model.save_pretrained(folder)
    size = {"parameters": model.num_parameters(), "vocabulary": len(tokenizer)}
    write_json(folder / PRETRAINING, {**size, **record})


def pretrain(model: Any, tokenizer: Any, text: Mapping[str, Sequence[str]], steps: int) -> dict[str, Any]:
    """Pre-train a model in place by span corruption on all lines of `text`.

    Returns the numbers of lines of each language, of segments, of tokens per segment and of optimiser steps, and the
    mean loss over all steps (None if `steps` is 0).
    """
    segments = [segment for language in sorted(text) for segment in cut_segments(text[language], tokenizer, SEGMENT)]
    loss = None
    if steps:
        rng = numpy.random.default_rng(SEED)
        drawn = repeat_segments(segments, steps * BATCH_SIZE, rng)
        examples = corrupt_segments(drawn, tokenizer, rng, SPANS_AT_MOST)
        budget = {"steps": steps, "batch_size": BATCH_SIZE, "learning_rate": LEARNING_RATE}
        loss = learn_spans(model, tokenizer, examples, **budget)
    return {
        "lines": {language: len(lines) for language, lines in sorted(text.items())},
        "segments": len(segments),
        "segment_tokens": SEGMENT,
        "steps": steps,
        "mean_loss": loss,
    }
