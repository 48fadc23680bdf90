"""Self-supervised pre-training by span corruption: a network learns to predict masked spans of text segments.

A variant is a model pre-trained on a set of languages. Every variant is trained on the same number of segments of the
same length, divided equally among its languages, no matter how much text is available. Two variants therefore differ
only in their languages.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from isogloss.common.errors import UserError
from isogloss.models.language_model.text_statistics import find_noise
from isogloss.models.pretraining.span_corruption import MEAN_SPAN_LENGTH, corrupt_spans, count_spans
from isogloss.models.text_to_text.text_learner import TextLearner
from isogloss.models.text_to_text.text_to_text import load, save
from isogloss.training.collate import collate_text
from isogloss.training.loop import train
from isogloss.training.threads import limit_threads

SEED = 0
"""Seed for the choice, the order and the masking of segments; the same for every variant."""


def cut_segments(lines: Iterable[str], tokenizer: Any, length: int) -> list[list[int]]:
    """Concatenate the lines of one language and cut them into segments of `length` tokens; the rest is dropped."""
    stream = [token for ids in tokenizer(list(lines), add_special_tokens=False)["input_ids"] for token in ids]
    return [stream[start : start + length] for start in range(0, len(stream) - length + 1, length)]


def repeat_segments(segments: Sequence[list[int]], count: int, rng: numpy.random.Generator) -> Iterator[list[int]]:
    """Yield `count` segments; each pass over `segments` has a new random order."""
    while count > 0:
        for index in rng.permutation(len(segments))[:count]:
            yield segments[index]
        count -= len(segments)


def corrupt_segments(
    segments: Iterable[list[int]],
    tokenizer: Any,
    rng: numpy.random.Generator,
    spans: int,
    mean_length: float = MEAN_SPAN_LENGTH,
) -> list[dict[str, list[int]]]:
    """Mask the spans of each segment and return training examples with `input_ids` and `labels`.

    spans: number of sentinels drawn for each segment, at least its number of spans. The sentinels are drawn from all
    sentinels of the vocabulary and are used in order, whereas T5 always begins with the first. There are two reasons. A
    token that is never a target is pushed in the same direction at every optimiser step. And tagging a sentence needs
    many more sentinels than a segment does, with embeddings that differ from each other.
    """
    sentinels, _ = find_noise(tokenizer)
    examples = []
    for segment in segments:
        drawn = numpy.sort(rng.choice(len(sentinels), spans, replace=False))
        chosen = [sentinels[place] for place in drawn]
        source, target = corrupt_spans(segment, chosen, tokenizer.eos_token_id, rng, mean_length)
        examples.append({"input_ids": source, "labels": target})
    return examples


def learn_spans(
    network: Any,
    tokenizer: Any,
    examples: Sequence[dict[str, list[int]]],
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
) -> float:
    """Train a sequence-to-sequence network in place on masked segments and return the mean loss over all steps."""
    return train(
        TextLearner(network),
        examples,
        lambda batch: collate_text(batch, tokenizer.pad_token_id),
        steps=steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=SEED,
    )


def continue_pretraining(
    start: Path, text: Mapping[str, Sequence[str]], recipe: Mapping[str, Any], folder: Path, *, threads: int
) -> dict[str, Any]:
    """Continue pre-training of the model in `start` on the languages of `text`, and save it in `folder`.

    text: language -> lines. recipe: segment (length in tokens), steps, batch_size, learning_rate. folder: exists and is
    empty. The model is trained on steps x batch_size segments. The numbers of segments of any two languages differ by
    at most one.

    Returns the record, with the number of training tokens of each language. Raises UserError if a segment has more
    spans than the vocabulary has sentinels, or if a language has less text than one segment.
    """
    limit_threads(threads)
    model = load(start)
    sentinels, mean_length = find_noise(model.tokenizer)
    length, steps, batch_size = recipe["segment"], recipe["steps"], recipe["batch_size"]
    spans = count_spans(length, mean_length=mean_length)
    if spans > len(sentinels):
        raise UserError(
            f"{start}: a segment of {length} tokens has {spans} spans to mask, but the vocabulary has "
            f"{len(sentinels)} sentinels; lower pretraining.segment or name another model"
        )
    available = {language: cut_segments(text[language], model.tokenizer, length) for language in sorted(text)}
    for language, segments in available.items():
        if not segments:
            raise UserError(
                f"models: {language}: the training text ({len(text[language])} lines) is shorter than one segment of "
                f"{length} tokens; lower pretraining.segment or remove {language}"
            )
    taken = share_segments(available, steps * batch_size)
    rng = numpy.random.default_rng(SEED)
    whole = [segment for segments in taken.values() for segment in segments]
    mixed = [whole[place] for place in rng.permutation(len(whole))]
    examples = corrupt_segments(mixed, model.tokenizer, rng, spans, mean_length)
    network = model.network
    rate = recipe["learning_rate"]
    loss = learn_spans(network, model.tokenizer, examples, steps=steps, batch_size=batch_size, learning_rate=rate)
    save(model, folder)
    return {
        "start": start.name,
        "parameters": network.num_parameters(),
        "vocabulary": len(model.tokenizer),
        "languages": sorted(text),
        "lines": {language: len(text[language]) for language in sorted(text)},
        **_count_tokens(available, taken, length),
        "segment_tokens": length,
        "steps": steps,
        "batch_size": batch_size,
        "learning_rate": rate,
        "seed": SEED,
        "mean_loss": loss,
    }


def share_segments(available: Mapping[str, Sequence[list[int]]], count: int) -> dict[str, list[list[int]]]:
    """Choose `count` segments in total, equally many of each language, and repeat segments if necessary.

    If `count` is not divisible by the number of languages, the first languages by code get one segment more. The order
    of the segments of a language depends only on its code. A variant that takes more segments of a language therefore
    includes all segments that another variant takes.
    """
    each, rest = divmod(count, len(available))
    taken = {}
    for place, language in enumerate(sorted(available)):
        rng = numpy.random.default_rng([SEED, *language.encode()])
        taken[language] = list(repeat_segments(available[language], each + (place < rest), rng))
    return taken


def _count_tokens(
    available: Mapping[str, Sequence[list[int]]], taken: Mapping[str, Sequence[list[int]]], length: int
) -> dict[str, dict[str, Any]]:
    """Return, for each language, the training tokens, the tokens of distinct segments among them, and their ratio."""
    given = {language: len(segments) * length for language, segments in taken.items()}
    unique = {language: min(given[language], len(available[language]) * length) for language in taken}
    return {
        "tokens": given,
        "unique_tokens": unique,
        "repetitions": {language: given[language] / unique[language] for language in taken if unique[language]},
    }
