"""The results that the jobs of a study write, each with what its record must say."""

from collections.abc import Iterator, Sequence

from isogloss.common.run import PRETRAINING, RECORD, TRAINED_AXES, TRAINING, Run
from isogloss.provenance.seal import AUDIT, SOURCE, TRIMMING
from isogloss.study import products, recipes
from isogloss.study.values import Built, Fetched, Study, StudyTask, Variant
from isogloss.verification.values import Product


def list_products(study: Study, runs: Sequence[Run]) -> list[Product]:
    """Return the results of all jobs of a study whose records have digests, in the order of the data flow."""
    return [*_list_corpora(study), *_list_models(study), *_list_statistics(study, runs), *_list_runs(study, runs)]


def _list_corpora(study: Study) -> Iterator[Product]:
    for name, task in study.tasks.items():
        made = recipes.digest_recipe(recipes.write_corpus_recipe(study, name))
        languages = products.list_needed(study, name)
        if task.corpus.corpus.download:
            yield from _list_downloads(study, task, None, languages)
        for language in languages:
            yield Product(f"corpora/{name}/{language}/{AUDIT}", made, identity={"language": language})
        for test, choice in task.test_corpora.items():
            made_test = recipes.digest_recipe(recipes.write_corpus_recipe(study, name, test))
            if choice.corpus.download:
                yield from _list_downloads(study, task, test, task.test_languages[test])
            for language in task.test_languages[test]:
                place = f"test_corpora/{name}/{test}/{language}"
                yield Product(f"{place}/{AUDIT}", made_test, identity={"language": language})


def _list_downloads(study: Study, task: StudyTask, test: str | None, languages: Sequence[str]) -> Iterator[Product]:
    made = recipes.digest_recipe(recipes.write_download_recipe(study, task.name, test))
    place = f"corpora/{task.name}" if test is None else f"test_corpora/{task.name}/{test}"
    for language in languages:
        yield Product(f"downloads/{place}/{language}/{SOURCE}", made)


def _list_models(study: Study) -> Iterator[Product]:
    for model in study.list_origins(Built):
        yield Product(f"models/{model.name}/{PRETRAINING}", _digest_model(study, model.name))
    for model in study.list_origins(Fetched):
        yield Product(f"models/{model.name}/{SOURCE}", _digest_model(study, model.name))
    for model in study.list_origins(Variant):
        made = recipes.digest_recipe(recipes.write_pretraining_recipe(study, model.name))
        yield Product(f"models/{model.name}/{PRETRAINING}", made, identity={"languages": list(model.origin.languages)})
    for model in study.models.values():
        if model.trimmed_to:
            made = recipes.digest_recipe(recipes.write_trim_recipe(study, model.name))
            yield Product(f"trimmed/{model.name}/{TRIMMING}", made)


def _digest_model(study: Study, name: str) -> str:
    return recipes.digest_recipe(recipes.write_model_recipe(study, name))


def _list_statistics(study: Study, runs: Sequence[Run]) -> Iterator[Product]:
    for model, task, language in products.list_statistics(study, runs):
        made = recipes.digest_recipe(recipes.write_statistics_recipe(study, task, model, language))
        identity = {"model": model, "task": task, "language": language}
        yield Product(f"language_model/{model}/{task}/{language}.json", made, folder=False, identity=identity)


def _list_runs(study: Study, runs: Sequence[Run]) -> Iterator[Product]:
    trained: dict[str, Run] = {}
    for run in runs:
        if folder := products.place_trained(run):
            trained.setdefault(folder, run)
    made_by: dict[tuple[str, str], str] = {}
    for folder, run in trained.items():
        alike = run.task, run.model
        if alike not in made_by:
            made_by[alike] = recipes.digest_recipe(recipes.write_finetune_recipe(study, *alike))
        identity = {axis.name: getattr(run, axis.name) for axis in TRAINED_AXES} | {"sources": list(run.sources)}
        yield Product(f"{folder}/{TRAINING}", made_by[alike], identity=identity, run=True)
    digests = recipes.digest_recipes(study, runs)
    for run in runs:
        yield Product(f"{run.folder}/{RECORD}", digests[run], folder=False, identity=run.describe(), run=True)
