"""Speed of training in tokens per second: this project compared with Seq2SeqTrainer and its default collation."""

import copy
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import torch
from bench import Measured
from small import PROJECT, SEED, SENTENCES, build_small_model, draw_training, parse_default, run_apart
from transformers import (
    AutoModelForSeq2SeqLM,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from isogloss.common.annotation import Annotation
from isogloss.corpora.local import load
from isogloss.models.text_to_text import text_to_text
from isogloss.tasks import find_task

NER = find_task("ner")
STEPS = 76
LANGUAGES = ["ar", "de", "hi"]
ROUNDS = 2
PANX = PROJECT / "data" / "panx"
"""Folder of PAN-X. If it exists, real text is measured too; its sentence lengths vary more."""


def draw_real(language: str) -> list:
    """Return sentences of PAN-X, the same number as the default study trains on."""
    return load(str(PANX), language, Annotation("ner")).splits["train"][:SENTENCES]


def train_ours(model: text_to_text.TextToText, examples: list, form: str) -> None:
    """Train in the same way as a study."""
    recipe = {**parse_default().models["tiny-mt5"].recipe, "format": form}
    text_to_text.fit(model, NER, examples, recipe, steps=STEPS, seed=SEED, threads=1)


def train_default(model: text_to_text.TextToText, examples: list, form: str) -> None:
    """Train as a typical script does: inputs and targets as text, random batches padded to the longest example."""
    recipe = parse_default().models["tiny-mt5"].recipe
    rows = []
    for piece in (piece for example in examples for piece in NER.formats[form].encode(example)):
        target = piece.target
        if not isinstance(target, str):  # the sentinels and their tags as text (Raman et al. 2022)
            target = " ".join(f"<extra_id_{place}> {tag}" for place, tag in enumerate(target))
        rows.append({**model.tokenizer(piece.text), "labels": model.tokenizer(target)["input_ids"]})
    set_seed(SEED)
    with tempfile.TemporaryDirectory() as folder:
        Seq2SeqTrainer(
            model=model.network,
            args=Seq2SeqTrainingArguments(
                folder,
                max_steps=STEPS,
                per_device_train_batch_size=recipe["batch_size"],
                learning_rate=recipe["learning_rate"],
                use_cpu=True,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
            train_dataset=rows,
            data_collator=DataCollatorForSeq2Seq(model.tokenizer, model=model.network),
        ).train()


def time_training(train: Callable, start: text_to_text.TextToText, examples: list, form: str) -> float:
    """Return the processor seconds of one training, including tokenisation."""
    model = text_to_text.TextToText(copy.deepcopy(start.network), start.tokens)
    begin = time.process_time()
    train(model, examples, form)
    return time.process_time() - begin


def measure() -> Measured:
    """Compare both implementations on both formats, alternately."""
    torch.set_num_threads(1)
    rows = [("text", "format", "language", "isogloss, tokens/s", "Seq2SeqTrainer, tokens/s", "ratio")]
    rows[0] += ("isogloss, MiB", "Seq2SeqTrainer, MiB")
    ratios: dict[str, list[float]] = {}
    texts = {"demonstration": draw_training} | ({"PAN-X": draw_real} if PANX.is_dir() else {})
    with tempfile.TemporaryDirectory() as folder:
        built = build_small_model(Path(folder), LANGUAGES, steps=2)
        start = text_to_text.load(built)
        starts = {
            train_ours: start,
            train_default: text_to_text.TextToText(
                AutoModelForSeq2SeqLM.from_pretrained(built, trust_remote_code=False), start.tokens
            ),
        }
        for text, form, language in product(texts, ("spans", "sentinel"), LANGUAGES):
            examples = texts[text](language)
            pieces = [piece.text for example in examples for piece in NER.formats[form].encode(example)]
            tokens = sum(map(len, start.tokenizer(pieces)["input_ids"])) * STEPS * 16 / len(examples)
            rounds = [
                [run_apart(time_training, train, its_start, examples, form) for train, its_start in starts.items()]
                for _ in range(ROUNDS)
            ]
            (ours, peak), (default, default_peak) = map(min, zip(*rounds, strict=True))
            ratio = default / ours
            ratios.setdefault(f"`{form}` on {text}", []).append(ratio)
            speeds = (f"{tokens / ours:.0f}", f"{tokens / default:.0f}")
            rows.append((text, form, language, *speeds, f"{ratio:.2f}", f"{peak:.0f}", f"{default_peak:.0f}"))
    return Measured(
        f"Training of tiny-mt5 for {STEPS} optimiser steps with batches of 16 sentences, on the same 600 sentences "
        "(`benchmarks/training.py`). Speed is the number of input tokens, without padding, per processor second, with "
        f"one thread. Each value is the best of {ROUNDS} rounds, in which the two implementations alternate. In format "
        "`spans`, both do the same work, and differ in batches, optimiser, kernels and the code around a step. In "
        "format `sentinel`, Seq2SeqTrainer learns the sentinels and tags as text (Raman et al. 2022), whereas this "
        "project reads the tags in one decoder pass.",
        rows,
        "Target: a ratio of at least 1.3. Measured: "
        + "; ".join(f"{min(found):.2f} to {max(found):.2f} in {case}" for case, found in ratios.items())
        + ".",
    )
