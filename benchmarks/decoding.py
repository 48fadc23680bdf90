"""Speed of prediction in sentences per second: tags read at sentinels compared with entities generated as text."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from bench import Measured
from small import SEED, SENTENCES, build_small_model, draw_training, make_corpus, parse_default, run_apart
from transformers import AutoModelForSeq2SeqLM

from isogloss.families.steps import count_steps
from isogloss.models.text_to_text import text_to_text
from isogloss.tasks import find_task

NER = find_task("ner")
LANGUAGES = ["ar", "de", "hi"]
BATCH = text_to_text.PREDICTION_BATCH
ROUNDS = 3


def train(folder: Path, form: str, language: str) -> text_to_text.TextToText:
    """Return a checkpoint for a format; start, sentences and number of steps are the same for all formats."""
    recipe = {**parse_default().models["tiny-mt5"].recipe, "format": form}
    steps = count_steps(recipe, SENTENCES)
    start, examples = text_to_text.load(folder), draw_training(language)
    model, _ = text_to_text.fit(start, NER, examples, recipe, steps=steps, seed=SEED, threads=1)
    return model


def predict(model: text_to_text.TextToText, examples: list, form: str) -> list:
    """Predict in the same way as a study."""
    recipe = {**parse_default().models["tiny-mt5"].recipe, "format": form}
    return text_to_text.predict(model, NER, examples, recipe, threads=1)


def generate(model: text_to_text.TextToText, examples: list, form: str) -> list:
    """Predict with `generate` of transformers, with its cache, in the same batches.

    The output may have 16 tokens more than the longest input of the batch.
    """
    return generate_within(model, examples, form, lambda batch, _: batch["input_ids"].shape[1] + 16)


def generate_gold_length(model: text_to_text.TextToText, examples: list, form: str) -> list:
    """Predict like `generate`, with outputs limited to the longest gold target of a batch, as from a perfect model."""
    gold = [len(model.tokenizer(NER.formats[form].encode(example)[0].target)["input_ids"]) for example in examples]
    return generate_within(model, examples, form, lambda _, places: max(gold[place] for place in places))


def generate_within(model: text_to_text.TextToText, examples: list, form: str, bound: Callable) -> list:
    """Predict with `generate` of transformers.

    bound: (batch, indices of its examples) -> maximum number of new tokens.
    """
    encoded = model.tokenizer([NER.formats[form].encode(example)[0].text for example in examples])["input_ids"]
    order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
    written = {}
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        batch = model.tokenizer.pad({"input_ids": [encoded[place] for place in places]}, return_tensors="pt")
        with torch.inference_mode():
            ids = model.network.generate(**batch, max_new_tokens=bound(batch, places), use_cache=True)
        written |= zip(places, model.tokenizer.batch_decode(ids, skip_special_tokens=True), strict=True)
    return [NER.formats[form].decode(example, [written[place]]) for place, example in enumerate(examples)]


def time_prediction(
    predict: Callable, model: text_to_text.TextToText, examples: list, form: str
) -> tuple[float, float]:
    """Return the processor seconds of the fastest of ROUNDS predictions, and the F1."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        predictions = predict(model, examples, form)
        seconds.append(time.process_time() - begin)
    return min(seconds), NER.score(examples, predictions, frozenset())["scores"]["f1"]


def make_stock(model: text_to_text.TextToText, folder: Path) -> text_to_text.TextToText:
    """Return the model as transformers loads it, without the kernels of this project."""
    folder.mkdir()
    text_to_text.save(model, folder)
    return text_to_text.TextToText(
        AutoModelForSeq2SeqLM.from_pretrained(folder, trust_remote_code=False).eval(), model.tokens
    )


def measure() -> Measured:
    """Compare both formats, each with its own checkpoint."""
    torch.set_num_threads(1)
    rows = [("language", "sentinel, sentences/s", "F1", "spans, sentences/s", "F1", "ratio")]
    rows[0] += ("spans limited to gold length, sentences/s", "ratio", "sentinel, MiB", "spans, MiB")
    ratios, least = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "start").mkdir()
        start = build_small_model(folder / "start", LANGUAGES)
        for language in LANGUAGES:
            examples = make_corpus(language)["test"]
            (ours, f1), peak = run_apart(
                time_prediction, predict, train(start, "sentinel", language), examples, "sentinel"
            )
            stock = make_stock(train(start, "spans", language), folder / language)
            (plain, plain_f1), plain_peak = run_apart(time_prediction, generate, stock, examples, "spans")
            (short, _), _ = run_apart(time_prediction, generate_gold_length, stock, examples, "spans")
            ratios.append(plain / ours)
            least.append(short / ours)
            speeds = (f"{len(examples) / ours:.0f}", f"{f1:.3f}", f"{len(examples) / plain:.0f}", f"{plain_f1:.3f}")
            bounded = (f"{len(examples) / short:.0f}", f"{least[-1]:.1f}")
            rows.append((language, *speeds, f"{ratios[-1]:.1f}", *bounded, f"{peak:.0f}", f"{plain_peak:.0f}"))
    return Measured(
        "In-language prediction of 150 test sentences (`benchmarks/decoding.py`). Format `sentinel` reads the tags in "
        "one decoder pass, and format `spans` generates the entities with `generate` of transformers. Each format has "
        "its own checkpoint, trained from the same start with the same 600 sentences and the same number of steps. "
        "Both use batches of 64 sentences sorted by length, a key-value cache and one thread. Times are processor "
        f"seconds, best of {ROUNDS}. A model that has not learnt to stop generates up to the maximum length. "
        "Therefore, the same model is also measured with outputs limited to the longest gold target of each batch, "
        "which is what a perfect model would generate.",
        rows,
        f"Target: a ratio of at least 4. Measured: {min(ratios):.1f} to {max(ratios):.1f}; {min(least):.1f} to "
        f"{max(least):.1f} with outputs limited to the gold length.",
    )
