"""The families of models. A family is one module with load, fit, predict and save, and one line here.

The interface, the same in every family (no family knows languages, Snakemake or paths of a study):

    load(folder, store=None) -> model          a model saved before, or one that was pre-trained; what it makes of
                                               text can be kept in store/LANGUAGE/
    fit(model, task, examples, recipe, *, steps, seed, threads) -> (model, budget)
                                               steps: of the optimiser; None where the recipe counts no epochs
    predict(model, task, examples, recipe, *, threads) -> list of predictions, one an example
    save(model, folder) -> None                into an existing empty folder
"""

import importlib
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Family:
    """A family of models.

    module: its room. adaptations: the ways it can use shots, its own first. pretrained: whether it starts
    from a model folder. accelerated: whether a GPU helps it. needs: fields of isogloss.tasks.base.Task, one of which a
    task must have for the family to do it; none of them where it does every task. statistics: the module whose
    `measure` tells what its language model makes of text; empty for a family without one.
    """

    module: str
    adaptations: tuple[str, ...]
    pretrained: bool
    accelerated: bool
    needs: tuple[str, ...] = ()
    statistics: str = ""

    @property
    def continues(self) -> bool:
        """Whether a trained model of it can be trained further."""
        return "sequential" in self.adaptations


FAMILIES = {
    "text-to-text": Family(
        "isogloss.models.text_to_text.text_to_text",
        ("sequential", "joint"),
        True,
        True,
        ("formats",),
        statistics="isogloss.models.language_model.text_statistics",
    ),
    "encoder": Family(
        "isogloss.models.encoder.encoder",
        ("sequential", "joint"),
        True,
        True,
        ("tagging", "classification", "extraction"),
        statistics="isogloss.models.language_model.masked_statistics",
    ),
    "crf": Family("isogloss.models.crf.crf", ("joint",), False, False, ("tagging",)),
    "bilstm-crf": Family("isogloss.models.crf.bilstm_crf", ("sequential", "joint"), False, False, ("tagging",)),
}


def import_family(name: str) -> ModuleType:
    """Import the module of a family; the heavy libraries come with it."""
    return importlib.import_module(FAMILIES[name].module)
