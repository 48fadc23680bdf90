"""The state of a long training, saved every few minutes, from which the next attempt of the same job resumes.

Snakemake deletes the declared outputs of a job before it starts. The states are therefore in a folder that no rule
declares, `.state/KEY/` in the folder of the study. KEY is a digest of the run, its recipe and its inputs, so a training
with another recipe or other sentences never finds the state. The folder is removed when the result is complete.

A state is one file of torch.save (`step-N.pt`: weights, optimiser, schedule, random states, sum of the losses) and a
small file with its digest, which is written last. The last two states are kept, because a damaged state must not lose
all work. This module imports torch late, because jobs without a neural model use it too.
"""

import json
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isogloss.common.files import complete_file, write_json
from isogloss.provenance.digests import digest_file, digest_value

STATE = ".state"
"""The folder of all states, within the folder of a study."""
SWITCH = "ISOGLOSS_STATE_SECONDS"
"""Name of the environment variable with the seconds between two states."""
SECONDS = 600.0
"""The default. A shorter training saves no state."""
_KEPT = 2


@dataclass
class States:
    """The states of one training. folder: exists only after the first state. saved: time of the last state."""

    folder: Path
    seconds: float = SECONDS
    saved: float = field(default_factory=time.monotonic)

    def is_due(self) -> bool:
        """Return whether the last state, or the start of the training, is long enough ago."""
        return time.monotonic() - self.saved >= self.seconds

    def save(self, step: int, state: Mapping[str, Any]) -> None:
        """Save the state after an optimiser step, with the random state of this process, and remove older states."""
        import torch

        path = self.folder / f"step-{step:08d}.pt"
        with complete_file(path) as beside:
            torch.save({"step": step, "random": _read_random(), **state}, beside)
        write_json(path.with_suffix(".json"), {"bytes": path.stat().st_size, "digest": digest_file(path)})
        for old in self._list()[_KEPT:]:
            old.with_suffix(".json").unlink(missing_ok=True)
            old.unlink()
        self.saved = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """Return the newest state that is intact, or None if there is none. A damaged state is reported on stderr."""
        import torch

        for path in self._list():
            try:
                said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
                intact = said == {"bytes": path.stat().st_size, "digest": digest_file(path)}
            except (OSError, ValueError):
                intact = False
            if intact:
                print(f"isogloss: training resumes from {path}", file=sys.stderr, flush=True)
                return torch.load(path, map_location="cpu", weights_only=True)
            print(f"isogloss: {path} is damaged; training uses the state before it, if any", file=sys.stderr)
        return None

    def remove(self) -> None:
        """Remove all states, because the result of the training is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()  # only if no other training has a state

    def _list(self) -> list[Path]:
        """Return the files of states, the newest first."""
        return sorted(self.folder.glob("step-*.pt"), reverse=True)


_CURRENT: list[States] = []
"""The states of the training that this process does now: at most one. Families do not pass it on."""


@contextmanager
def keep_state(folder: Path, key: Any) -> Iterator[States]:
    """Let a training in this context save its state in a subfolder of `folder`, and resume from there.

    key: a JSON value of all that determines the training. After the result is written, call `remove` on the States.
    """
    states = States(folder / digest_value(key), float(os.environ.get(SWITCH, SECONDS)))
    _CURRENT.append(states)
    try:
        yield states
    finally:
        _CURRENT.pop()


def find_states() -> States | None:
    """Return the states of the present context, or None if the training must not save its state."""
    return _CURRENT[-1] if _CURRENT else None


def restore_random(state: Mapping[str, Any]) -> None:
    """Continue with the random numbers that followed a saved state."""
    import numpy
    import torch

    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available() and state["cuda"]:
        torch.cuda.set_rng_state_all(state["cuda"])
    version, words, place = state["python"]
    random.setstate((version, tuple(words), place))
    kind, keys, *rest = state["numpy"]
    numpy.random.set_state((kind, numpy.array(keys, dtype=numpy.uint32), *rest))


def _read_random() -> dict[str, Any]:
    """Return the states of all random generators, as values that torch.load reads without running code."""
    import numpy
    import torch

    version, words, place = random.getstate()
    kind, keys, *rest = numpy.random.get_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {
        "torch": torch.get_rng_state(),
        "cuda": cuda,
        "python": [version, list(words), place],
        "numpy": [kind, keys.tolist(), *rest],
    }
