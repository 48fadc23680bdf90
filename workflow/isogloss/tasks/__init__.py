"""The kinds of task: a corpus schema, formats, a way back from model output, and scores."""

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry
from isogloss.tasks.base import Task
from isogloss.tasks.ner import NER
from isogloss.tasks.nli import NLI
from isogloss.tasks.qa import QA

TASKS = Registry(what="task", group="isogloss.tasks", entry=Task, own={"ner": NER, "nli": NLI, "qa": QA})
"""By kind."""


def find_task(kind: str) -> Task:
    """Return the task of a kind; a UserError names an unknown one and lists those known."""
    if kind not in TASKS:
        raise UserError(
            f"unknown kind of task {kind!r}: known are {' '.join(sorted(TASKS.list_names()))}; "
            "correct `kind` under `tasks` in the config"
        )
    return TASKS.find(kind)
