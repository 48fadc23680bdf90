"""Download of models with the real client from a hub on loopback, from Python and from the command line."""

import json
import os
import subprocess
import sys

import pytest
from loopback_hub import Fault, Hub, point_to, serve
from model_folders import pack

from isogloss.common import hub as library
from isogloss.common.errors import UserError
from isogloss.models.hub import fetch_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKENIZER = {"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 1}}, "added_tokens": [{"id": 2, "content": "[c]"}]}
FILES = {
    "config.json": b'{"model_type": "mt5", "vocab_size": 700}',
    "tokenizer.json": json.dumps(TOKENIZER).encode(),
    "model.safetensors": pack({"shared.weight": (700, 2), "decoder.weight": (2, 2)}),
    "pytorch_model.bin": b"pickled weights",
    "modeling_own.py": b"raise SystemExit",
    "onnx/config.json": b"{}",
}
KEPT = ("config.json", "model.safetensors", "tokenizer.json")
REPOSITORIES = {
    "models/lab/model": {COMMIT: FILES},
    "models/lab/pickled": {
        COMMIT: {name: FILES[name] for name in ("config.json", "tokenizer.json", "pytorch_model.bin")}
    },
    "models/lab/bare": {COMMIT: {"model.safetensors": b"weights"}},
    "models/lab/gpt": {
        COMMIT: {**FILES, "config.json": b'{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}'}
    },
    "models/lab/torn": {COMMIT: {**FILES, "config.json": b"{"}},
    "models/lab/xmod": {COMMIT: {**FILES, "config.json": b'{"model_type": "xmod"}'}},
    "models/lab/mute": {COMMIT: {name: data for name, data in FILES.items() if name != "tokenizer.json"}},
    "models/lab/wide": {COMMIT: {**FILES, "config.json": b'{"model_type": "mt5", "vocab_size": 2}'}},
    "models/lab/cut": {COMMIT: {**FILES, "model.safetensors": FILES["model.safetensors"][:-1]}},
    "models/lab/other": {
        COMMIT: {**FILES, "model.safetensors": pack({"shared.weight": (900, 2), "decoder.x": (2, 2)})}
    },
    "models/lab/adapter": {COMMIT: {"adapter_config.json": b"{}", "adapter_model.safetensors": b"weights"}},
}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(library.time, "sleep", lambda seconds: None)
    with serve(Hub({name: dict(commits) for name, commits in REPOSITORIES.items()})) as running:
        point_to(monkeypatch, running.endpoint, tmp_path)
        yield running


def fetch(out, name: str = "lab/model", revision: str = "main", family: str = "text-to-text") -> None:
    fetch_model(name, revision, family, out)


def run_verb(endpoint: str, name: str, out) -> subprocess.CompletedProcess:
    recipe = json.dumps({"hub": name, "revision": "main", "family": "text-to-text"})
    command = [sys.executable, "-m", "isogloss", "fetch-model", "--recipe", recipe, "--out", str(out)]
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(out.parent / "cache"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_model_is_fetched_with_its_commit_and_without_pickled_weights_or_code(hub, tmp_path):
    fetch(tmp_path / "model")
    assert {path.name for path in (tmp_path / "model").iterdir()} == {*KEPT, "source.json"}
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert sorted(hub.list_downloads()) == sorted([*KEPT, "onnx/config.json"])
    assert json.loads((tmp_path / "model" / "source.json").read_text(encoding="utf-8")) == {
        "repository": "lab/model",
        "revision": "main",
        "commit": COMMIT,
        "files": {name: len(FILES[name]) for name in sorted(KEPT)},
    }


def test_the_weights_lie_on_the_disk_once_and_the_rest_can_be_edited(hub, tmp_path):
    fetch(tmp_path / "model", revision=COMMIT)
    assert (tmp_path / "model" / "model.safetensors").stat().st_nlink == 2
    assert (tmp_path / "model" / "config.json").stat().st_nlink == 1


@pytest.mark.parametrize(
    ("name", "revision", "words"),
    [
        ("lab/nowhere", "main", "model 'lab/nowhere' does not exist or is private"),
        ("lab/pickled", "main", "lab/pickled at main has no safetensors weights, and pickled weights are not loaded"),
        ("lab/bare", "main", "lab/bare at main has no config.json"),
        ("lab/adapter", "main", "models: lab/adapter at main is an adapter of another model, not a model; merge it"),
        ("lab/model", "9" * 40, f"model lab/model has no revision {'9' * 40!r}, which may have been moved or deleted"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_left(hub, tmp_path, name, revision, words):
    with pytest.raises(UserError) as refused:
        fetch(tmp_path / "model", name, revision)
    assert words in str(refused.value) and "\n" not in str(refused.value)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("name", "family", "line"),
    [
        ("lab/model", "encoder", "is of family text-to-text, not encoder; correct `family` or use another model"),
        ("lab/gpt", "text-to-text", ": GPT2LMHeadModel is decoder-only, which no family supports; "),
        ("lab/gpt", "encoder", ": GPT2LMHeadModel is decoder-only, which no family supports; "),
        ("lab/torn", "encoder", "contains no readable config.json; give a model folder"),
        ("lab/xmod", "encoder", "no family supports models of type xmod: it needs the language of each input"),
    ],
)
def test_a_model_of_another_family_is_refused_before_any_weights_come(hub, tmp_path, name, family, line):
    with pytest.raises(UserError) as refused:
        fetch(tmp_path / "model", name, family=family)
    assert str(refused.value).startswith(f"models: {name} at main") and line in str(refused.value)
    assert "\n" not in str(refused.value) and str(tmp_path) not in str(refused.value)
    assert hub.list_downloads() == ["config.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("lab/mute", "contains no tokenizer (tokenizer.json or spiece.model is missing); copy"),
        ("lab/wide", "the tokenizer has 3 ids, but the embeddings have 2 rows; use"),
    ],
)
def test_a_tokenizer_that_cannot_be_used_is_refused_before_any_weights_come(hub, tmp_path, name, line):
    with pytest.raises(UserError) as refused:
        fetch(tmp_path / "model", name)
    assert str(refused.value).startswith(f"models: {name} at main") and line in str(refused.value)
    assert "\n" not in str(refused.value) and str(tmp_path) not in str(refused.value)
    assert "config.json" in hub.list_downloads() and "model.safetensors" not in hub.list_downloads()
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("lab/cut", ": model.safetensors is not a complete safetensors file (it has"),
        ("lab/other", ": vocab_size in config.json is 700, but the embeddings have 900 rows"),
    ],
)
def test_weights_that_cannot_be_used_leave_no_model(hub, tmp_path, name, line):
    with pytest.raises(UserError) as refused:
        fetch(tmp_path / "model", name)
    assert str(refused.value).startswith(f"models: {name} at main{line}") and "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_name_that_moved_is_refused_before_any_weights_come(hub, tmp_path):
    fetch(tmp_path / "first", revision=f"refs/pr/5@{COMMIT[:7]}")
    source = json.loads((tmp_path / "first" / "source.json").read_text(encoding="utf-8"))
    assert (source["revision"], source["commit"]) == (f"refs/pr/5@{COMMIT[:7]}", COMMIT)
    hub.repositories["models/lab/model"]["9" * 40] = {**FILES, "model.safetensors": b"other"}
    hub.requests.clear()
    with pytest.raises(UserError, match=f"refs/pr/5 of model lab/model moved from 0123456 to {'9' * 40}"):
        fetch(tmp_path / "again", revision=f"refs/pr/5@{COMMIT[:7]}")
    assert "model.safetensors" not in hub.list_downloads()
    assert not (tmp_path / "again").exists()


def test_weights_that_broke_off_leave_no_model_and_the_next_run_fetches_them_alone(hub, tmp_path):
    hub.faults = [Fault("model.safetensors", cut=1000)]
    with pytest.raises(UserError, match=f"the download of model lab/model at {COMMIT} is incomplete"):
        fetch(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    hub.faults, hub.requests = [], []
    fetch(tmp_path / "model")
    assert hub.list_downloads() == ["model.safetensors"]


def test_a_gated_model_says_how_to_get_in(hub, tmp_path):
    hub.faults = [Fault("lab/model", 401, {"X-Error-Code": "GatedRepo"})]
    with pytest.raises(UserError, match=r"model lab/model is gated; accept its conditions .*hf auth login"):
        fetch(tmp_path / "model")


def test_the_verb_finds_the_mirror_that_hf_endpoint_names(hub, tmp_path):
    outcome = run_verb(hub.endpoint, "lab/model", tmp_path / "model")
    assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_no_network_is_told_by_the_verb_in_one_line(tmp_path):
    outcome = run_verb("http://127.0.0.1:9", "lab/model", tmp_path / "model")
    assert outcome.returncode == 2
    assert [line for line in outcome.stderr.splitlines() if line.startswith("isogloss:")] == [
        "isogloss: hub: cannot connect to http://127.0.0.1:9, and model lab/model at main is not complete in the cache "
        f"{tmp_path / 'cache' / 'hub'}; check the network and HF_ENDPOINT"
    ]
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "model").exists()
