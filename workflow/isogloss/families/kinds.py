"""Which family a model belongs to, and whether the family supports its type, from its config.json or its name."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from isogloss.common.errors import UserError

TEXT_TO_TEXT, ENCODER = "text-to-text", "encoder"
NAMES = {
    TEXT_TO_TEXT: r"(^|[^a-z])(u?mt5|by?t5|t5|mt0|mbart)([^a-z]|$)",
    ENCODER: r"bert|xlm-?r([^a-z]|$)|(^|[^a-z])e5([^a-z]|$)|minilm|electra",
}
"""Family -> pattern of the names of its models."""
TYPES = {
    TEXT_TO_TEXT: "t5 mt5 umt5 mbart bart bigbird_pegasus led longt5 mvp pegasus pegasus_x switch_transformers",
    ENCODER: "albert bert big_bird camembert convbert data2vec-text deberta deberta-v2 distilbert electra ernie "
    "eurobert fnet funnel gte ibert jina_embeddings_v3 layoutlm longformer luke megatron-bert mobilebert "
    "modernbert mpnet mra nomic_bert nystromformer rembert roberta roberta-prelayernorm roformer squeezebert "
    "xlm-roberta xlm-roberta-xl yoso",
}
"""Family -> `model_type` of the models that it supports. Encoders are the masked language models of transformers that
read text through a fast tokenizer and can be fine-tuned like BERT."""
NO_START = "t5 longt5 switch_transformers"
"""Types whose decoder has no start token if config.json names none."""
REASONS = {
    **dict.fromkeys(("m2m_100", "nllb-moe", "marian"), "a translation model, whose language codes are not supported"),
    "xmod": "it needs the language of each input to choose an adapter",
    "canine": "it reads characters, not subwords",
    **dict.fromkeys(("xlm", "flaubert", "roc_bert", "tapas", "perceiver"), "it has no fast tokenizer"),
}
"""Why a type that resembles supported ones is not supported."""
ADVICE = {
    TEXT_TO_TEXT: "use a model of type t5, mt5, umt5 or mbart",
    ENCODER: "use BERT, XLM-R or another masked language model with a fast tokenizer",
}


def read_family(folder: Path, name: str = "") -> str:
    """Return the family of a model folder according to its config.json.

    Raises UserError if no family supports the model. name: the name of the folder in error messages, if it is not the
    path.
    """
    where = name or str(folder)
    config = read_config(folder, name)
    kind, classes = config.get("model_type"), _list_classes(config)
    if not isinstance(kind, str):
        raise UserError(f"{where}: config.json has no model_type; give a model folder in transformers format")
    if "quantization_config" in config:
        raise UserError(f"{where} has quantised weights, which cannot be trained; use the model before quantisation")
    family = next((family for family, kinds in TYPES.items() if kind in kinds.split()), None)
    if family is None:
        _refuse_kind(where, kind, classes, config)
    if family == TEXT_TO_TEXT and not all(one.endswith(("ForConditionalGeneration", "LMHeadModel")) for one in classes):
        raise UserError(
            f"{where}: {', '.join(classes)} has no decoder that writes text; use the whole encoder-decoder "
            "(ForConditionalGeneration) or an encoder of another type"
        )
    if kind in NO_START.split() and type(config.get("decoder_start_token_id")) is not int:
        raise UserError(f"{where}: config.json has no decoder_start_token_id; add it (the id of the padding, 0 in T5)")
    if family == ENCODER and (config.get("is_decoder") or any(one.endswith("ForCausalLM") for one in classes)):
        raise UserError(_say_decoder(where, kind, classes))
    return family


def _refuse_kind(where: str, kind: str, classes: list[str], config: Mapping[str, Any]) -> NoReturn:
    """Raise UserError for a type that no family supports."""
    if kind not in REASONS and any(one.endswith(("ForCausalLM", "LMHeadModel")) for one in classes):
        raise UserError(_say_decoder(where, kind, classes))
    reason = REASONS.get(kind, "")
    if not reason and "auto_map" in config:
        reason = "it needs code from its own folder (auto_map), which is never run"
    why = f": {reason}" if reason else ""
    advice = ADVICE[TEXT_TO_TEXT if config.get("is_encoder_decoder") else ENCODER]
    raise UserError(f"{where}: no family supports models of type {kind[:40]}{why}; {advice}")


def _say_decoder(where: str, kind: str, classes: list[str]) -> str:
    return (
        f"{where}: {', '.join(classes) or kind} is decoder-only, which no family supports; use an encoder or an "
        "encoder-decoder"
    )


def _list_classes(config: Mapping[str, Any]) -> list[str]:
    found = config.get("architectures")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def check_family(folder: Path, family: str, name: str = "") -> None:
    """Raise UserError if the config.json of a model folder is of another family; name: as in `read_family`."""
    if family in TYPES and (found := read_family(folder, name)) != family:
        raise UserError(f"{name or folder} is of family {found}, not {family}; correct `family` or use another model")


def guess_family(hub: str) -> str | None:
    """Return the family according to the name of a model on the hub, or None if the name is inconclusive."""
    name = hub.rsplit("/", 1)[-1].lower()
    said = [family for family, pattern in NAMES.items() if re.search(pattern, name)]
    return said[0] if len(said) == 1 else None


def read_config(folder: Path, name: str = "") -> dict[str, Any]:
    """Return the content of config.json. Raises UserError if it cannot be read; name: as in `read_family`."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise UserError(f"{name or folder} contains no readable config.json; give a model folder") from None
    if not isinstance(config, dict):
        raise UserError(f"{name or folder}: config.json is not a JSON object; give a model folder")
    return config
