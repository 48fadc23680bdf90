"""Model families. A family is one module with load, fit, predict and save, and one entry in FAMILIES.

All families have this interface (a family does not depend on languages, Snakemake or the paths of a study):

    load(folder, store=None) -> model          load a pre-trained or saved model; encoded text can be cached in
                                               store/LANGUAGE/
    fit(model, task, examples, recipe, *, steps, seed, threads) -> (model, budget)
                                               steps: of the optimiser; None if the recipe has no epochs
    predict(model, task, examples, recipe, *, threads) -> list of predictions, one per example
    save(model, folder) -> None                write into an existing empty folder
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from isogloss.common.registry import Form, Registry, load_module, name_part

RECIPES = Path(__file__).parent / "recipes"
NO_RECIPE: Mapping[str, Any] = {"type": "object", "additionalProperties": False}
"""The recipe of a family without settings."""


@dataclass(frozen=True)
class Family:
    """A model family.

    module: its module. continues: whether a trained model can be trained further, so that shots can follow the sources.
    pretrained: whether it starts from a model folder. accelerated: whether its training is faster on a GPU. needs:
    fields of isogloss.tasks.base.Task; the family supports a task that has one of them. If empty, it supports every
    task. statistics: `module:function` that measures statistics of its language model on text, as
    isogloss.runs.language_model calls it; empty if the family has no language model. recipe: JSON schema of its entry
    under `training` in the config, with a default for every key; a key that does not affect prediction is marked
    `training: true`. preloads: modules that its jobs import late and that a warm worker imports at start. version:
    raise it when the same recipe produces a different result, so that the runs are redone.
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
    """Import and return the module of a family, with its heavy libraries. Raises UserError if it cannot be used."""
    return load_module(FAMILIES.find(name).module, ("load", "fit", "predict", "save"))
