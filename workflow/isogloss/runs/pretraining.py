"""Pre-train a variant: a model pre-trained on a set of languages. All variants of a model have the same start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.examples import read_examples
from isogloss.common.files import complete_folder, write_json
from isogloss.common.run import PRETRAINING
from isogloss.models.pretraining.pretraining import continue_pretraining
from isogloss.runs.record import list_versions, measure_cost, start_clock


def pretrain_model(
    start: Path, text: Mapping[str, Path], recipe: Mapping[str, Any], out: Path, *, threads: int
) -> None:
    """Pre-train the model in the folder `start` and write the model and its record into `out`.

    text: language -> its training split. recipe: see continue_pretraining.
    """
    clock = start_clock()
    lines = {code: [line for one in read_examples(path) for line in one.lines] for code, path in text.items()}
    with complete_folder(out) as folder:
        record = continue_pretraining(start, lines, recipe, folder, threads=threads)
        write_json(folder / PRETRAINING, {**record, "versions": list_versions(), "cost": measure_cost(clock)})
