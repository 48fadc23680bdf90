"""Measure what a training step spends on padding and on matrix products, and what the kernels of this project save."""

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
    """Return the number of tokens of the batches with padding divided by the number without, for inputs and targets."""
    padded = sum(len(batch) * max(len(sides[place][side]) for place in batch) for batch in plan for side in (0, 1))
    return padded / sum(len(ids) for batch in plan for place in batch for ids in sides[place])


def tokenise(model: text_to_text.TextToText, examples: list) -> list[tuple[list[int], list[int]]]:
    """Return the token ids of each input and its target in format `spans`."""
    pieces = [piece for example in examples for piece in NER.formats["spans"].encode(example)]
    return [(model.tokenizer(piece.text)["input_ids"], model.tokenizer(piece.target)["input_ids"]) for piece in pieces]


def find_share(model: text_to_text.TextToText, examples: list) -> float:
    """Return the proportion of matrix products in the processor time of training, by the torch profiler."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        train_ours(model, examples, "spans")
    spent = {row.key: row.self_cpu_time_total for row in profiled.key_averages()}
    return sum(spent.get(name, 0.0) for name in PRODUCTS) / sum(spent.values())


def compare_kernels(folder: Path, model: text_to_text.TextToText, examples: list) -> float:
    """Return the time of the same training with the kernels of transformers divided by the time with our kernels."""
    stock = text_to_text.TextToText(
        AutoModelForSeq2SeqLM.from_pretrained(folder, trust_remote_code=False), model.tokens
    )
    rounds = [[time_training(train_ours, one, examples, "spans") for one in (stock, model)] for _ in range(ROUNDS)]
    theirs, ours = map(min, zip(*rounds, strict=True))
    return theirs / ours


def measure() -> Measured:
    """Count the padding of random and planned batches, profile training, and time it without our kernels."""
    torch.set_num_threads(1)
    size = parse_default().models["tiny-mt5"].recipe["batch_size"]
    rows = [("text", "language", "padding, random batches", "padding, planned batches", "matrix products")]
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
        f"Training steps with batches of {size} sentences in format `spans` (`benchmarks/training_step.py`). *Padding* "
        "is the number of tokens with padding divided by the number without, for random batches as in Seq2SeqTrainer "
        "and for batches planned by their number of tokens as in this project. *Matrix products* is their proportion "
        "of the processor time of training in this project, by the torch profiler. *Without our kernels* is the "
        "processor time of the same training without the kernels of "
        "`workflow/isogloss/models/text_to_text/kernels.py`, divided by the time with them, best of "
        f"{ROUNDS}.",
        rows,
        "Planned batches have less padding. They save only the time that matrix products spend on padding.",
    )
