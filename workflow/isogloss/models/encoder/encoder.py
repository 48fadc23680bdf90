"""The `encoder` family: mBERT, XLM-R and any other encoder with a fast tokenizer, with a label head for the task.

Each head has its own module: tagging.py labels words, pairs.py labels pairs of texts, and spans.py finds the span of an
answer in a passage.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import (
    MODEL_FOR_MASKED_LM_MAPPING,
    AutoModel,
    PreTrainedModel,
)

from isogloss.common.errors import UserError
from isogloss.families.folder import check_weights
from isogloss.families.kinds import ENCODER
from isogloss.models.encoder.head import Encoder, Head, collate_inputs
from isogloss.models.encoder.pairs import PAIRS
from isogloss.models.encoder.spans import SPANS
from isogloss.models.encoder.tagging import TAGGING
from isogloss.models.loading import POOLER, check_size, load_config, load_network, load_tokenizer, refuse_missing
from isogloss.tasks.base import Task
from isogloss.training.gpus import put_on_device
from isogloss.training.threads import limit_threads

HEADS = (TAGGING, PAIRS, SPANS)
HEAD_SCALE = 0.02
"""Standard deviation of the initial weights of a new head, as in BERT (Devlin et al. 2019)."""


def load(folder: Path, store: Path | None = None) -> Encoder:
    """Load a model folder in Hugging Face format as float32, from safetensors weights and without remote code.

    A head that is one of HEADS is loaded with the model. Any other head, such as a masked language model head, is not
    loaded. `fit` adds the head that a task needs. `store` is not used, because tokenisation with a fast tokenizer is
    not worth caching. Raises UserError if the folder is not a bidirectional encoder with safetensors weights and a fast
    tokenizer.
    """
    check_weights(folder, ENCODER)
    tokenizer = load_tokenizer(folder)
    network, missing = load_network(_find_class(load_config(folder)), folder)
    if type(network.config) not in MODEL_FOR_MASKED_LM_MAPPING:
        raise UserError(
            f"{folder}: model type {network.config.model_type} is not a bidirectional encoder; name another model"
        )
    if not tokenizer.is_fast:
        raise UserError(
            f"{folder}: the model has no fast tokenizer, which is needed to align words and subwords; name another "
            "model"
        )
    check_size(folder, network, tokenizer)
    body = f"{network.base_model_prefix}."
    of_body = {name for name in missing if name.startswith(body) or network.base_model is network}
    refuse_missing(folder, {name for name in of_body if POOLER not in name})
    return Encoder(put_on_device(network).eval(), tokenizer, frozenset(name.removeprefix(body) for name in missing))


def save(model: Encoder, folder: Path) -> None:
    """Save the model and its head in Hugging Face format into an existing empty folder."""
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
    """Fine-tune a model on the examples and return it with its training budget; `model` must not be used afterwards.

    recipe: the keys of fit_network, max_length, freeze_embeddings, and optionally lora (rank, alpha, dropout, targets).
    A head for another kind of task, or for other labels than those of the task, is replaced by a new head. Raises
    UserError if an encoder cannot learn the task, if transformers has no such head for this type of model, or if the
    LoRA targets do not exist.
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
        network.merge_and_unload()  # merges the LoRA adapters into the weights, so that the result is an ordinary model
    return model, budget


def predict(
    model: Encoder, task: Task, examples: Sequence[Any], recipe: Mapping[str, Any], *, threads: int
) -> list[Any]:
    """Return the prediction for each example; the gold labels are not read.

    Raises UserError if the model has no head for this kind of task with the labels of this task.
    """
    limit_threads(threads)
    head, view = _find_head(task)
    if not _has_head(model, head, head.labels(view)):
        raise UserError(
            f"task {task.kind}: the encoder has no {head.field} head for the labels {', '.join(head.labels(view))}; "
            "fine-tune it on this task first"
        )
    return head.predict(model, view, examples, _limit_length(model, recipe["max_length"]))


