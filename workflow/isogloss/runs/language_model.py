"""Measure the language model of a model on the text of a task in one language. Features are made from the record."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import read_examples
from isogloss.common.files import write_json
from isogloss.common.registry import load_part
from isogloss.families import FAMILIES
from isogloss.provenance.inputs import Inputs, find_root
from isogloss.provenance.seal import seal
from isogloss.runs.record import list_versions

LINES = 2000
"""Maximum number of lines of a text that are read."""
SEED = 0
"""Seed for drawing the lines and the masked positions."""


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

    recipe: family, and pretrained_on, whether the model was built from the same training text (None if unknown). The
    record has the model, task and language, and for each split values, counts and `pretrained_on`, or the reason why
    there are no values. The same input produces the same bytes. Raises UserError for a family without a language model.
    """
    family = FAMILIES.find(recipe["family"])
    if not family.statistics:
        raise UserError(
            f"models.{model_name}: family {recipe['family']} has no language model; use a model of another family"
        )
    inputs = Inputs(find_root(next(iter(texts.values())), 3))
    lines = {split: draw_lines(inputs.check(path), task, language) for split, path in texts.items()}
    measure = load_part(family.statistics)
    found = measure(inputs.check(model), lines, language=language, seed=SEED, threads=threads)
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
    write_json(out, seal(record, out.parent, [], recipe, inputs.digests))


def draw_lines(path: Path, task: str, language: str) -> list[str]:
    """Return the distinct lines of a file of examples, at most LINES. The draw depends on task, language and split.

    A passage that several questions share is one line.
    """
    lines = list(dict.fromkeys(line for example in read_examples(path) for line in example.lines if line.strip()))
    rng = random.Random(f"language model {task} {language} {path.stem} {SEED}")
    return rng.sample(lines, min(LINES, len(lines)))


def _round(result: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    # Rounded because sums in another order differ in the last digits.
    return {**result, "values": {name: round(value, 6) for name, value in result["values"].items()}}
