"""Where the time of a training step goes: what padding adds to batches, the share of matrix products, and kernels."""

import tempfile
from pathlib import Path

import torch
from bench import Measured
from small import SEED, build_small_model, draw_training, parse_default
from torch.profiler import ProfilerActivity, profile
from training import LANGUAGES, NER, PANX, ROUNDS, draw_real, time_training, train_ours
from transformers import AutoModelForSeq2SeqLM

from isogloss.models.text_to_text import text_to_text
from isogloss.training.batch_plan import plan_batches

PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm")


def count_padded(plan: list[list[int]], sides: list[tuple[list[int], list[int]]]) -> float:
    """Return the tokens of batches, padding counted, over those of their examples, inputs and targets together."""
    padded = sum(len(batch) * max(len(sides[place][side]) for place in batch) for batch in plan for side in (0, 1))
    return padded / sum(len(ids) for batch in plan for place in batch for ids in sides[place])


def tokenise(model: text_to_text.TextToText, examples: list) -> list[tuple[list[int], list[int]]]:
    """Return the tokens of inputs and targets in format `spans`."""
    pieces = [piece for example in examples for piece in NER.formats["spans"].encode(example)]
    return [(model.tokenizer(piece.text)["input_ids"], model.tokenizer(piece.target)["input_ids"]) for piece in pieces]


def find_share(model: text_to_text.TextToText, examples: list) -> float:
    """Return the share of matrix products in the processor time of a training, by torch's profiler."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        train_ours(model, examples, "spans")
    spent = {row.key: row.self_cpu_time_total for row in profiled.key_averages()}
    return sum(spent.get(name, 0.0) for name in PRODUCTS) / sum(spent.values())


def compare_kernels(folder: Path, model: text_to_text.TextToText, examples: list) -> float:
    """Return what the same training takes with transformers' own kernels, over what it takes with ours."""
    stock = text_to_text.TextToText(AutoModelForSeq2SeqLM.from_pretrained(folder), model.tokens)
    rounds = [[time_training(train_ours, one, examples, "spans") for one in (stock, model)] for _ in range(ROUNDS)]
    theirs, ours = map(min, zip(*rounds, strict=True))
    return theirs / ours


def measure() -> Measured:
    """Count the padding of both ways to make batches, profile a training with ours, and time it without our kernels."""
    torch.set_num_threads(1)
    size = parse_default().models["tiny-mt5"].recipe["batch_size"]
    rows = [("text", "language", "padded, batches at random", "padded, batches cut by tokens", "matrix products")]
    rows[0] += ("without our kernels",)
    texts = {"demonstration": draw_training} | ({"PAN-X": draw_real} if PANX.is_dir() else {})
    with tempfile.TemporaryDirectory() as folder:
        build_small_model(Path(folder), LANGUAGES, steps=2)
        for text, draw in texts.items():
            for language in LANGUAGES:
                model, examples = text_to_text.load(Path(folder)), draw(language)
                sides = tokenise(model, examples)
                steps = len(sides) // size
                order = torch.randperm(len(sides), generator=torch.Generator().manual_seed(SEED)).tolist()
                random = [order[start : start + size] for start in range(0, steps * size, size)]
                ours = plan_batches([len(source) + len(target) for source, target in sides], steps, size, SEED)
                padded = (f"{count_padded(plan, sides):.2f}" for plan in (random, ours))
                slower = compare_kernels(Path(folder), model, examples)
                rows.append((text, language, *padded, f"{find_share(model, examples):.0%}", f"{slower:.2f}"))
    return Measured(
        f"Batches of {size} sentences in format `spans`: their tokens, padding counted, over those of their sentences, "
        "drawn at random as Seq2SeqTrainer does and cut by tokens as this project does; and the share of matrix "
        "products in the processor time of a training of ours, by torch's profiler; and the processor time of the same "
        "training without the kernels of `workflow/isogloss/models/text_to_text/kernels.py`, over that with them, best "
        f"of {ROUNDS} (`benchmarks/training_step.py`).",
        rows,
        "Cutting by tokens saves padding, and of the time only what padding takes of the matrix products.",
    )
