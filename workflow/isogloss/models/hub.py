"""Models of the Hugging Face hub."""

import shutil
from pathlib import Path

from isogloss.errors import UserError
from isogloss.files import complete_folder

FILES = ("*.json", "*.safetensors", "*.model", "*.txt")
"""What is fetched: configuration, vocabulary and safetensors; never pickled weights, which can run code."""


def fetch_model(hub: str, revision: str, folder: Path) -> None:
    """Download revision `revision` of the model `hub` to `folder`. A UserError says why it cannot be had."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    with complete_folder(folder) as beside:
        try:
            snapshot_download(hub, revision=revision, allow_patterns=list(FILES), local_dir=beside)
        except RepositoryNotFoundError:
            raise UserError(
                f"models: the hub has no model {hub!r} that you may read; correct its id or log in"
            ) from None
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"models: {hub} at {revision} cannot be fetched ({reason}); check the network and try again"
            ) from None
        shutil.rmtree(beside / ".cache", ignore_errors=True)  # the client's notes on what it fetched
        if not list(beside.glob("*.safetensors")):
            raise UserError(
                f"models: {hub} at {revision} has no safetensors weights; choose a revision or a model that does"
            )
