"""Models of the Hugging Face hub."""

import os
import shutil
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.files import complete_folder, write_json
from isogloss.common.hub import fetch_snapshot
from isogloss.families.folder import check_family

FILES = ("*.json", "*.safetensors", "*.model", "*.txt")
"""What is fetched: configuration, vocabulary and safetensors; never pickled weights or code, which can do anything."""

SOURCE = "source.json"
"""Stands in the folder of a fetched model: repository, revision, commit and the size of each file."""


def fetch_model(hub: str, revision: str, family: str, folder: Path) -> None:
    """Put revision `revision` of the model `hub` into `folder`, and what it came from into its `source.json`.

    A UserError says why it cannot be had: what the hub answers, that it is of another family than `family`, which is
    known before any weights come, or that it has no safetensors weights.
    """
    configured = fetch_snapshot(hub, revision, ("config.json",), kind="model")
    if "config.json" not in configured.files:
        raise UserError(f"models: {hub} at {revision} has no config.json; choose a model in the form of transformers")
    check_family(configured.files["config.json"].parent, family, f"models: {hub} at {revision}")
    # Asked for by its commit: a name could have moved between the two.
    snapshot = fetch_snapshot(hub, configured.commit, FILES, kind="model")
    # A repository may hold the same model for other programs in folders of their own (onnx/).
    files = {name: path for name, path in snapshot.files.items() if "/" not in name}
    if not any(name.endswith(".safetensors") for name in files):
        raise UserError(
            f"models: {hub} at {revision} has no safetensors weights, and pickled ones are not read; choose a revision "
            "or a model that does"
        )
    with complete_folder(folder) as beside:
        for name, path in files.items():
            _put(path.resolve(), beside / name)
        described = snapshot.describe()
        sizes = {name: described["files"][name] for name in sorted(files)}
        write_json(beside / SOURCE, {**described, "revision": revision, "files": sizes})


def _put(kept: Path, path: Path) -> None:
    """Copy a file of the cache; weights get a second name instead where they can, so that they lie on the disk once."""
    if path.suffix == ".safetensors":
        try:
            os.link(kept, path)
        except OSError:
            pass
        else:
            return
    shutil.copyfile(kept, path)
