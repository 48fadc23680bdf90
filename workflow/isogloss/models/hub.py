"""Download models from the Hugging Face hub."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.files import complete_folder, write_json
from isogloss.common.hub import fetch_snapshot
from isogloss.families.folder import check_folder
from isogloss.families.kinds import TYPES, check_family, read_config
from isogloss.families.tokenizers import check_tokenizer
from isogloss.families.weights import ADAPTER, check_adapter

SMALL = ("*.json", "*.model", "*.txt")
FILES = (*SMALL, "*.safetensors")
"""Files to download: configuration, vocabulary and safetensors weights. Pickled weights and Python files are never
downloaded, because they can run arbitrary code."""

SOURCE = "source.json"
"""File in the folder of a downloaded model: repository, revision, commit and the size of each file."""


def fetch_model(hub: str, revision: str, family: str, folder: Path) -> None:
    """Download revision `revision` of the model `hub` into `folder` and record its origin in `source.json`.

    Raises UserError if the hub cannot provide the model, or if `check_folder` refuses it for this family. What does not
    depend on the weights is checked before any weights are downloaded: first config.json, then the tokenizer.
    """
    origin = f"models: {hub} at {revision}"
    configured = fetch_snapshot(hub, revision, ("config.json", ADAPTER), kind="model")
    for path in configured.files.values():
        with _name_origin(path.parent, origin):
            check_adapter(path.parent)
    if "config.json" not in configured.files:
        raise UserError(f"models: {hub} at {revision} has no config.json; choose a model in transformers format")
    check_family(configured.files["config.json"].parent, family, origin)
    # The commit is requested, because a branch or tag could have moved between the two requests.
    small = fetch_snapshot(hub, configured.commit, SMALL, kind="model")
    if family in TYPES:
        _check_tokenizer(small.files["config.json"].parent, origin)
    snapshot = fetch_snapshot(hub, configured.commit, FILES, kind="model")
    # A repository may contain the same model in other formats in subfolders (onnx/).
    files = {name: path for name, path in snapshot.files.items() if "/" not in name}
    if not any(name.endswith(".safetensors") for name in files):
        raise UserError(
            f"models: {hub} at {revision} has no safetensors weights, and pickled weights are not loaded; choose a "
            "revision or a model that has safetensors weights"
        )
    with complete_folder(folder) as beside:
        for name, path in files.items():
            _put(path.resolve(), beside / name)
        described = snapshot.describe()
        sizes = {name: described["files"][name] for name in sorted(files)}
        with _name_origin(beside, origin):
            check_folder(beside, family)
        write_json(beside / SOURCE, {**described, "revision": revision, "files": sizes})


def _check_tokenizer(folder: Path, origin: str) -> None:
    """Raise UserError if a folder without weights contains no tokenizer that fits its config.json."""
    with _name_origin(folder, origin):
        config = read_config(folder)
        size = config.get("vocab_size")
        check_tokenizer(folder, config, size if isinstance(size, int) else None)


@contextmanager
def _name_origin(folder: Path, origin: str) -> Iterator[None]:
    """Name the model of the hub, not the temporary folder, in the message of a UserError."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(f"{folder}/", f"{origin}: ").replace(str(folder), origin)) from None


def _put(kept: Path, path: Path) -> None:
    """Copy a file from the cache. Weights are hard-linked if possible, so that they use disk space only once."""
    if path.suffix == ".safetensors":
        try:
            os.link(kept, path)
        except OSError:
            pass
        else:
            return
    shutil.copyfile(kept, path)