def _find_head(task: Task) -> tuple[Head, Any]:
    """Return the head for a task, and the view of the task that this head uses."""
    for head in HEADS:
        if (view := getattr(task, head.field)) is not None:
            return head, view
    raise UserError(
        f"task {task.kind}: an encoder can label words, label pairs of texts or find spans, and the task is none of "
        "these; use a model of another family"
    )


def _find_class(config: Any) -> Any:
    """Return the class that the folder was saved with if it has one of HEADS, otherwise the class without a head."""
    known = (head.networks.get(type(config), None) for head in HEADS)
    return next((one for one in known if one and one.__name__ in (config.architectures or ())), AutoModel)


def _limit_length(model: Encoder, max_length: int) -> int:
    """Return `max_length`, or the number of positions of the model if it is lower.

    The number of positions is reduced by 2, because RoBERTa models number them from 2.
    """
    positions = getattr(model.network.config, "max_position_embeddings", None)
    return min(max_length, model.tokenizer.model_max_length, *([positions - 2] if positions else []))


def _has_head(model: Encoder, head: Head, labels: Sequence[str]) -> bool:
    """Return whether the model has this head, for these labels, and all weights of its body."""
    config = model.network.config
    own = tuple(label for _, label in sorted(config.id2label.items()))
    return type(model.network) is head.networks.get(type(config), None) and own == tuple(labels) and not model.lacking


def _give_head(model: Encoder, head: Head, labels: Sequence[str], seed: int) -> Encoder:
    """Return a model with the same body and a head for these labels: its own head, or a new one drawn with the seed.

    Weights of the body that were missing in the model folder (often the pooler of BERT) are drawn in the same way.
    """
    if _has_head(model, head, labels):
        return model
    config = copy.deepcopy(model.network.config)
    kind = head.networks.get(type(config), None)
    if kind is None:
        raise UserError(
            f"{config.name_or_path}: transformers has no {head.field} head for model type {config.model_type}; name "
            "another model"
        )
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: place for place, label in enumerate(labels)}
    config.problem_type = None  # a classifier then determines it from the labels
    body = model.network.base_model.state_dict()
    weights = {f"{kind.base_model_prefix}.{name}": body[name] for name in body.keys() - model.lacking}
    network, loaded = kind.from_pretrained(
        None,
        config=config,
        state_dict=weights,
        dtype=torch.float32,
        output_loading_info=True,
        trust_remote_code=False,
    )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name in loaded["missing_keys"] and name.endswith("bias"):
                weight.zero_()
            elif name in loaded["missing_keys"] and weight.dim() > 1:  # weights of one dimension are scales and stay 1
                weight.copy_(torch.normal(0.0, HEAD_SCALE, weight.shape, generator=generator))
    return replace(model, network=network.to(model.network.device).eval(), lacking=frozenset())


def _choose_weights(network: PreTrainedModel, head: Head, recipe: Mapping[str, Any], seed: int) -> Any:
    """Set which weights are trained, and return the network; with `lora`, return it wrapped in LoRA adapters."""
    network.requires_grad_(True)
    network.get_input_embeddings().requires_grad_(not recipe["freeze_embeddings"])
    lora = recipe.get("lora")
    if lora is None:
        return network
    from peft import LoraConfig, TaskType, get_peft_model

    torch.manual_seed(seed)  # one of the two matrices of each adapter is initialised at random
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
        named = ", ".join(lora.get("targets") or ["the default modules"])
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"training.*.lora.targets: LoRA cannot adapt {named} ({reason}); list modules of the model"
        ) from None


def _list_head(network: PreTrainedModel) -> list[str]:
    """Return the names of the modules of the head: all modules with weights outside the body, and the pooler."""
    beside = [
        name for name, part in network.named_children() if part is not network.base_model and [*part.parameters()]
    ]
    return [*beside, *(["pooler"] if getattr(network.base_model, "pooler", None) is not None else [])]
