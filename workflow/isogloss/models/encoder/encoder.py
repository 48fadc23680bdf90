"""The `encoder` family: mBERT, XLM-R and any other encoder with a fast tokenizer, with a head for the task.

How each head learns and answers stands in a file of its own: words in encoder_tagging.py, pairs of texts in
encoder_pairs.py, spans of a passage in encoder_spans.py.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import (
    MODEL_FOR_MASKED_LM_MAPPING,
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.utils import logging

from isogloss.common.errors import UserError
from isogloss.families.folder import check_folder
from isogloss.models.encoder.head import Encoder, Head, collate_inputs
from isogloss.models.encoder.pairs import PAIRS
from isogloss.models.encoder.spans import SPANS
from isogloss.models.encoder.tagging import TAGGING
from isogloss.tasks.base import Task
from isogloss.training.gpus import choose_device
from isogloss.training.threads import limit_threads

HEADS = (TAGGING, PAIRS, SPANS)
HEAD_SCALE = 0.02
"""Standard deviation of a fresh head's weights, as BERT's (Devlin et al. 2019) start."""


def load(folder: Path, store: Path | None = None) -> Encoder:
    """Load a model folder in Hugging Face form, safetensors only and no code of its own, as float32.

    The head comes with it if it is one of HEADS; any other, such as the one for masked words, is left. `fit` gives a
    model the head that it needs. Nothing is kept in `store`: a fast tokenizer takes no time worth saving.
    """
    logging.set_verbosity_error()  # that a head is new, or not wanted, is as it should be
    logging.disable_progress_bar()
    check_folder(folder, "encoder")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        network, loaded = _find_class(config).from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True
        )
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{folder}: not an encoder that can be loaded ({reason}); name another model") from None
    if type(network.config) not in MODEL_FOR_MASKED_LM_MAPPING:
        raise UserError(f"{folder}: {network.config.model_type} is no encoder that reads both ways; name another model")
    if not tokenizer.is_fast:
        raise UserError(
            f"{folder}: its tokenizer has no fast form, without which words and subwords cannot be told "
            "apart; name another model"
        )
    network = network.to(choose_device()).eval()
    body = f"{network.base_model_prefix}."
    return Encoder(network, tokenizer, frozenset(name.removeprefix(body) for name in loaded["missing_keys"]))


def save(model: Encoder, folder: Path) -> None:
    """Save a model, its head among it, in Hugging Face form into an existing empty folder."""
    model.network.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)


def fit(
    model: Encoder,
    task: Task,
    examples: Sequence[Any],
    recipe: Mapping[str, Any],
    *,
    steps: int,
    seed: int,
    threads: int,
) -> tuple[Encoder, dict[str, Any]]:
    """Train a model on examples and return it with its budget; the one that was given is used up.

    recipe: as fit_network takes it, and max_length, freeze_embeddings, lora (rank, alpha, dropout, targets; or absent).
    A head for another kind of task, or for other labels than the task's, is replaced by a fresh one.
    """
    from isogloss.training.fitting import fit_network

    limit_threads(threads)
    head, view = _find_head(task)
    model = _give_head(model, head, head.labels(view), seed)
    encoded = head.encode(model, view, examples, _limit_length(model, recipe["max_length"]))
    pad = model.tokenizer.pad_token_id
    network = _choose_weights(model.network, head, recipe, seed)

    def collate(batch: list[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        return {**collate_inputs(batch, pad), **head.collate_gold(batch)}

    budget = fit_network(head.learner(network), model.network, encoded, collate, recipe, steps=steps, seed=seed)
    if network is not model.network:
        network.merge_and_unload()  # what LoRA learnt becomes part of the weights, so that the model is an ordinary one
    return model, budget


def predict(
    model: Encoder, task: Task, examples: Sequence[Any], recipe: Mapping[str, Any], *, threads: int
) -> list[Any]:
    """Return the prediction of each example; its gold is never looked at.

    Raises UserError when the model was not trained for this kind of task, or for the labels of this one.
    """
    limit_threads(threads)
    head, view = _find_head(task)
    if not _has_head(model, head, head.labels(view)):
        raise UserError(f"task {task.kind}: this encoder has no head for it; fine-tune it first")
    return head.predict(model, view, examples, _limit_length(model, recipe["max_length"]))


def _find_head(task: Task) -> tuple[Head, Any]:
    """Return the head for a task, and how the task is seen by it."""
    for head in HEADS:
        if (view := getattr(task, head.field)) is not None:
            return head, view
    raise UserError(
        f"task {task.kind}: has no labels for words or for pairs of texts and no spans, which is what an encoder "
        "gives; take another model"
    )


def _find_class(config: Any) -> Any:
    """Return the class that a folder was saved with where it has a head that is known here, else that of the body."""
    known = (head.networks.get(type(config), None) for head in HEADS)
    return next((one for one in known if one and one.__name__ in (config.architectures or ())), AutoModel)


def _limit_length(model: Encoder, max_length: int) -> int:
    """Return `max_length`, or less where the model has fewer positions; the RoBERTa kind counts its from 2."""
    positions = getattr(model.network.config, "max_position_embeddings", None)
    return min(max_length, model.tokenizer.model_max_length, *([positions - 2] if positions else []))


def _has_head(model: Encoder, head: Head, labels: Sequence[str]) -> bool:
    """Whether a model has a head of a kind, for these labels."""
    config = model.network.config
    own = tuple(label for _, label in sorted(config.id2label.items()))
    return type(model.network) is head.networks.get(type(config), None) and own == tuple(labels) and not model.lacking


def _give_head(model: Encoder, head: Head, labels: Sequence[str], seed: int) -> Encoder:
    """Return a model with the same body and a head for these labels: its own, or a fresh one drawn by the seed.

    Drawn like a head is what the body has and the model's folder did not: the pooler of many a BERT.
    """
    if _has_head(model, head, labels):
        return model
    config = copy.deepcopy(model.network.config)
    kind = head.networks.get(type(config), None)
    if kind is None:
        raise UserError(f"{config.model_type} has no head for tasks such as this one; name another model")
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: place for place, label in enumerate(labels)}
    config.problem_type = None  # of a classifier; it is found by the labels
    body = model.network.base_model.state_dict()
    weights = {f"{kind.base_model_prefix}.{name}": body[name] for name in body.keys() - model.lacking}
    network, loaded = kind.from_pretrained(
        None, config=config, state_dict=weights, dtype=torch.float32, output_loading_info=True
    )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name in loaded["missing_keys"] and name.endswith("bias"):
                weight.zero_()
            elif name in loaded["missing_keys"] and weight.dim() > 1:  # others scale, and start at 1
                weight.copy_(torch.normal(0.0, HEAD_SCALE, weight.shape, generator=generator))
    return replace(model, network=network.to(model.network.device).eval(), lacking=frozenset())


def _choose_weights(network: PreTrainedModel, head: Head, recipe: Mapping[str, Any], seed: int) -> Any:
    """Say which weights of a network are trained; with `lora`, return the network with adapters around it."""
    network.requires_grad_(True)
    network.get_input_embeddings().requires_grad_(not recipe["freeze_embeddings"])
    lora = recipe.get("lora")
    if lora is None:
        return network
    from peft import LoraConfig, TaskType, get_peft_model

    torch.manual_seed(seed)  # half of an adapter's weights start at random
    try:
        return get_peft_model(
            network,
            LoraConfig(
                task_type=TaskType(head.adapted),
                r=lora["rank"],
                lora_alpha=lora["alpha"],
                lora_dropout=lora["dropout"],
                target_modules=lora.get("targets"),
                modules_to_save=_list_head(network),
            ),
        )
    except ValueError as error:
        named = ", ".join(lora.get("targets") or ["by default"])
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"training.*.lora.targets: {named} ({reason}); name the modules to adapt") from None


def _list_head(network: PreTrainedModel) -> list[str]:
    """Return the parts of a network that are its head: all beside the body that has weights, and the body's pooler."""
    beside = [
        name for name, part in network.named_children() if part is not network.base_model and [*part.parameters()]
    ]
    return [*beside, *(["pooler"] if getattr(network.base_model, "pooler", None) is not None else [])]
