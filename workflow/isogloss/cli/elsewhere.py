"""Start a job again on another GPU if its GPU has failed or is full."""

import os
import sys
from collections.abc import Sequence

from isogloss import warm
from isogloss.common.errors import GpuError, UserError, write_line


def explain(error: RuntimeError) -> GpuError | None:
    """Return an error that a GPU caused as a GpuError, or None if the error has another cause."""
    if "torch" not in sys.modules:
        return None
    from isogloss.training import gpus

    return gpus.explain(error)


def end_or_restart(error: GpuError, arguments: Sequence[str]) -> int:
    """Print the error, and replace this process by the same job on another GPU, or return 2 if there is none.

    A process cannot change its GPU after it has used one, so the job starts from the beginning in a new process. The
    number of attempts is limited (MOST_TRIES in isogloss.training.gpus).
    """
    if not error.elsewhere:
        print(write_line(error), file=sys.stderr)
        return 2
    from isogloss.training.gpus import list_next

    line = write_line(UserError(f"{error.what}; the job starts again on another GPU"))
    print(line, file=sys.stderr, flush=True)
    sys.stdout.flush()
    environment = {**os.environ, **list_next(), warm.SWITCH: "0"}
    os.execve(sys.executable, [sys.executable, "-m", "isogloss", *arguments], environment)
