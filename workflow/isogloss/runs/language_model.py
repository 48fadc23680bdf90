"""What a model's own language model makes of a task's text in one language: a record, from which features are made."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import read_examples
from isogloss.common.files import write_json
from isogloss.common.registry import load_part
from isogloss.families import FAMILIES
from isogloss.runs.record import list_versions

LINES = 2000
"""Lines of a text that are read at most."""
SEED = 0
"""Draws the lines and what is masked in them."""


def measure_language_model(
    *,
    task: str,
    model_name: str,
    language: str,
    model: Path,
    texts: Mapping[str, Path],
    recipe: Mapping[str, Any],
    threads: int,
    out: Path,
) -> None:
    """Measure the language model in the folder `model` on texts (split -> file of examples) and write the record.

    recipe: family, and pretrained_on, whether the model was built from this very training text (None where that is not
    known). The record holds the identity of what was measured and, for each split, values, counts and `pretrained_on`;
    or the reason why there are no values. The same input gives the same bytes. Raises UserError for a family without
    a language model.
    """
    family = FAMILIES.find(recipe["family"])
    if not family.statistics:
        raise UserError(f"models.{model_name}: a {recipe['family']} has no language model; name another model")
    lines = {split: draw_lines(path, task, language) for split, path in texts.items()}
    measure = load_part(family.statistics)
    found = measure(model, lines, language=language, seed=SEED, threads=threads)
    seen = {"train": recipe["pretrained_on"], "validation": False}
    record = {
        "model": model_name,
        "task": task,
        "language": language,
        "objective": found.objective,
        "seed": SEED,
        "texts": {
            split: {"pretrained_on": seen[split], **_round(result)} for split, result in sorted(found.texts.items())
        },
        "reason": found.reason,
        "versions": list_versions(),
    }
    write_json(out, record)


def draw_lines(path: Path, task: str, language: str) -> list[str]:
    """Return the distinct lines of a file of examples, or LINES of them, drawn by task, language and split.

    A passage that several questions share is one line.
    """
    lines = list(dict.fromkeys(line for example in read_examples(path) for line in example.lines if line.strip()))
    rng = random.Random(f"language model {task} {language} {path.stem} {SEED}")
    return rng.sample(lines, min(LINES, len(lines)))


def _round(result: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    # Sums in another order differ in the last places.
    return {**result, "values": {name: round(value, 6) for name, value in result["values"].items()}}
