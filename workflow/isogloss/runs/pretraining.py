"""Pre-train a variant: a model pre-trained on a set of languages. All variants of a model have the same start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.common.files import complete_folder, write_json
from isogloss.common.run import PRETRAINING
from isogloss.models.pretraining.pretraining import continue_pretraining
from isogloss.provenance.inputs import Inputs
from isogloss.provenance.seal import seal_folder
from isogloss.runs.record import list_versions, measure_cost, start_clock
from isogloss.training.state import STATE, keep_state


def pretrain_model(
    start: Path, text: Mapping[str, Path], recipe: Mapping[str, Any], out: Path, inputs: Inputs, *, threads: int
) -> None:
    """Pre-train the model in the folder `start` and write the model and its record into `out`.

    text: language -> its training split. recipe: see continue_pretraining. inputs: checks the files that are read.
    """
    clock = start_clock()
    lines = {code: [line for one in inputs.read_examples(path) for line in one.lines] for code, path in text.items()}
    inputs.check(start)
    with keep_state(inputs.root / STATE, ["pretraining", recipe, inputs.digests]) as states:
        with complete_folder(out) as folder:
            record = continue_pretraining(start, lines, recipe, folder, threads=threads)
            write_json(folder / PRETRAINING, {**record, "versions": list_versions(), "cost": measure_cost(clock)})
            seal_folder(folder, recipe, inputs.digests)
        states.remove()
