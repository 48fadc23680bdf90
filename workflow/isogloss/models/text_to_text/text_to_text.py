"""The `text-to-text` family: T5, mT5, umT5, ByT5 and mBART, for every task that has a text format."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM

from isogloss.common.errors import UserError
from isogloss.families.folder import check_weights
from isogloss.families.kinds import TEXT_TO_TEXT
from isogloss.models.loading import check_size, load_network, load_tokenizer, refuse_missing
from isogloss.models.text_to_text.added_pieces import add_pieces
from isogloss.models.text_to_text.kernels import choose_kernels
from isogloss.models.text_to_text.label_reader import LabelReader, find_label_tokens, find_sentinels, find_start
from isogloss.models.text_to_text.language_codes import find_codes
from isogloss.models.text_to_text.text_learner import TextLearner
from isogloss.models.text_to_text.tokens import Tokens, open_tokens
from isogloss.tasks.base import Format, Task
from isogloss.training.batch_plan import IGNORED
from isogloss.training.collate import collate_labels, collate_text
from isogloss.training.gpus import put_on_device
from isogloss.training.prediction import predict_batches
from isogloss.training.threads import limit_threads

PREDICTION_BATCH = 64


@dataclass(frozen=True)
class TextToText:
    """A sequence-to-sequence model and its tokenizer with a cache."""

    network: torch.nn.Module
    tokens: Tokens

    @property
    def tokenizer(self) -> Any:
        """The tokenizer."""
        return self.tokens.tokenizer

    @property
    def positions(self) -> int | None:
        """The maximum number of tokens of an input or an output; None if there is no maximum, as in T5 models."""
        return getattr(self.network.config, "max_position_embeddings", None)

    def start(self, language: str) -> list[int]:
        """Return the ids that every decoder input in this language begins with; empty if the model has no codes."""
        return self.tokens.codes.start(language) if self.tokens.codes else []


def load(folder: Path, store: Path | None = None) -> TextToText:
    """Load a model folder in Hugging Face format as float32, from safetensors weights.

    Sentinels and language codes that are missing in mBART are added (see added_pieces.py). store: folder for the cache
    of tokenised texts, or None. Raises UserError if the folder cannot be loaded as a text-to-text model, or if it is an
    mBART whose tokenizer adds no language codes.
    """
    check_weights(folder, TEXT_TO_TEXT)
    tokenizer = load_tokenizer(folder)
    network, missing = load_network(AutoModelForSeq2SeqLM, folder)
    refuse_missing(folder, missing)
    check_size(folder, network, tokenizer)
    is_mbart = network.config.model_type == "mbart"
    added = add_pieces(network, tokenizer) if is_mbart else []
    codes = find_codes(tokenizer)
    if is_mbart and codes is None:
        raise UserError(
            f"{folder}: the tokenizer adds no language code to a text, which mBART requires; name another model"
        )
    if is_mbart:
        network.generation_config.forced_bos_token_id = None  # the code depends on the language of each text
    network = put_on_device(network).eval()
    choose_kernels(network)
    return TextToText(network, open_tokens(tokenizer, folder, store, codes, added))


def save(model: TextToText, folder: Path) -> None:
    """Save the model in Hugging Face format into an existing empty folder."""
    model.network.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)


def fit(
    model: TextToText,
    task: Task,
    examples: Sequence[Any],
    recipe: dict[str, Any],
    *,
    steps: int,
    seed: int,
    threads: int,
) -> tuple[TextToText, dict[str, Any]]:
    """Fine-tune `model` in place on the examples and return it with its training budget.

    recipe: the keys of fit_network, format and max_length. Raises UserError if the vocabulary has no sentinels or label
    tokens for this format.
    """
    from isogloss.training.fitting import fit_network

    limit_threads(threads)
    form = task.formats[recipe["format"]]
    encoded = _encode(model, form, examples, recipe["max_length"])
    if form.labels:
        network: torch.nn.Module = LabelReader(model.network, find_label_tokens(model.tokenizer, form.labels))
        collate = collate_labels
    else:
        network, collate = TextLearner(model.network), collate_text
    pad = model.tokenizer.pad_token_id
    budget = fit_network(
        network, model.network, encoded, lambda batch: collate(batch, pad), recipe, steps=steps, seed=seed
    )
    return model, budget


def predict(
    model: TextToText, task: Task, examples: Sequence[Any], recipe: dict[str, Any], *, threads: int
) -> list[Any]:
    """Return the prediction for each example; the gold labels are not read.

    Raises UserError if the vocabulary has no sentinels or label tokens for the format in `recipe`.
    """
    limit_threads(threads)
    form = task.formats[recipe["format"]]
    encoded = _encode(model, form, examples, recipe["max_length"])
    answer = _read_labels(model, form) if form.labels else _generate(model, form)
    outputs = predict_batches(encoded, answer, batch_size=PREDICTION_BATCH)
    of_example: list[list[Any]] = [[] for _ in examples]
    cut, full = Counter(), _bound(model, recipe["max_length"])
    for piece, output in zip(encoded, outputs, strict=True):
        of_example[piece["example"]].append(output)
        # An input of exactly the maximum length is counted as truncated, even if it was not.
        cut[piece["example"]] += len(piece["input_ids"]) == full
    return [form.decode(example, of_example[place], cut[place]) for place, example in enumerate(examples)]


def _bound(model: TextToText, tokens: int) -> int:
    return min(tokens, model.positions or tokens)


def _encode(model: TextToText, form: Format, examples: Sequence[Any], max_length: int) -> list[dict[str, Any]]:
    """Tokenise every piece of every example.

    Returns one mapping per piece: `input_ids`, `labels`, `example` (the index of its example) and `language`. If the
    format reads labels, `asked` is the input of the decoder, and no label is read at its first `given` tokens.
    """
    max_length = _bound(model, max_length)
    pieces = [(index, piece) for index, example in enumerate(examples) for piece in form.encode(example)]
    languages = [examples[index].language for index, _ in pieces]
    sources = model.tokens.encode([piece.text for _, piece in pieces], languages, max_length)
    encoded = [
        {"input_ids": source, "example": index, "language": language}
        for source, language, (index, _) in zip(sources, languages, pieces, strict=True)
    ]
    places = {label: place for place, label in enumerate(form.labels)}
    if form.reads == "labels":
        sentinels = set(find_sentinels(model.tokenizer))
        for row, (_, piece) in zip(encoded, pieces, strict=True):
            asked = [token for token in row["input_ids"] if token in sentinels]
            if len(row["input_ids"]) == max_length and len(asked) > 1:
                asked.pop()  # the word after the last sentinel may be truncated
            start = model.start(row["language"])
            row["asked"], row["given"] = [*start, *asked], len(start)
            row["labels"] = [*[IGNORED] * len(start), *(places[label] for label in piece.target[: len(asked)])]
    elif form.reads == "label":
        for row, (_, piece) in zip(encoded, pieces, strict=True):
            row["asked"] = model.start(row["language"]) or [find_start(model.network)]
            row["given"] = len(row["asked"]) - 1
            row["labels"] = [*[IGNORED] * row["given"], *(places[label] for label in piece.target)]
    else:
        targets = model.tokens.encode([piece.target for _, piece in pieces], languages, max_length)
        for row, target in zip(encoded, targets, strict=True):
            row["labels"] = target
    return encoded


def _read_labels(model: TextToText, form: Format) -> Any:
    """Return the function that predicts a batch: for each piece, its labels or its single label."""
    reader = LabelReader(model.network, find_label_tokens(model.tokenizer, form.labels))
    pad = model.tokenizer.pad_token_id

    def answer(batch: list[dict[str, Any]]) -> list[Any]:
        inputs = {
            key: value.to(model.network.device) for key, value in collate_labels(batch, pad).items() if key != "labels"
        }
        best = reader(**inputs)["logits"].argmax(-1).tolist()
        read = [
            [form.labels[place] for place in row[example["given"] : len(example["asked"])]]
            for example, row in zip(batch, best, strict=True)
        ]
        return read if form.reads == "labels" else [label for (label,) in read]

    return answer


def _generate(model: TextToText, form: Format) -> Any:
    pad = model.tokenizer.pad_token_id

    def answer(batch: list[dict[str, Any]]) -> list[str]:
        inputs = {
            key: value.to(model.network.device) for key, value in collate_text(batch, pad).items() if key != "labels"
        }
        # An output repeats parts of its input. The added tokens are for the names of entity types.
        bounds = [form.longest or len(example["input_ids"]) + form.added for example in batch]
        bound = max(bounds)
        starts = [model.start(example["language"]) for example in batch]
        if starts[0]:
            bound = _bound(model, len(starts[0]) + bound) - len(starts[0])
            inputs["decoder_input_ids"] = torch.tensor(starts, device=model.network.device)
            # Otherwise generate() adds the start token of the config before them.
            inputs["decoder_start_token_id"] = inputs["decoder_input_ids"][:, 0]
        written = model.network.generate(**inputs, max_new_tokens=bound, num_beams=1, do_sample=False)
        given = len(starts[0]) or 1
        # Each output is cut to its own limit, which must not depend on longer inputs in the same batch.
        own = [row[: given + bound] for row, bound in zip(written, bounds, strict=True)]
        return model.tokenizer.batch_decode(own, skip_special_tokens=True)

    return answer
