"""Small model folders written byte by byte, without torch: for checks that read names, shapes and sizes only."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

BERT = {"model_type": "bert", "architectures": ["BertModel"]}
MT5 = {"model_type": "mt5", "architectures": ["MT5ForConditionalGeneration"], "is_encoder_decoder": True}
ROWS = 12
ENCODER_SHAPES = {"embeddings.word_embeddings.weight": (ROWS, 2), "encoder.layer.0.output.dense.weight": (2, 2)}
SEQ2SEQ_SHAPES = {"shared.weight": (ROWS, 2), "decoder.block.0.layer.0.SelfAttention.q.weight": (2, 2)}


def pack(shapes: Mapping[str, Sequence[int]]) -> bytes:
    """Return the bytes of a safetensors file with float32 tensors of these shapes, all zero."""
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        size = 4
        for length in shape:
            size *= length
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end)


def write_tokenizer(folder: Path, pieces: int = ROWS) -> None:
    """Write a tokenizer.json with WordPiece subwords into a folder; the last two are tokens added to them."""
    vocabulary = {f"piece{place}": place for place in range(pieces - 2)}
    added = [{"id": place, "content": f"[{place}]", "special": True} for place in range(pieces - 2, pieces)]
    form = {"model": {"type": "WordPiece", "vocab": vocabulary}, "added_tokens": added}
    (folder / "tokenizer.json").write_text(json.dumps(form), encoding="utf-8")


def write_model(folder: Path, config: Mapping = BERT, shapes: Mapping[str, Sequence[int]] | None = None) -> Path:
    """Write a model folder with a config, weights and a tokenizer that fit each other; return the folder.

    shapes: by default those of a small encoder or, if the config is of an encoder-decoder, of a small T5.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if shapes is None:
        shapes = SEQ2SEQ_SHAPES if config.get("is_encoder_decoder") else ENCODER_SHAPES
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(pack(shapes))
    write_tokenizer(folder)
    return folder
