"""Models are loaded in one place, from safetensors only, and code that comes with a model never runs."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from studies import PROJECT, make_study
from tiny_models import build_encoder, build_mt5

from isogloss.common.errors import UserError
from isogloss.models.encoder import encoder
from isogloss.models.loading import load_config, load_tokenizer
from isogloss.models.text_to_text import text_to_text

BUILD = {"encoder": build_encoder, "text-to-text": build_mt5}
LOAD = {"encoder": encoder.load, "text-to-text": text_to_text.load}
CODE = """
from pathlib import Path
Path({marker!r}).touch()
from transformers import PretrainedConfig as Config, PreTrainedModel as Model, PreTrainedTokenizerFast as Tokens
"""


@pytest.fixture(scope="module", params=sorted(BUILD))
def built(request, tmp_path_factory) -> tuple[str, Path]:
    """The name of a family and a small model folder of it."""
    folder = tmp_path_factory.mktemp("models") / request.param
    folder.mkdir(parents=True)
    if request.param == "encoder":
        folder.rmdir()
    return request.param, BUILD[request.param](folder)


@pytest.fixture
def copy(built, tmp_path) -> Path:
    """A copy of the model folder, which a test can change."""
    return Path(shutil.copytree(built[1], tmp_path / "copy"))


def change(path: Path, **keys) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **keys}), encoding="utf-8")


def trap(folder: Path, marker: Path) -> None:
    """Put code into a model folder that writes a file when it is imported, and name it wherever transformers looks."""
    (folder / "own.py").write_text(CODE.format(marker=str(marker)), encoding="utf-8")
    classes = ("AutoModel", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM", "AutoModelForTokenClassification")
    change(folder / "config.json", auto_map={"AutoConfig": "own.Config", **dict.fromkeys(classes, "own.Model")})
    change(folder / "tokenizer_config.json", auto_map={"AutoTokenizer": [None, "own.Tokens"]})


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "isogloss", *command],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_code_in_a_folder_never_runs_and_a_supported_model_is_loaded_without_it(built, copy, tmp_path):
    marker = tmp_path / "ran"
    trap(copy, marker)
    one, other = LOAD[built[0]](built[1]).network, LOAD[built[0]](copy).network
    assert type(one) is type(other)
    # The pooler of the encoder is not in its folder and is drawn at random.
    weights = {name: weight for name, weight in one.state_dict().items() if "pooler" not in name}
    assert all(torch.equal(weight, other.state_dict()[name]) for name, weight in weights.items())
    load_config(copy)
    load_tokenizer(copy)
    assert not marker.exists()


def test_the_trap_of_these_tests_works_where_remote_code_is_trusted(copy, tmp_path):
    trap(copy, tmp_path / "ran")
    program = f"from transformers import AutoConfig; AutoConfig.from_pretrained({str(copy)!r}, trust_remote_code=True)"
    environment = {**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules")}
    subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=120, check=True)
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("only", ["code", "tokenizer"])
def test_a_model_that_needs_its_own_code_is_refused_in_one_line_and_nothing_runs(built, copy, tmp_path, only):
    marker = tmp_path / "ran"
    trap(copy, marker)
    if only == "code":
        change(copy / "config.json", model_type="own", architectures=["Model"])
        line = "no family supports models of type own: it needs code from its own folder"
    else:
        (copy / "tokenizer.json").unlink()
        change(copy / "tokenizer_config.json", tokenizer_class="OwnTokenizer")
        line = "contains no tokenizer"
    study = make_study(models={"one": {"path": "copy", "family": built[0]}}, training={})
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    checked = run(tmp_path, "check", "study.yaml", HF_MODULES_CACHE=str(tmp_path / "modules"))
    assert (checked.returncode, checked.stdout) == (2, "")
    assert checked.stderr.startswith("isogloss: config: models.one.path: copy") and line in checked.stderr
    assert checked.stderr.count("\n") == 1 and len(checked.stderr) <= 301
    with pytest.raises(UserError):
        LOAD[built[0]](copy)
    assert not marker.exists() and not (tmp_path / "modules").exists()


def test_a_study_that_loads_a_model_beside_its_code_says_that_the_code_is_not_used(copy, tmp_path):
    trap(copy, tmp_path / "ran")
    grid = {"sources": [["en"]], "targets": ["fi"], "n": 30, "shots": [0, 20]}
    study = make_study(models={"one": {"path": "copy"}}, training={}, transfer=grid)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    checked = run(tmp_path, "check", "study.yaml")
    assert checked.returncode == 0, checked.stderr
    assert "models.one.path: copy contains code of its own (auto_map), which is not run" in checked.stderr
    assert not (tmp_path / "ran").exists()


def test_missing_weights_and_a_tokenizer_that_is_too_large_are_refused(built, copy):
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    name = next(name for name in weights if ".layer.1." in name or ".block.1." in name)
    save_file(
        {one: weight for one, weight in weights.items() if one != name}, copy / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(UserError, match=r"1 weights of the model are missing \(.*\); the folder contains a part of"):
        LOAD[built[0]](copy)
    shutil.copy(built[1] / "model.safetensors", copy)
    tokenizer = load_tokenizer(copy)
    tokenizer.add_tokens([f"new{number}" for number in range(200)])
    tokenizer.save_pretrained(copy)
    with pytest.raises(
        UserError, match=r"the tokenizer has .* tokens, but the embeddings have .* rows; use the tokenizer"
    ):
        LOAD[built[0]](copy)


def list_calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        part
        for part in ast.walk(tree)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute | ast.Name)
    ]


def test_every_loader_in_the_code_refuses_remote_code():
    names = {"from_pretrained", "from_config", "load_dataset", "load_dataset_builder", "pipeline", "snapshot_load"}
    loads, elsewhere = 0, []
    for folder in ("workflow", "benchmarks", "docs"):
        for path in sorted((PROJECT / folder).rglob("*.py")):
            for call in list_calls(path):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
                trust = [word.value for word in call.keywords if word.arg == "trust_remote_code"]
                if name in names and ast.unparse(call.func) != "torch.nn.Embedding.from_pretrained":
                    loads += 1
                    if [ast.unparse(value) for value in trust] != ["False"]:
                        elsewhere.append(f"{path.name}:{call.lineno}")
                if name in ("load", "Unpickler") and ast.unparse(call.func).startswith(("torch.", "pickle.")):
                    safe = [ast.unparse(word.value) for word in call.keywords if word.arg == "weights_only"]
                    assert (ast.unparse(call.func), safe) == ("torch.load", ["True"]), f"{path.name}:{call.lineno}"
    assert loads >= 4
    assert elsewhere == []
