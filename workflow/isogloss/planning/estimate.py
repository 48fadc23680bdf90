"""What a study's training and predicting come to: steps by model, bytes on the disk, hours from a step's seconds."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import read_json
from isogloss.study.grid import JOINT, Config, Run, find_origin, list_models, name_model
from isogloss.study.recipes import count_steps

HUB_SIZES = {
    "google/mt5-base": 2_330_000_000,
    "FacebookAI/xlm-roberta-base": 1_120_000_000,
}
"""Bytes of the weights of some models of the hub, as their pages there state them."""

BUILT_SIZE = 4_000_000
"""Bytes of a model built here: about a million parameters in single precision."""


@dataclass(frozen=True)
class Work:
    """What one model does in a study.

    trainings: models trained on sources; training_steps: all their optimiser steps. adaptations, adaptation_steps: the
    same of runs with shots. predictions: target test sets that are predicted. Steps are None for a family without any.
    pretrainings, pretraining_steps: the same of arms of self-supervised pre-training.
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
    """Seconds of wall time; None where it is not known.

    step: of an optimiser step. prediction: of predicting a test set. training, adaptation: of a whole one, for a family
    that takes no steps, or where only these were measured. pretraining_step: of a step on text, where it was measured.
    """

    step: float | None
    prediction: float | None = None
    training: float | None = None
    adaptation: float | None = None
    pretraining_step: float | None = None


def group_models(config: Config, runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return name -> models, in the study's order: one by itself, or under one name all arms of its pre-training."""
    groups: dict[str, list[str]] = {}
    for model in list_models(config, runs):
        groups.setdefault(config["models"][model].get("base", model), []).append(model)
    return groups


def count_work(config: Config, runs: Sequence[Run], models: Sequence[str], made: Container[str] = ()) -> Work:
    """Return what models with one recipe do in the runs of a study.

    A joint run trains anew, on its sources and shots together. made: what has been trained already, by `Run.finetuned`,
    and the arms that have been pre-trained, by name.
    """
    own = [run for run in runs if run.model in models]
    trainings = {run.finetuned: run for run in own if run.finetuned and run.finetuned not in made}
    adaptations = [run for run in own if run.shots]
    recipe = config["training"][models[0]]
    unmade = [model for model in models if "start" in config["models"][model] and model not in made]
    arms = [config["models"][model]["pretraining"] for model in unmade]
    has_steps = "epochs" in recipe
    return Work(
        trainings=len(trainings),
        training_steps=sum(count_steps(recipe, run.n) for run in trainings.values()) if has_steps else None,
        adaptations=len(adaptations),
        adaptation_steps=sum(_count_adaptation_steps(recipe, run) for run in adaptations) if has_steps else None,
        predictions=len(own),
        pretrainings=len(arms),
        pretraining_steps=sum(arm["steps"] for arm in arms),
    )


def _count_adaptation_steps(recipe: Mapping[str, Any], run: Run) -> int:
    fixed = recipe.get("adaptation_steps", {}).get(str(run.shots))
    if fixed is not None and run.adaptation != JOINT:
        return fixed
    share = recipe.get("joint_share", 0)
    return count_steps(recipe, run.n / (1 - share) if run.n else run.shots)


def measure_pace(results: Path) -> dict[str, Pace]:
    """Return the pace of each model from the records of a study's results; of arms of pre-training, under one name.

    A step's seconds hold the prediction of source validation, and a prediction's those of reading the model: so an
    estimate from them errs on the long side. {} where there are no records; a UserError names one that cannot be read.
    """
    arms = _read_records(results, "models/*@*/pretraining.json", lambda path, _: path.parts[-2])
    bases = {name: name.rpartition("@")[0] for name in arms}

    def name(model: str) -> str:
        return bases.get(model, model.removesuffix("@none"))  # the start of all arms has no record of its own

    trained = _read_records(results, "finetuned/*/*/*/*/seed-*/training.json", lambda path, _: name(path.parts[-5]))
    tested = _read_records(results, "transfer/**/metrics.json", lambda _, record: name(record["run"]["model"]))
    paces = {}
    for model in sorted({*trained, *tested}):
        trainings, runs = trained.get(model, []), tested.get(model, [])
        steps = sum(record["budget"]["steps"] or 0 for record in trainings)
        wall = [record["cost"]["wall_seconds"] for record in trainings]
        zero = [record["cost"]["wall_seconds"] for record in runs if record["run"]["shots"] == 0]
        few = [record["cost"]["wall_seconds"] for record in runs if record["run"]["shots"]]
        texts = [one for arm, records in arms.items() if bases[arm] == model for one in records]
        read = sum(one["cost"]["wall_seconds"] for one in texts) / sum(one["steps"] for one in texts) if texts else None
        paces[model] = Pace(sum(wall) / steps if steps else None, _mean(zero), _mean(wall), _mean(few), read)
    return paces


def _read_records(
    results: Path, pattern: str, name: Callable[[Path, dict[str, Any]], str]
) -> dict[str, list[dict[str, Any]]]:
    """Return name -> records that tell their cost."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(Path(results).glob(pattern)):
        try:
            record = read_json(path)
            if "cost" in record:
                found.setdefault(name(path, record), []).append(record)
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{path} is no record that can be read; delete it, and it is made again") from None
    return found


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return fmean(values) if values else None


def estimate_seconds(work: Work, pace: Pace) -> tuple[float | None, bool]:
    """Return the seconds of a model's work, and whether predicting is among them; None where no pace is known."""
    read = pace.step if pace.pretraining_step is None else pace.pretraining_step
    if work.pretraining_steps and read is None:
        return None, False
    before = work.pretraining_steps * (read or 0)
    if work.training_steps is not None and work.adaptation_steps is not None and pace.step is not None:
        seconds = before + (work.training_steps + work.adaptation_steps) * pace.step
    elif _knows_wholes(work, pace):
        # An adaptation that was measured as a whole predicts, too.
        whole = work.trainings * (pace.training or 0) + work.adaptations * (pace.adaptation or 0)
        rest = work.predictions - work.adaptations
        return before + whole + rest * (pace.prediction or 0), pace.prediction is not None or not rest
    else:
        return None, False
    return seconds + work.predictions * (pace.prediction or 0), pace.prediction is not None


def _knows_wholes(work: Work, pace: Pace) -> bool:
    """Whether it is known what a whole training takes, and a whole adaptation, of those that there are."""
    wholes = (work.trainings, pace.training), (work.adaptations, pace.adaptation)
    return None not in ([seconds for count, seconds in wholes if count] or [pace.prediction])


def size_model(config: Config, model: str, root: Path) -> int | None:
    """Return the bytes of a model's folder: counted where there is one, else known or estimated, else None.

    None, too, for a family that starts from no folder.
    """
    folder = name_model(config, model)
    if folder is None:
        return None
    if (root / folder).is_dir():
        return sum(path.stat().st_size for path in (root / folder).rglob("*") if path.is_file())
    spec = find_origin(config, model)
    return BUILT_SIZE if "build" in spec else HUB_SIZES.get(spec["hub"])


def estimate_disk(config: Config, work: Work, size: int) -> int:
    """Return the bytes of a model's own folder, of its trainings and of the adapted models that are kept."""
    kept = work.adaptations if config["keep_adapted"] else 0
    return size * (1 + work.pretrainings + work.trainings + kept)
