"""What tests share: where the project is, where real samples may lie, and a study small enough to run."""

import copy
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
SAMPLES = PROJECT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def panx() -> Path:
    """A folder of real PAN-X samples; the test is skipped where there is none."""
    folder = SAMPLES / "panx"
    if not folder.is_dir():
        pytest.skip("no samples of PAN-X beside the project")
    return folder


@pytest.fixture
def default_study() -> dict:
    """config.yaml as it is read, to be changed at will."""
    return copy.deepcopy(yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8")))
