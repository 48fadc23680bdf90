"""The kinds of task: a corpus schema, formats, a way back from model output, and scores."""

from isogloss.common.errors import UserError
from isogloss.tasks.base import Task
from isogloss.tasks.ner import NER
from isogloss.tasks.nli import NLI
from isogloss.tasks.qa import QA

TASKS: dict[str, Task] = {
    "ner": NER,
    "nli": NLI,
    "qa": QA,
}


def find_task(kind: str) -> Task:
    """Return the task of a kind; a UserError names an unknown one and lists those known."""
    try:
        return TASKS[kind]
    except KeyError:
        raise UserError(
            f"unknown kind of task {kind!r}: known are {' '.join(sorted(TASKS))}; "
            "correct `kind` under `tasks` in the config"
        ) from None
