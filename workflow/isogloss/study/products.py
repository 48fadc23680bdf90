"""The products of a study, their paths, and what they depend on. No other module composes these paths."""

from collections.abc import Iterable

from isogloss.common.run import DIRECT, TRAINED_FOLDER, Run, fill_template
from isogloss.families.adaptations import ADAPTATIONS
from isogloss.study.values import Built, Local, Study, StudyModel, Variant


def place_trained(run: Run) -> str | None:
    """Return the folder, within the study's, of the model trained on a run's sources; None if the run uses none."""
    if not run.sources or (run.adaptation != DIRECT and not ADAPTATIONS[run.adaptation].after_sources):
        return None
    return fill_template(TRAINED_FOLDER, run)


def place_model(study: Study, name: str) -> str | None:
    """Return the folder of a model before training: the user's folder, or one within the study's; None if none."""
    model = study.models[name]
    if model.origin is None:
        return None
    return f"{study.root}/trimmed/{name}" if model.trimmed_to else place_whole_model(study, name)


def place_whole_model(study: Study, name: str) -> str:
    """Return the folder of a pre-trained model with its full vocabulary."""
    origin = study.models[name].origin
    return origin.path if isinstance(origin, Local) else f"{study.root}/models/{name}"


def find_weights(study: Study, name: str) -> StudyModel:
    """Return the model that defines the origin of a model's weights: itself, or the start model of a variant."""
    model = study.models[name]
    return study.models[model.origin.start] if isinstance(model.origin, Variant) else model


def list_pretrained_on(study: Study, task: str, name: str) -> list[str] | None:
    """Return the languages of a task's training text on which a model was pre-trained here; None if not built here."""
    if not isinstance(find_weights(study, name).origin, Built):
        return None
    origin = study.models[name].origin
    return list(origin.languages) if task == origin.text and origin.steps else []


def list_models(study: Study, runs: Iterable[Run]) -> list[str]:
    """Return the models that have runs and their start models, in the order of the study."""
    used = {run.model for run in runs}
    used |= {study.models[name].origin.start for name in used if study.models[name].is_variant}
    return [name for name in study.models if name in used]


def list_described(study: Study, runs: Iterable[Run]) -> list[tuple[str, str]]:
    """Return every (task, model) that has its own tables and figures, sorted.

    These are all that have runs. A variant needs a run with sources, because there are many variants, and those without
    sources have no language pairs to relate to features.
    """
    return sorted({(run.task, run.model) for run in runs if run.sources or study.models[run.model].targets is None})


def list_compared(study: Study, runs: Iterable[Run]) -> list[tuple[str, str]]:
    """Return every (task, base) that has variants by self-supervised pre-training, sorted."""
    models = study.models
    return sorted({(run.task, models[run.model].base) for run in runs if models[run.model].targets is not None})


def list_several(study: Study, runs: Iterable[Run]) -> list[tuple[str, str]]:
    """Return every (task, base) that has runs with several sources, sorted."""
    return sorted({(run.task, study.models[run.model].base) for run in runs if len(run.sources) > 1})


def compares_arms(study: Study, runs: Iterable[Run]) -> bool:
    """Return whether arms are compared: a run has several sources, or a model was pre-trained on sets of languages."""
    runs = list(runs)
    return bool(list_several(study, runs) or list_compared(study, runs))


def list_languages(study: Study) -> list[str]:
    """Return every language in which the study or one of its models needs a corpus, in the order of the study."""
    read = [language for model in study.models.values() for language in model.read_languages]
    return list(dict.fromkeys([*study.languages, *read]))


def list_statistics(study: Study, runs: Iterable[Run]) -> list[tuple[str, str, str]]:
    """Return every (model, task, language) for which the study needs language-model statistics, sorted.

    These are all models with runs and a language model, in every language of the task.
    """
    if not study.analysis.language_model:
        return []
    pairs = sorted({(run.model, run.task) for run in runs})
    able = [(model, task) for model, task in pairs if study.models[model].entry.statistics]
    return [(model, task, code) for model, task in able for code in sorted(study.tasks[task].languages)]


def list_needed(study: Study, task: str) -> list[str]:
    """Return every language in which a task needs a corpus: the task's own languages, and languages whose text is used
    to build or pre-train a model or to trim its vocabulary."""
    languages = [*study.tasks[task].languages, *study.tasks[task].tests_only]
    for model in study.models.values():
        if isinstance(model.origin, Built | Variant):
            languages += model.origin.languages if model.origin.text == task else []
        languages += [code for code in model.trimmed_to if code in study.tasks[task].available]
    return list(dict.fromkeys(languages))


def describe_left_out(study: Study, task: str) -> str:
    """Return the number and names of the study's languages that a task does not have; empty if it has all."""
    own = study.tasks[task]
    others = [language for language in study.languages if language not in (*own.languages, *own.tests_only)]
    if not others:
        return ""
    many = f"{len(others)} of {len(study.languages)} languages left out"
    return f"{many} because its corpus does not contain them: {' '.join(others)}"


def find_notice(study: Study, runs: Iterable[Run]) -> str:
    """Return the text to show wherever scores are shown, for example that a corpus is synthetic; empty if none."""
    used = {run.task for run in runs}
    notices = dict.fromkeys(study.tasks[name].corpus.corpus.notice for name in study.tasks if name in used)
    return " ".join(notices).strip()
