"""A model with a smaller vocabulary: the pieces that the studied text needs, and their rows of the weights.

What is left is what it was: the same pieces for that text, the same numbers in every row. A multilingual vocabulary of
250,000 pieces is most of a model; ten languages need a fraction of it.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import read_json, write_json
from isogloss.models.hub import SOURCE
from isogloss.models.vocabulary.pieces import Text, cut_form, encode_texts, find_needed
from isogloss.tasks.base import Task

WEIGHTS = "model.safetensors"
RECORD = "trimming.json"
"""Stands in the folder of a trimmed model: pieces and parameters before and after."""


def list_inputs(task: Task, examples: Sequence[Any], *, targets: bool) -> set[Text]:
    """Return every text that a model may be given of these examples: as words, as running text, and in each format.

    With `targets`, the texts that a model is to write as well; they depend on the gold, and belong to training splits.
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
    """Write the model of a folder into an existing empty folder, with only the pieces that `text` needs (pieces.py).

    Weights are cut in the files themselves, without the model being built: what is tied stays tied, and an output of
    its own (mT5's) is cut like the embedding. Raises UserError when that cannot be done exactly.
    """
    from transformers import AutoTokenizer

    text = list(text)
    config = read_json(folder / "config.json")
    size = config["vocab_size"]
    alike = [key for key, value in config.items() if value == size and type(value) is int and key != "vocab_size"]
    if alike:
        raise UserError(f"{folder}: vocab_size is also its {alike[0]}, so that rows cannot be told; leave it untrimmed")
    whole = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if not whole.is_fast:
        raise UserError(f"{folder}: its tokenizer has no fast form; leave trim_vocabulary out or name another model")
    form = json.loads(whole.backend_tokenizer.to_str())
    needed = find_needed(whole, form, text)
    places = {old: new for new, old in enumerate(needed)}
    rows = [old for old in needed if old < size]

    write_json(out / "config.json", _renumber_config({**config, "vocab_size": len(rows)}, places))
    if (folder / "generation_config.json").is_file():
        generation = read_json(folder / "generation_config.json")
        write_json(out / "generation_config.json", _renumber_config(generation, places))
    _save_tokenizer(whole, cut_form(form, places), out)
    _compare(whole, AutoTokenizer.from_pretrained(out), text, places)
    before, after = _cut_weights(folder, out, size, rows)
    if (folder / SOURCE).is_file():
        shutil.copyfile(folder / SOURCE, out / SOURCE)
    record = {"pieces": size, "pieces_kept": len(rows), "parameters": before, "parameters_kept": after}
    write_json(out / RECORD, {**record, "texts": len(text)})


def _renumber_config(config: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """Return a config with the ids of its special tokens renumbered; the tokenizer says its class itself."""
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
    """Raise a UserError where a trimmed tokenizer gives a text other pieces than the whole one."""
    for (one, before), (_, after) in zip(encode_texts(whole, text), encode_texts(trimmed, text), strict=True):
        if [places[token] for token in before] != after:
            shown = one if isinstance(one, str) else " ".join(one)
            raise UserError(f"its tokenizer cannot be trimmed: {shown[:80]!r} would change; leave trim_vocabulary out")


def _cut_weights(folder: Path, out: Path, size: int, rows: Sequence[int]) -> tuple[int, int]:
    """Write the weights, with these rows only of what has the vocabulary's size; return parameters before, after."""
    import torch
    from safetensors.torch import load_file, save_file

    index = torch.tensor(rows)
    weights, before = {}, 0
    for path in sorted(folder.glob("*.safetensors")):
        for name, tensor in load_file(path).items():
            before += tensor.numel()
            for dimension, length in enumerate(tensor.shape):
                if length == size:
                    tensor = tensor.index_select(dimension, index)
            weights[name] = tensor
    if not any(len(rows) in tensor.shape for tensor in weights.values()):
        raise UserError(f"{folder}: no weights have the {size} rows of vocab_size; leave trim_vocabulary out")
    save_file(weights, out / WEIGHTS, metadata={"format": "pt"})
    (out / WEIGHTS).chmod(0o644)  # safetensors makes it private; results are for sharing
    return before, sum(tensor.numel() for tensor in weights.values())
