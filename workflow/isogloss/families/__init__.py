"""The families of models. A family is one module with load, fit, predict and save, and one entry here.

The interface, the same in every family (no family knows languages, Snakemake or paths of a study):

    load(folder, store=None) -> model          a model saved before, or one that was pre-trained; what it makes of
                                               text can be kept in store/LANGUAGE/
    fit(model, task, examples, recipe, *, steps, seed, threads) -> (model, budget)
                                               steps: of the optimiser; None where the recipe counts no epochs
    predict(model, task, examples, recipe, *, threads) -> list of predictions, one an example
    save(model, folder) -> None                into an existing empty folder
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from isogloss.common.registry import Form, Registry, load_module, name_part

RECIPES = Path(__file__).parent / "recipes"
NO_RECIPE: Mapping[str, Any] = {"type": "object", "additionalProperties": False}
"""The recipe of a family that has nothing to set."""


@dataclass(frozen=True)
class Family:
    """A family of models.

    module: its room. continues: whether a trained model of it can be trained further, so that shots can follow the
    sources. pretrained: whether it starts from a model folder. accelerated: whether a GPU helps it. needs: fields of
    isogloss.tasks.base.Task, one of which a task must have for the family to do it; none of them where it does every
    task. statistics: `module:function` that measures what its language model makes of text, as
    isogloss.runs.language_model calls it; empty for a family without one. recipe: JSON schema of its entry under
    `training` in the config, with the default of every key; a key that changes nothing in a prediction is marked
    `training: true`. preloads: modules that its jobs import late and a warm worker imports at once. version: raised
    when the same recipe gives another result, so that its runs are redone.
    """

    module: str = name_part(form="module")
    continues: bool
    pretrained: bool
    accelerated: bool
    needs: tuple[str, ...] = ()
    statistics: str = name_part("")
    recipe: Form = field(default_factory=lambda: NO_RECIPE)
    preloads: tuple[str, ...] = ()
    version: int = 1


FAMILIES = Registry(
    what="family",
    group="isogloss.families",
    entry=Family,
    own={
        "text-to-text": Family(
            module="isogloss.models.text_to_text.text_to_text",
            continues=True,
            pretrained=True,
            accelerated=True,
            needs=("formats",),
            statistics="isogloss.models.language_model.text_statistics:measure",
            recipe=RECIPES / "text-to-text.yaml",
            preloads=(
                "isogloss.training.loop",
                "isogloss.models.pretraining.tiny_mt5",
                "transformers.models.mt5.modeling_mt5",
            ),
        ),
        "encoder": Family(
            module="isogloss.models.encoder.encoder",
            continues=True,
            pretrained=True,
            accelerated=True,
            needs=("tagging", "classification", "extraction"),
            statistics="isogloss.models.language_model.masked_statistics:measure",
            recipe=RECIPES / "encoder.yaml",
            preloads=("isogloss.training.loop", "transformers.models.xlm_roberta.modeling_xlm_roberta"),
        ),
        "crf": Family(
            module="isogloss.models.crf.crf",
            continues=False,
            pretrained=False,
            accelerated=False,
            needs=("tagging",),
            recipe=RECIPES / "crf.yaml",
            preloads=("pycrfsuite",),
        ),
        "bilstm-crf": Family(
            module="isogloss.models.crf.bilstm_crf",
            continues=True,
            pretrained=False,
            accelerated=False,
            needs=("tagging",),
            recipe=RECIPES / "bilstm-crf.yaml",
            preloads=("isogloss.training.loop", "safetensors.torch"),
        ),
    },
)


def import_family(name: str) -> ModuleType:
    """Import the module of a family; the heavy libraries come with it. A UserError names one that cannot be used."""
    return load_module(FAMILIES.find(name).module, ("load", "fit", "predict", "save"))
