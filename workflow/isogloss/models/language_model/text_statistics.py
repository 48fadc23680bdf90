"""Statistics of text-to-text models: loss and exactly predicted spans in the pre-training task of the model.

The task of T5 models is span corruption (Raffel et al. 2020, section 3.1.4; Xue et al. 2021). The task of mBART is text
infilling (Liu et al. 2020, section 2.1). A span is predicted exactly if each of its tokens is the most probable token.
With teacher forcing, the decoder sees the true previous tokens. In free-running mode, it sees the tokens that the model
itself generated.

Lines are concatenated and cut into pieces, as in pre-training. The last token of a piece is always masked, and most
single sentences would have no other masked span. Statistics of single sentences would therefore measure only how well
the model predicts the ends of sentences.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

import numpy
from transformers import AutoModelForSeq2SeqLM, ByT5Tokenizer

from isogloss.common.files import read_json
from isogloss.common.run import PRETRAINING
from isogloss.models.language_model.statistics import BUDGET, Statistics, encode_lines, open_tokenizer
from isogloss.models.loading import load_network, refuse_missing
from isogloss.models.pretraining.span_corruption import MEAN_SPAN_LENGTH, corrupt_spans, draw_spans
from isogloss.models.text_to_text.language_codes import find_codes
from isogloss.models.vocabulary.vocabulary import list_sentinels
from isogloss.training.collate import collate_text
from isogloss.training.gpus import put_on_device
from isogloss.training.prediction import predict_batches
from isogloss.training.softmax import read_hidden, score_tokens
from isogloss.training.threads import limit_threads

SPAN_CORRUPTION, INFILLING = "span corruption", "text infilling"
T5_KINDS = ("t5", "mt5", "umt5")
BYTE_SPAN_LENGTH = 20.0
"""Mean span length of ByT5. It was pre-trained on longer spans because its tokens are bytes (Xue et al. 2022, section
3.1)."""
BYTE_SENTINELS = (258, 257, 256, 255, 254, 253, 252, 251, 250, 249, 248)
"""Sentinels of ByT5. In pre-training they were the last byte ids in descending order, not the sentinels that its
tokenizer defines. This list contains those that do not occur in UTF-8. A piece needs four."""
INFILLED, INFILLED_SPAN_LENGTH = 0.35, 3.5
"""Proportion of masked tokens and mean span length in the pre-training of mBART."""
PIECE = 512
"""Number of tokens per piece, the input length in the pre-training of T5 and mBART; that of mT5 was twice as long."""
BATCH = 16

Example = dict[str, Any]
"""`input_ids`, `labels`, and `spans`, the (start, end) of the masked spans in the labels."""
ReadExact = Callable[[Example, list[int]], list[bool]]
"""A function of an example and the token ids generated for it. It returns whether each span was predicted exactly."""


@dataclass(frozen=True)
class Masked:
    """Masked examples.

    name: prefix of the names of their statistics. read: finds the exactly predicted spans in generated tokens. given:
    number of labels that the decoder is given before it generates.
    """

    name: str
    examples: Sequence[Example]
    read: ReadExact
    given: int = 0


def measure(folder: Path, texts: Mapping[str, Sequence[str]], *, language: str, seed: int, threads: int) -> Statistics:
    """Measure the pre-training task of a text-to-text model on texts (name -> lines) of a language.

    Values for T5 models: lm_loss (mean over target tokens, including sentinels and end tokens), lm_exact and
    lm_exact_free (proportions of masked spans). Values for mBART: infilling_loss, infilling_exact and
    infilling_exact_free. There are no values for other types of models, or if mBART has no code for the language.
    Raises UserError if the model cannot be loaded.
    """
    limit_threads(threads)
    config, tokenizer = open_tokenizer(folder)
    if config.model_type in T5_KINDS:
        objective, make, lack = SPAN_CORRUPTION, mask_by_sentinels, "sentinels are missing from the vocabulary"
        able = bool(find_noise(tokenizer)[0])
    elif config.model_type == "mbart":
        objective, lack = INFILLING, f"the vocabulary has no language code for {language}"
        make, codes = partial(mask_for_infilling, language=language), find_codes(tokenizer)
        able = codes is not None and codes.find(language) is not None
    else:
        return Statistics("none", reason=f"the pre-training task of {config.model_type} is not supported")
    if not able:
        return Statistics(objective, reason=lack)
    network, missing = load_network(AutoModelForSeq2SeqLM, folder)
    refuse_missing(folder, missing)
    network = put_on_device(network).eval()
    found = {}
    for name, lines in texts.items():
        pieces, counts = join_lines(encode_lines(tokenizer, lines), find_length(folder))
        values, more = measure_examples(network, make(tokenizer, pieces, seed), tokenizer.pad_token_id)
        found[name] = {"values": values, "counts": {**counts, **more}}
    return Statistics(objective, found)


def find_length(folder: Path) -> int:
    """Return the number of tokens per piece: the segment length of a model pre-trained here, otherwise PIECE."""
    record = folder / PRETRAINING
    return read_json(record)["segment_tokens"] if record.is_file() else PIECE


def join_lines(encoded: Sequence[list[int]], length: int) -> tuple[list[list[int]], dict[str, int]]:
    """Concatenate lines, in order and up to BUDGET tokens, and cut them into pieces of `length` tokens.

    The last piece contains the remaining tokens; it is omitted if it has only one. Returns the pieces and the numbers
    of lines, pieces and tokens used.
    """
    stream: list[int] = []
    taken = 0
    for ids in encoded:
        if len(stream) >= BUDGET:
            break
        stream += ids
        taken += 1
    pieces = [piece for start in range(0, len(stream), length) if len(piece := stream[start : start + length]) > 1]
    return pieces, {"lines": taken, "pieces": len(pieces), "tokens": sum(map(len, pieces))}


def find_noise(tokenizer: Any) -> tuple[list[int], float]:
    """Return the sentinels used in the pre-training of a T5 model, in order, and the mean span length.

    The list of sentinels is empty if any sentinel is missing from the vocabulary.
    """
    if isinstance(tokenizer, ByT5Tokenizer):
        return list(BYTE_SENTINELS), BYTE_SPAN_LENGTH
    return list_sentinels(tokenizer), MEAN_SPAN_LENGTH


def mask_by_sentinels(tokenizer: Any, pieces: Sequence[Sequence[int]], seed: int) -> Masked:
    """Return the pieces masked by span corruption: 15% of tokens in spans of 3, with sentinels in order from the first.

    For ByT5, the mean span length is BYTE_SPAN_LENGTH.
    """
    rng = numpy.random.default_rng(seed)
    (sentinels, mean_length), eos = find_noise(tokenizer), tokenizer.eos_token_id
    examples = []
    for piece in pieces:
        source, target = corrupt_spans(piece, sentinels, eos, rng, mean_length)
        starts = [target.index(sentinel) + 1 for sentinel in sentinels if sentinel in target]
        ends = [*(start - 1 for start in starts[1:]), len(target) - 1]
        examples.append({"input_ids": source, "labels": target, "spans": list(zip(starts, ends, strict=True))})
    return Masked("lm", examples, read_spans({*sentinels, eos}))


def mask_for_infilling(tokenizer: Any, pieces: Sequence[Sequence[int]], seed: int, *, language: str) -> Masked:
    """Return the pieces masked for text infilling: one mask token replaces each span, and the target is the whole text.

    Span lengths are drawn as in T5, whereas the pre-training of mBART draws them from a Poisson distribution.
    """
    rng = numpy.random.default_rng(seed)
    before, after = find_codes(tokenizer).frame(language)
    examples = []
    for piece in pieces:
        spans = draw_spans(len(piece), rng, INFILLED, INFILLED_SPAN_LENGTH)
        source, kept_from = list(before), 0
        for start, end in spans:
            source += [*piece[kept_from:start], tokenizer.mask_token_id]
            kept_from = end
        places = [(len(before) + start, len(before) + end) for start, end in spans]
        whole = [*before, *piece, *after]
        examples.append({"input_ids": [*source, *piece[kept_from:], *after], "labels": whole, "spans": places})
    return Masked("infilling", examples, align_spans, len(before))


def read_spans(ends: Collection[int]) -> ReadExact:
    """Return the function that reads spans in span corruption: from a sentinel to the next token in `ends`."""

    def read(example: Example, written: list[int]) -> list[bool]:
        exact = []
        for start, end in example["spans"]:
            span, sentinel = example["labels"][start:end], example["labels"][start - 1]
            begin = written.index(sentinel) + 1 if sentinel in written else len(written)
            stop = next((place for place in range(begin, len(written)) if written[place] in ends), len(written))
            exact.append(written[begin:stop] == span)
        return exact

    return read


def align_spans(example: Example, written: list[int]) -> list[bool]:
    """Return whether each span of text infilling was predicted exactly.

    A span is exact if the generated text contains it, together with the token on each side, in one matching block.
    Generated and true text are aligned by difflib: first the longest common block, then the blocks to its left and
    right.
    """
    gold = example["labels"]
    blocks = SequenceMatcher(None, gold, written, autojunk=False).get_matching_blocks()
    runs = [(block.a, block.a + block.size) for block in blocks]
    wanted = [(max(start - 1, 0), min(end + 1, len(gold))) for start, end in example["spans"]]
    return [any(low <= start and end <= high for low, high in runs) for start, end in wanted]


def measure_examples(network: Any, masked: Masked, pad: int) -> tuple[dict[str, float], dict[str, int]]:
    """Return the values for masked examples (empty without spans), and the numbers of target tokens and spans."""
    examples, name = masked.examples, masked.name
    forced = predict_batches(examples, _force(network, pad), batch_size=BATCH)
    free = predict_batches(examples, _generate(network, masked, pad), batch_size=BATCH)
    tokens = sum(len(example["labels"]) for example in examples)
    spans = sum(len(example["spans"]) for example in examples)
    values = {}
    if spans:
        values[f"{name}_loss"] = sum(loss for loss, _ in forced) / tokens
        values[f"{name}_exact"] = sum(sum(exact) for _, exact in forced) / spans
        values[f"{name}_exact_free"] = sum(map(sum, free)) / spans
    return values, {"target_tokens": tokens, "spans": spans}


def _force(network: Any, pad: int) -> Callable[[list[Example]], list[tuple[float, list[bool]]]]:
    """Return the function that scores a batch with teacher forcing.

    For each example, it returns the sum of the token losses and whether each span is exact.
    """

    def answer(batch: list[Example]) -> list[tuple[float, list[bool]]]:
        inputs = {key: value.to(network.device) for key, value in collate_text(batch, pad).items()}
        labels = inputs.pop("labels")
        wanted = labels >= 0
        shifted = network.prepare_decoder_input_ids_from_labels(labels)
        hidden = read_hidden(network, wanted, **inputs, decoder_input_ids=shifted, use_cache=False)
        losses, best = score_tokens(network, hidden, labels[wanted])
        answers = []
        lengths = [len(example["labels"]) for example in batch]
        parts = zip(losses.double().split(lengths), (best == labels[wanted]).split(lengths), strict=True)
        for example, (loss, right) in zip(batch, parts, strict=True):
            answers.append((loss.sum().item(), [bool(right[start:end].all()) for start, end in example["spans"]]))
        return answers

    return answer


def _generate(network: Any, masked: Masked, pad: int) -> Callable[[list[Example]], list[list[bool]]]:
    """Return the function that scores a batch by greedy decoding: for each example, whether each span is exact."""

    positions = getattr(network.config, "max_position_embeddings", None)

    def answer(batch: list[Example]) -> list[list[bool]]:
        inputs = {key: value.to(network.device) for key, value in collate_text(batch, pad).items()}
        start = network.prepare_decoder_input_ids_from_labels(inputs.pop("labels"))[:, : 1 + masked.given]
        # A model may generate more tokens than the target has. The limit of an example does not depend on its batch.
        bounds = [2 * len(example["labels"]) for example in batch]
        longest = max(bounds)
        if positions is not None:  # mBART has a maximum number of positions, T5 models do not
            longest = min(longest, positions - start.shape[1])
        written = network.generate(
            **inputs,
            decoder_input_ids=start,
            decoder_start_token_id=start[:, 0],  # otherwise the config of mBART adds another start token
            max_new_tokens=longest,
            num_beams=1,
            do_sample=False,
        )[:, 1:].tolist()
        return [masked.read(example, one[:bound]) for example, one, bound in zip(batch, written, bounds, strict=True)]

    return answer
