"""The heavy parts, which jobs import. Importing this module writes a file to the folder in ISOGLOSS_TOYS."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from isogloss.common.examples import read_examples
from isogloss_toys.entries import SIZE, Count, Line

if "ISOGLOSS_TOYS" in os.environ:
    Path(os.environ["ISOGLOSS_TOYS"], f"imported-{os.getpid()}").touch()


def load_corpus(
    options: Mapping[str, int], language: str, kind: str, splits: Sequence[str] = tuple(SIZE)
) -> dict[str, list[Line]]:
    """Return lines that consist of one to `most` names and one unique word."""
    rng = Random(language)
    made = {split: [rng.randint(1, options["most"]) for _ in range(size)] for split, size in SIZE.items()}
    return {
        split: [
            Line(f"{language}-{split}-{place}", language, (*["Ada"] * names, f"{split}{place}"), str(names))
            for place, names in enumerate(made[split])
        ]
        for split in splits
    }


def load(folder: Path, store: Path | None = None) -> str:
    """Read the number that `save` wrote to a folder."""
    return json.loads((Path(folder) / "mode.json").read_text(encoding="utf-8"))


def fit(
    model: str | None, task: Any, examples: Sequence[Line], recipe: Mapping[str, Any], *, steps: int | None, seed: int,
    threads: int,
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """Return the most frequent number of names, but at least `least`."""
    mode = Counter(one.names for one in examples).most_common(1)[0][0]
    return str(max(int(mode), recipe["least"])), {"steps": steps, "subword_tokens": None}


def predict(model: str, task: Any, examples: Sequence[Line], recipe: Mapping[str, Any], *, threads: int) -> list[Count]:
    """Predict the same number for every line."""
    return [Count(model) for _ in examples]


def save(model: str, folder: Path) -> None:
    """Write the number to a folder."""
    (Path(folder) / "mode.json").write_text(json.dumps(model), encoding="utf-8")


def repeat_shots(sources: Sequence[Line], shots: Sequence[Line], recipe: Mapping[str, Any]) -> list[Line]:
    """Repeat each shot several times."""
    return [one for one in shots for _ in range(recipe["repeats"])]


def compare_codes(languages: Sequence[str], text: Mapping[str, Path]) -> Iterator[tuple[str, str, float]]:
    """Yield the similarity of the first letters of two codes, for languages with text."""
    read = [language for language in languages if read_examples(text[language])]
    for source in read:
        for target in read:
            if source != target:
                yield source, target, 1 / (1 + abs(ord(source[0]) - ord(target[0])))
