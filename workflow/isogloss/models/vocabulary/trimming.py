"""Vocabulary trimming: keep only the subwords that the studied text needs, and their embedding rows.

The text is still segmented into the same subwords, and the kept rows keep their values. A multilingual vocabulary of
250,000 subwords accounts for most parameters of a model, and ten languages need only a fraction of it.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import read_json, write_json
from isogloss.families.weights import WEIGHTS, list_weights
from isogloss.models.hub import SOURCE
from isogloss.models.vocabulary.pieces import Text, cut_form, encode_texts, find_needed
from isogloss.tasks.base import Task

RECORD = "trimming.json"
"""File in the folder of a trimmed model: numbers of subwords and parameters before and after trimming."""


def list_inputs(task: Task, examples: Sequence[Any], *, targets: bool) -> set[Text]:
    """Return every text of these examples that a model may read: words, pairs of texts, and inputs of each format.

    If `targets` is true, the target texts that a model learns to generate are included. They depend on the gold labels,
    so use this option for training splits only.
    """
    inputs: set[Text] = set()
    for example in examples:
        if task.tagging is not None:
            inputs.add(tuple(task.tagging.words(example)))
        for view in (task.classification, task.extraction):
            if view is not None:
                inputs.update(view.texts(example))
        for form in task.formats.values():
            for piece in form.encode(example):
                inputs.add(piece.text)
                if targets and isinstance(piece.target, str):
                    inputs.add(piece.target)
    return inputs


def trim_model(folder: Path, text: Iterable[Text], out: Path) -> None:
    """Write a trimmed copy of the model in `folder` into the existing empty folder `out`.

    The copy keeps only the subwords that `text` needs (see pieces.py). The rows are removed from the weight files
    without building the model. Tied weights stay tied, and a separate output layer (as in mT5) is cut like the
    embedding. Raises UserError if the embedding rows cannot be identified, if the model has no fast tokenizer, if the
    tokenizer cannot be trimmed, or if the trimmed tokenizer segments `text` differently.
    """
    from isogloss.models.loading import load_tokenizer

    text = list(text)
    config = read_json(folder / "config.json")
    size = config["vocab_size"]
    alike = [key for key, value in config.items() if value == size and type(value) is int and key != "vocab_size"]
    if alike:
        raise UserError(
            f"{folder}: vocab_size and {alike[0]} are both {size} in config.json, so the embedding rows cannot be "
            "identified; remove trim_vocabulary"
        )
    whole = load_tokenizer(folder)
    if not whole.is_fast:
        raise UserError(f"{folder}: the model has no fast tokenizer; remove trim_vocabulary or name another model")
    form = json.loads(whole.backend_tokenizer.to_str())
    needed = find_needed(whole, form, text)
    places = {old: new for new, old in enumerate(needed)}
    rows = [old for old in needed if old < size]

    write_json(out / "config.json", _renumber_config({**config, "vocab_size": len(rows)}, places))
    if (folder / "generation_config.json").is_file():
        generation = read_json(folder / "generation_config.json")
        write_json(out / "generation_config.json", _renumber_config(generation, places))
    _save_tokenizer(whole, cut_form(form, places), out)
    _compare(whole, load_tokenizer(out), text, places)
    before, after = _cut_weights(folder, out, size, rows)
    if (folder / SOURCE).is_file():
        shutil.copyfile(folder / SOURCE, out / SOURCE)
    record = {"pieces": size, "pieces_kept": len(rows), "parameters": before, "parameters_kept": after}
    write_json(out / RECORD, {**record, "texts": len(text)})


def _renumber_config(config: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """Return a config with new ids for its special tokens and without `tokenizer_class`, which the tokenizer stores."""
    renumbered = {key: value for key, value in config.items() if key != "tokenizer_class"}
    for key, value in config.items():
        if key.endswith("_token_id") and value is not None:
            renumbered[key] = [places[one] for one in value] if isinstance(value, list) else places.get(value)
    return renumbered


def _save_tokenizer(whole: Any, form: Mapping[str, Any], out: Path) -> None:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    named = {key: str(value) for key, value in whole.special_tokens_map.items() if isinstance(value, str)}
    further = [token for token in whole.all_special_tokens if token not in named.values()]
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(form)),
        model_max_length=whole.model_max_length,
        model_input_names=whole.model_input_names,
        extra_special_tokens=further,
        **named,
    ).save_pretrained(out)


def _compare(whole: Any, trimmed: Any, text: Sequence[Text], places: Mapping[int, int]) -> None:
    """Raise UserError if the trimmed tokenizer segments any of the texts differently from the original tokenizer."""
    for (one, before), (_, after) in zip(encode_texts(whole, text), encode_texts(trimmed, text), strict=True):
        if [places[token] for token in before] != after:
            shown = one if isinstance(one, str) else " ".join(one)
            raise UserError(
                f"{whole.name_or_path}: the tokenizer cannot be trimmed, because the subwords of {shown[:80]!r} would "
                "change; remove trim_vocabulary"
            )


def _cut_weights(folder: Path, out: Path, size: int, rows: Sequence[int]) -> tuple[int, int]:
    """Write the weights and return the numbers of parameters before and after.

    Every dimension of length `size` (the vocabulary size) is reduced to `rows`.
    """
    import torch
    from safetensors.torch import load_file, save_file

    index = torch.tensor(rows)
    weights, before = {}, 0
    for path in list_weights(folder):
        for name, tensor in load_file(path).items():
            before += tensor.numel()
            for dimension, length in enumerate(tensor.shape):
                if length == size:
                    tensor = tensor.index_select(dimension, index)
            weights[name] = tensor
    if not any(len(rows) in tensor.shape for tensor in weights.values()):
        raise UserError(f"{folder}: no weight tensor has a dimension of vocab_size ({size}); remove trim_vocabulary")
    save_file(weights, out / WEIGHTS, metadata={"format": "pt"})
    (out / WEIGHTS).chmod(0o644)  # safetensors creates a file that only its owner can read; results are shared
    return before, sum(tensor.numel() for tensor in weights.values())
