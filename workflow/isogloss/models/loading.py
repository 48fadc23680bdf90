"""Load models, tokenizers and configs of transformers from a folder. All code of the project loads them here.

Nothing is executed that comes with a model: weights are read from safetensors only, and `trust_remote_code` is always
False. transformers then uses its own class for the type of the model, or refuses the folder.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoTokenizer
from transformers.utils import logging

from isogloss.common.errors import UserError

POOLER = "pooler"
"""Part of the names of weights that are often missing in a published encoder, because only some heads use them."""


def load_config(folder: Path) -> Any:
    """Return the config of a model folder. Raises UserError if it cannot be loaded."""
    return _load(folder, lambda: AutoConfig.from_pretrained(folder, trust_remote_code=False))


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of a model folder. Raises UserError if it cannot be loaded."""
    return _load(folder, lambda: AutoTokenizer.from_pretrained(folder, trust_remote_code=False))


def load_network(kind: Any, folder: Path) -> tuple[Any, set[str]]:
    """Return a network in float32 on the CPU, and the names of its weights that are missing in the folder.

    kind: a class of transformers with `from_pretrained`. Missing weights are initialised at random. Raises UserError if
    the folder cannot be loaded as this class.
    """

    def load() -> tuple[Any, set[str]]:
        network, loaded = kind.from_pretrained(
            folder, dtype="float32", use_safetensors=True, output_loading_info=True, trust_remote_code=False
        )
        return network, _share_embeddings(network, set(loaded["missing_keys"]))

    return _load(folder, load)


def _share_embeddings(network: Any, missing: set[str]) -> set[str]:
    """Use the shared embedding in the encoder and the decoder if they have none; return the other missing weights.

    transformers leaves them random in an mBART whose output layer is not tied, although only the output is separate.
    """
    shared = {name for name in missing if name.endswith("embed_tokens.weight")}
    if shared:
        network.set_input_embeddings(network.get_input_embeddings())
    return missing - shared


def check_size(folder: Path, network: Any, tokenizer: Any) -> None:
    """Raise UserError if a tokenizer has more tokens than the embeddings of its network have rows."""
    rows = network.get_input_embeddings().num_embeddings
    if len(tokenizer) > rows:
        raise UserError(
            f"{folder}: the tokenizer has {len(tokenizer):,} tokens, but the embeddings have {rows:,} rows; use the "
            "tokenizer with which the model was saved"
        )


def refuse_missing(folder: Path, missing: set[str]) -> None:
    """Raise UserError if weights are missing. The network would have random weights in their place."""
    if missing:
        named = min(missing)
        raise UserError(
            f"{folder}: {len(missing)} weights of the model are missing ({named}); the folder contains a part of a "
            "model, or weights of another type; use another one"
        )


def _load(folder: Path, load: Callable[[], Any]) -> Any:
    logging.set_verbosity_error()  # warnings about a new or an unused head are not useful here
    logging.disable_progress_bar()
    try:
        return load()
    except MemoryError:
        raise
    except Exception as error:  # transformers raises errors of many types for a folder that it cannot read
        reason = " ".join(str(error).split())[:140]
        raise UserError(
            f"{folder}: the model cannot be loaded ({type(error).__name__}: {reason}); use another model"
        ) from None
