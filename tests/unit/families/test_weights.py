"""The weights of a model folder: files, headers and shapes, compared with what the safetensors library writes."""

import json

import pytest
import torch
from model_folders import ENCODER_SHAPES, SEQ2SEQ_SHAPES, pack
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from isogloss.common.errors import UserError
from isogloss.families.weights import INDEX, WEIGHTS, list_weights, read_header, read_shapes


def write_shards(folder, index=None) -> None:
    for number, shapes in enumerate((ENCODER_SHAPES, SEQ2SEQ_SHAPES), start=1):
        (folder / f"model-{number}.safetensors").write_bytes(pack(shapes))
    weights = {name: f"model-{number}.safetensors" for number, name in enumerate((*ENCODER_SHAPES, *SEQ2SEQ_SHAPES), 1)}
    weights = {name: "model-1.safetensors" if name in ENCODER_SHAPES else "model-2.safetensors" for name in weights}
    text = json.dumps({"weight_map": weights}) if index is None else index
    (folder / INDEX).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.uint8])
def test_the_shapes_are_those_of_the_library(tmp_path, dtype):
    tensors = {
        "a": torch.zeros(3, 5, dtype=dtype),
        "b": torch.zeros((), dtype=dtype),
        "c": torch.zeros(0, 2, dtype=dtype),
    }
    save_file(tensors, tmp_path / WEIGHTS, metadata={"format": "pt"})
    assert read_shapes(tmp_path) == {"a": (3, 5), "b": (), "c": (0, 2)}


def change_header(data: bytes, old: bytes, new: bytes) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + length].replace(old, new)
    assert header != data[8 : 8 + length]
    return len(header).to_bytes(8, "little") + header + data[8 + length :]


WHOLE = pack(ENCODER_SHAPES)
BROKEN = {
    "empty": b"",
    "seven bytes": WHOLE[:7],
    "a cut header": WHOLE[:50],
    "one byte less": WHOLE[:-1],
    "one byte more": WHOLE + b"\0",
    "a huge length": b"\xff" * 8 + WHOLE[8:],
    "no JSON": change_header(WHOLE, b'{"', b"{{"),
    "no object": (2).to_bytes(8, "little") + b"[]",
    "no offsets": change_header(WHOLE, b"data_offsets", b"data_places!"),
    "another shape": change_header(WHOLE, b'"shape": [12, 2]', b'"shape": [13, 2]'),
    "an unknown type": change_header(WHOLE, b'"F32"', b'"F33"'),
    "a hole": change_header(WHOLE, b'"data_offsets": [96, 112]', b'"data_offsets": [97, 113]'),
    "a web page": b"<!DOCTYPE html><html><body>not found</body></html>",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 100\n",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_refused_in_one_line_as_by_the_library(tmp_path, fault):
    path = tmp_path / WEIGHTS
    path.write_bytes(BROKEN[fault])
    with pytest.raises(SafetensorError):
        load_file(path)
    with pytest.raises(
        UserError, match=r"model.safetensors is not a complete safetensors file .*; copy or download"
    ) as one:
        read_header(path)
    assert "\n" not in str(one.value)


def test_a_file_that_changes_is_read_again(tmp_path):
    path = tmp_path / WEIGHTS
    path.write_bytes(WHOLE)
    assert read_header(path) == ENCODER_SHAPES
    path.write_bytes(pack(SEQ2SEQ_SHAPES))
    assert read_header(path) == SEQ2SEQ_SHAPES


def test_the_parts_of_a_model_are_those_in_its_index(tmp_path):
    write_shards(tmp_path)
    assert [path.name for path in list_weights(tmp_path)] == ["model-1.safetensors", "model-2.safetensors"]
    assert read_shapes(tmp_path) == {**ENCODER_SHAPES, **SEQ2SEQ_SHAPES}
    (tmp_path / "model-2.safetensors").unlink()
    with pytest.raises(UserError, match=r"1 of 2 files with weights are missing \(model-2.safetensors\)"):
        read_shapes(tmp_path)


@pytest.mark.parametrize("index", ["{", "[]", '{"weight_map": {}}', '{"weight_map": {"a": 3}}'])
def test_an_index_that_lists_nothing_is_refused(tmp_path, index):
    write_shards(tmp_path, index)
    with pytest.raises(UserError, match=r"index.json (is not a JSON file|lists no files with weights); copy"):
        list_weights(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, "contains no weights; safetensors are needed"),
        (
            "pytorch_model.bin",
            r"only pickled weights \(pytorch_model.bin\), which can run code; .* with save_pretrained",
        ),
        ("tf_model.h5", r"only weights of another library \(tf_model.h5\); safetensors are needed"),
        (
            "weights.safetensors",
            r"weights that transformers does not load \(weights.safetensors\); name the file model",
        ),
        ("model-00001-of-00002.safetensors", "or add model.safetensors.index.json if there are several parts"),
    ],
)
def test_weights_of_another_form_are_named(tmp_path, name, message):
    if name:
        (tmp_path / name).touch()
    with pytest.raises(UserError, match=message) as caught:
        list_weights(tmp_path)
    assert len(str(caught.value)) < 300 + len(str(tmp_path)) and "\n" not in str(caught.value)
