"""Estimates of a study's training and prediction: steps per model, bytes on disk, and hours from seconds per step."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import read_json
from isogloss.common.run import NO_SOURCE, PRETRAINING, RECORD, TRAINED_AXES, TRAINING, Run, split_variant
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.families.steps import count_steps
from isogloss.study.products import find_weights, list_models, place_model, place_trained
from isogloss.study.values import Built, Study

HUB_SIZES = {
    "google/mt5-base": 2_330_000_000,
    "FacebookAI/xlm-roberta-base": 1_120_000_000,
}
"""Bytes of the weights of some models on the hub, according to their pages there."""

BUILT_SIZE = 4_000_000
"""Bytes of a model that a study builds: about a million parameters in single precision."""


@dataclass(frozen=True)
class Work:
    """The work of one model in a study.

    trainings: number of models trained on sources; training_steps: their optimiser steps in total. adaptations,
    adaptation_steps: the same for runs with shots. predictions: number of target test sets that are predicted. Steps
    are None for a family without optimiser steps. pretrainings, pretraining_steps: the same for variants by
    self-supervised pre-training.
    """

    trainings: int
    training_steps: int | None
    adaptations: int
    adaptation_steps: int | None
    predictions: int
    pretrainings: int = 0
    pretraining_steps: int = 0


@dataclass(frozen=True)
class Pace:
    """Seconds of wall time; None if unknown.

    step: per optimiser step. prediction: per predicted test set. training, adaptation: per whole training or
    adaptation, for a family without steps or if only these were measured. pretraining_step: per pre-training step on
    text, if it was measured.
    """

    step: float | None
    prediction: float | None = None
    training: float | None = None
    adaptation: float | None = None
    pretraining_step: float | None = None


def group_models(study: Study, runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return name -> models in the order of the study: a single model, or all variants under the name of their base."""
    groups: dict[str, list[str]] = {}
    for model in list_models(study, runs):
        groups.setdefault(study.models[model].base, []).append(model)
    return groups


def count_work(study: Study, runs: Sequence[Run], models: Sequence[str], made: Container[str] = ()) -> Work:
    """Return the work of models with the same recipe in the runs of a study.

    A joint run is a new training on its sources and shots together. made: the results that exist already: folders of
    trained models, as place_trained names them, and names of pre-trained variants.
    """
    own = [run for run in runs if run.model in models]
    trainings = {folder: run for run in own if (folder := place_trained(run)) and folder not in made}
    adaptations = [run for run in own if run.shots]
    recipe = study.models[models[0]].recipe
    variants = [study.models[name] for name in models if study.models[name].is_variant and name not in made]
    has_steps = "epochs" in recipe
    return Work(
        trainings=len(trainings),
        training_steps=sum(count_steps(recipe, run.n) for run in trainings.values()) if has_steps else None,
        adaptations=len(adaptations),
        adaptation_steps=sum(_count_adaptation_steps(recipe, run) for run in adaptations) if has_steps else None,
        predictions=len(own),
        pretrainings=len(variants),
        pretraining_steps=sum(variant.origin.steps for variant in variants),
    )


def _count_adaptation_steps(recipe: Mapping[str, Any], run: Run) -> int:
    fixed = recipe.get("adaptation_steps", {}).get(str(run.shots))
    adaptation = ADAPTATIONS[run.adaptation]
    if fixed is not None and not adaptation.by_epochs:
        return fixed
    return count_steps(recipe, adaptation.count(run.n, run.shots, recipe))


