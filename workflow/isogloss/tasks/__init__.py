"""The kinds of task: example class, formats, decoding of model output, and scores."""

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry
from isogloss.tasks.base import Task
from isogloss.tasks.ner import NER
from isogloss.tasks.nli import NLI
from isogloss.tasks.qa import QA

TASKS = Registry(what="task", group="isogloss.tasks", entry=Task, own={"ner": NER, "nli": NLI, "qa": QA})
"""Kind -> task."""


def find_task(kind: str) -> Task:
    """Return the task of a kind. Raises UserError, with the known kinds, if it is unknown."""
    if kind not in TASKS:
        raise UserError(
            f"config: tasks: unknown kind of task {kind!r}; set `kind` to one of {' '.join(sorted(TASKS.list_names()))}"
        )
    return TASKS.find(kind)
