"""Self-supervised pre-training by span corruption: segments of text, masked, and a network that learns to fill them.

An arm of a study is pre-trained on a set of languages: so many segments of one length, shared equally among them,
whatever text there is of each. What differs between two arms is then the languages alone.
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
"""Draws segments, their order and what is masked in them; the same for every arm."""


def cut_segments(lines: Iterable[str], tokenizer: Any, length: int) -> list[list[int]]:
    """Join the lines of one language, in order, and cut them into texts of `length` tokens; what is left is dropped."""
    stream = [token for ids in tokenizer(list(lines), add_special_tokens=False)["input_ids"] for token in ids]
    return [stream[start : start + length] for start in range(0, len(stream) - length + 1, length)]


def repeat_segments(segments: Sequence[list[int]], count: int, rng: numpy.random.Generator) -> Iterator[list[int]]:
    """Yield `count` segments: all of them in a new order at each pass."""
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
    """Mask each segment, of at most `spans` spans, and return the examples to train on.

    The sentinels of an example are drawn from all of them, in order, where T5 always begins with the first: a piece
    that is never a target is pushed the same way at every step, and a sentence of words needs sentinels far beyond
    those of a segment, each unlike the others.
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
    """Train a sequence-to-sequence network in place on masked segments; return the mean loss over all steps."""
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
    """Pre-train the model in `start` on the languages of `text`, save it in the existing empty `folder`.

    text: language -> lines. recipe: segment (tokens), steps, batch_size, learning_rate. Every set of languages gets
    steps x batch_size segments, each language the same number of them, give or take one.

    Returns the record: what it was given of each language, all of it in tokens. Raises UserError for a vocabulary
    without sentinels, a segment with more spans than sentinels, and a language with less text than one segment.
    """
    limit_threads(threads)
    model = load(start)
    sentinels, mean_length = find_noise(model.tokenizer)
    length, steps, batch_size = recipe["segment"], recipe["steps"], recipe["batch_size"]
    spans = count_spans(length, mean_length=mean_length)
    if spans > len(sentinels):
        raise UserError(
            f"{start}: a segment of {length} tokens has {spans} spans to mask, and the vocabulary {len(sentinels)} "
            "sentinels; lower pretraining.segment or name another model"
        )
    available = {language: cut_segments(text[language], model.tokenizer, length) for language in sorted(text)}
    for language, segments in available.items():
        if not segments:
            raise UserError(
                f"models: {language} has less training text than one segment of {length} tokens; lower "
                f"pretraining.segment or leave {language} out"
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
    """Take `count` segments in all, the same of each language, the first by code one more; repeated as needed.

    A language gives its segments in an order of its own, drawn by its code: what one arm takes of it, another that
    takes more takes too.
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
    """Return by language the tokens given, those of different segments among them, and the times each was given."""
    given = {language: len(segments) * length for language, segments in taken.items()}
    unique = {language: min(given[language], len(available[language]) * length) for language in taken}
    return {
        "tokens": given,
        "unique_tokens": unique,
        "repetitions": {language: given[language] / unique[language] for language in taken if unique[language]},
    }
