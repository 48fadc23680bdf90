"""The kinds of task: example class, formats, decoding of model output, and scores."""

from collections.abc import Sequence

from isogloss.common.errors import UserError
from isogloss.common.registry import Registry
from isogloss.tasks.base import Task
from isogloss.tasks.ner import NER
from isogloss.tasks.nli import NLI
from isogloss.tasks.pos import POS
from isogloss.tasks.qa import QA

TASKS = Registry(what="task", group="isogloss.tasks", entry=Task, own={"ner": NER, "nli": NLI, "pos": POS, "qa": QA})
"""Kind -> task."""


def find_task(kind: str, labels: Sequence[str] = ()) -> Task:
    """Return the task of a kind with some labels, as a study file names them.

    Without labels, and with the usual labels of the kind in any order, this is the entry in the registry. Raises
    UserError, with the known kinds, if the kind is unknown, and if the task cannot have these labels.
    """
    if kind not in TASKS:
        raise UserError(
            f"config: tasks: unknown kind of task {kind!r}; set `kind` to one of {' '.join(sorted(TASKS.list_names()))}"
        )
    task = TASKS.find(kind)
    if not labels or set(labels) == set(task.names):
        return task
    if task.relabel is None:
        fixed = f"the labels of kind {kind} are always {' '.join(task.names or task.labels)}"
        advice = "remove this key; `map` translates the labels in the files"
        raise UserError(f"{fixed}; {advice}" if task.labels else f"kind {kind} has no labels; remove this key")
    return task.relabel(tuple(labels))