def measure_pace(results: Path) -> dict[str, Pace]:
    """Return the pace of each model according to the records in a study's results; variants are under their base.

    The seconds of a step include the prediction of source validation, and those of a prediction include loading the
    model. Estimates are therefore rather too long. Returns {} if there are no records. Raises UserError if a record
    cannot be read.
    """
    texts = _read_records(results, f"models/*/{PRETRAINING}", lambda path, _: path.parts[-2])
    variants = {name: records for name, records in texts.items() if split_variant(name)[1]}
    bases = {name: split_variant(name)[0] for name in variants}

    def name(model: str) -> str:
        base, languages = split_variant(model)
        # The common start of all variants has no record.
        return bases.get(model, base if languages == NO_SOURCE else model)

    place = 1 + [axis.name for axis in TRAINED_AXES].index("model")
    trained = _read_records(
        results, f"finetuned/**/{TRAINING}", lambda path, _: name(path.relative_to(results).parts[place])
    )
    tested = _read_records(results, f"transfer/**/{RECORD}", lambda _, record: name(record["run"]["model"]))
    paces = {}
    for model in sorted({*trained, *tested}):
        trainings, runs = trained.get(model, []), tested.get(model, [])
        steps = sum(record["budget"]["steps"] or 0 for record in trainings)
        wall = [record["cost"]["wall_seconds"] for record in trainings]
        zero = [record["cost"]["wall_seconds"] for record in runs if record["run"]["shots"] == 0]
        few = [record["cost"]["wall_seconds"] for record in runs if record["run"]["shots"]]
        texts = [one for variant, records in variants.items() if bases[variant] == model for one in records]
        read = sum(one["cost"]["wall_seconds"] for one in texts) / sum(one["steps"] for one in texts) if texts else None
        paces[model] = Pace(sum(wall) / steps if steps else None, _mean(zero), _mean(wall), _mean(few), read)
    return paces


def _read_records(
    results: Path, pattern: str, name: Callable[[Path, dict[str, Any]], str]
) -> dict[str, list[dict[str, Any]]]:
    """Return name -> the records that contain a cost."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(Path(results).glob(pattern)):
        try:
            record = read_json(path)
            if "cost" in record:
                found.setdefault(name(path, record), []).append(record)
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{path}: cannot be read as a record; delete it to recompute it") from None
    return found


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return fmean(values) if values else None


def estimate_seconds(work: Work, pace: Pace) -> tuple[float | None, bool]:
    """Return the seconds of a model's work (None if no pace is known) and whether they include prediction."""
    read = pace.step if pace.pretraining_step is None else pace.pretraining_step
    if work.pretraining_steps and read is None:
        return None, False
    before = work.pretraining_steps * (read or 0)
    if work.training_steps is not None and work.adaptation_steps is not None and pace.step is not None:
        seconds = before + (work.training_steps + work.adaptation_steps) * pace.step
    elif _knows_wholes(work, pace):
        # The measured time of a whole adaptation includes its prediction.
        whole = work.trainings * (pace.training or 0) + work.adaptations * (pace.adaptation or 0)
        rest = work.predictions - work.adaptations
        return before + whole + rest * (pace.prediction or 0), pace.prediction is not None or not rest
    else:
        return None, False
    return seconds + work.predictions * (pace.prediction or 0), pace.prediction is not None


def _knows_wholes(work: Work, pace: Pace) -> bool:
    """Return whether the time of a whole training and a whole adaptation is known, as far as the work has them."""
    wholes = (work.trainings, pace.training), (work.adaptations, pace.adaptation)
    return None not in ([seconds for count, seconds in wholes if count] or [pace.prediction])


def size_model(study: Study, model: str, root: Path) -> int | None:
    """Return the bytes of a model's folder: counted if the folder exists, otherwise known or estimated.

    Returns None if the size is unknown or the family starts from no folder.
    """
    folder = place_model(study, model)
    if folder is None:
        return None
    if (root / folder).is_dir():
        return sum(path.stat().st_size for path in (root / folder).rglob("*") if path.is_file())
    origin = find_weights(study, model).origin
    return BUILT_SIZE if isinstance(origin, Built) else HUB_SIZES.get(origin.repository)


def estimate_disk(study: Study, work: Work, size: int) -> int:
    """Return the bytes of a model's own folder, of its trained models and of the adapted models that are kept."""
    kept = work.adaptations if study.keep_adapted else 0
    return size * (1 + work.pretrainings + work.trainings + kept)
