"""Where a study's results lie, within its own folder; paths are put together here and nowhere else."""

from isogloss.common.run import DIRECT, TRAINED_FOLDER, Run, fill_template
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.study.values import Local, Study


def place_trained(run: Run) -> str | None:
    """Return the folder, within the study's, of the model trained on a run's sources; None where it uses none."""
    if not run.sources or (run.adaptation != DIRECT and not ADAPTATIONS[run.adaptation].after_sources):
        return None
    return fill_template(TRAINED_FOLDER, run)


def place_model(study: Study, name: str) -> str | None:
    """Return the folder that a model starts from: the user's own, or one within the study's; None for no start."""
    model = study.models[name]
    if model.origin is None:
        return None
    return f"{study.root}/trimmed/{name}" if model.trimmed_to else place_whole_model(study, name)


def place_whole_model(study: Study, name: str) -> str:
    """Return the folder of a pre-trained model with its whole vocabulary."""
    origin = study.models[name].origin
    return origin.path if isinstance(origin, Local) else f"{study.root}/models/{name}"
