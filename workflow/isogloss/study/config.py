"""A study file, checked: its form against the schema, then what a schema cannot say.

Every complaint is a UserError that names the key. Defaults stand in the schema alone and are filled in here.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from isogloss.common.errors import UserError
from isogloss.common.languages import LOW_RESOURCE, find_language
from isogloss.families import FAMILIES
from isogloss.families.folder import TEXT_TO_TEXT, check_folder, guess_family, read_family
from isogloss.features import FEATURES, list_statistics
from isogloss.study.pretraining import check_pretraining

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"
_NO_RECIPE = {"type": "object", "additionalProperties": False}
"""The form of the recipe of a family that has nothing to set."""


@cache
def read_schema() -> dict[str, Any]:
    """Return the schema of study files."""
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


def read_config(path: str | Path) -> dict[str, Any]:
    """Read and check a study file (YAML); a UserError says what is wrong and where."""
    path = Path(path)
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a study file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be parsed"
        raise UserError(f"{path}{line}: not valid YAML ({problem}); mend that line") from None
    return check_config(raw)


def check_config(raw: Any) -> dict[str, Any]:
    """Return the study with every default filled in; raise a UserError that names the first wrong key."""
    if not isinstance(raw, dict) or not raw:
        raise UserError("config: empty; a study needs study, languages, tasks, models and transfer")
    config = _name_keys_by_text(raw)
    schema = read_schema()
    _check_form(config, schema, "")
    config = _fill_defaults(config, schema)
    if isinstance(config["transfer"], dict):
        config["transfer"] = [config["transfer"]]
    _check_languages("languages", config["languages"])
    _check_tasks(config)
    _check_models(config)
    _check_training(config)
    _check_grids(config)
    _check_cases(config)
    _check_statistics(config)
    _check_primary(config)
    return config


def _name_keys_by_text(value: Any) -> Any:
    """YAML reads `20: 12` with a number for a key; JSON and the schema know text keys only."""
    if isinstance(value, dict):
        return {str(key): _name_keys_by_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_name_keys_by_text(item) for item in value]
    return value


def _check_form(value: Any, schema: dict[str, Any], where: str) -> None:
    from jsonschema import Draft202012Validator

    whole = {**schema, "$defs": read_schema()["$defs"]}
    errors = sorted(Draft202012Validator(whole).iter_errors(value), key=lambda e: (len(e.path), str(e.path)))
    if errors:
        error = errors[0]
        while error.context:
            error = max(error.context, key=lambda e: len(e.path))
        path = where + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
        raise UserError(_describe(error, path.lstrip(".")))


def _describe(error: Any, path: str) -> str:
    at = f"config: {path}: " if path else "config: "
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = sorted(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in known)
        return f"{at}unknown key {unknown!r}; " + _suggest(unknown, known)
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{at}the key {missing!r} is missing; add it"
    if error.validator == "type":
        wanted = error.validator_value
        wanted = " or ".join(wanted) if isinstance(wanted, list) else wanted
        hint = ""
        if isinstance(error.instance, str) and wanted in ("number", "integer"):
            hint = " (YAML reads 1e-4 as text: write 1.0e-4)"
        return f"{at}{error.instance!r} is not of type {wanted}; change it{hint}"
    message = " ".join(error.message.split())
    return f"{at}{message}; change it"


def _suggest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose from {', '.join(known)}" if known else "remove it"


def _fill_defaults(value: Any, schema: dict[str, Any]) -> Any:
    """Return `value` with the schema's defaults for the keys that it leaves out, at every depth."""
    if "$ref" in schema:
        schema = {**read_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]], **schema}
    if "if" in schema:
        schema = schema["then"] if isinstance(value, list) else schema["else"]
        return _fill_defaults(value, schema)
    if isinstance(value, list):
        return [_fill_defaults(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for key, part in schema.get("properties", {}).items():
        if key in filled:
            filled[key] = _fill_defaults(filled[key], part)
        elif "default" in part:
            filled[key] = _fill_defaults(deepcopy(part["default"]), part)
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        named = schema.get("properties", {})
        filled = {k: v if k in named else _fill_defaults(v, rest) for k, v in filled.items()}
    return filled


def _check_choice(where: str, name: Any, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise UserError(f"config: {where}: unknown {what} {name!r}; {_suggest(str(name), known)}")


def _check_languages(where: str, codes: Iterable[str], among: Iterable[str] | None = None) -> None:
    for code in codes:
        try:
            find_language(code)
        except UserError as error:
            raise UserError(f"config: {where}: {error}") from None
        if among is not None and code not in among:
            raise UserError(f"config: {where}: {code!r} is not among the study's languages; add it there")


def _check_sources(where: str, strategies: Iterable[Any], among: Iterable[str]) -> None:
    for strategy in strategies:
        if isinstance(strategy, list):
            _check_languages(where, strategy, among)


def _check_tasks(config: dict[str, Any]) -> None:
    from isogloss.corpora import CORPORA
    from isogloss.corpora.readers.layouts import choose_revision, find_layout
    from isogloss.tasks import TASKS

    for name, task in config["tasks"].items():
        _check_choice(f"tasks.{name}.kind", task["kind"], TASKS, "task")
        tests = {f"tasks.{name}.test_corpora.{test}": corpus for test, corpus in task["test_corpora"].items()}
        for where, corpus in {f"tasks.{name}.corpus": task["corpus"], **tests}.items():
            _check_choice(where, next(iter(corpus)), CORPORA, "corpus")
            if "hub" in corpus:
                find_layout(corpus["hub"]["dataset"])
                with _say_where(f"{where}.hub.revision"):
                    corpus["hub"]["revision"] = choose_revision(**corpus["hub"])
        if name in task["test_corpora"]:
            raise UserError(
                f"config: tasks.{name}.test_corpora.{name}: the task's own test set has this name; choose another"
            )


def _check_models(config: dict[str, Any]) -> None:
    for name, model in config["models"].items():
        where = f"models.{name}"
        if "family" not in model:
            model["family"] = _tell_family(where, model)
        _check_choice(f"{where}.family", model["family"], FAMILIES, "family")
        if "pretraining" in model:
            check_pretraining(name, model)
            _check_sources(f"{where}.pretraining.strategies", model["pretraining"]["strategies"], config["languages"])
        origins = [key for key in ("build", "hub", "path") if key in model]
        if not FAMILIES[model["family"]].pretrained:
            if origins:
                raise UserError(f"config: {where}.{origins[0]}: a {model['family']} starts from nothing; remove it")
            if model["trim_vocabulary"]:
                raise UserError(f"config: {where}.trim_vocabulary: a {model['family']} has no vocabulary; remove it")
            continue
        if len(origins) != 1:
            raise UserError(f"config: {where}: give exactly one of build, hub and path (found {len(origins)})")
        if origins == ["path"]:
            with _say_where(f"{where}.path"):
                check_folder(Path(model["path"]), model["family"])
        if model["trim_vocabulary"]:
            if origins == ["build"]:
                raise UserError(f"config: {where}.trim_vocabulary: a model built here has no piece too many; remove it")
            model.setdefault("languages", list(config["languages"]))
            _check_languages(f"{where}.languages", model["languages"])
        if origins == ["build"]:
            if "languages" not in model:
                raise UserError(f"config: {where}: the key 'languages' is missing; a model built here needs it")
            _check_languages(f"{where}.languages", model["languages"])
        if origins == ["build"] or "pretraining" in model:
            model.setdefault("text", next(iter(config["tasks"])))
            _check_choice(f"{where}.text", model["text"], config["tasks"], "task")


def _tell_family(where: str, model: dict[str, Any]) -> str:
    """Return the family of a model that names none: by its folder's config, or by its name on the hub."""
    if "path" in model:
        with _say_where(f"{where}.path"):
            return read_family(Path(model["path"]))
    if "hub" in model:
        if found := guess_family(model["hub"]):
            return found
        raise UserError(
            f"config: {where}: the name {model['hub']} does not say what kind of model it is; add family: encoder "
            "(BERT, XLM-R, ...) or family: text-to-text (T5, mT5, ...)"
        )
    return TEXT_TO_TEXT


@contextmanager
def _say_where(key: str) -> Iterator[None]:
    """Put the key of the config before what a UserError says."""
    try:
        yield
    except UserError as error:
        raise UserError(f"config: {key}: {error}") from None


def _check_training(config: dict[str, Any]) -> None:
    """Fill in the recipe of every model, checked against the recipe of its family."""
    for name in config["training"]:
        _check_choice("training", name, config["models"], "model")
    recipes = {}
    for name, model in config["models"].items():
        schema = read_schema()["$defs"].get(f"recipe-{model['family']}", _NO_RECIPE)
        recipe = config["training"].get(name, {})
        _check_form(recipe, schema, f"training.{name}")
        recipes[name] = _fill_defaults(recipe, schema)
        _check_format(config, name, recipes[name])
    config["training"] = recipes


def _check_format(config: dict[str, Any], model: str, recipe: dict[str, Any]) -> None:
    from isogloss.tasks import TASKS, find_task

    if "format" in recipe:
        formats = [find_task(task["kind"]).formats for task in config["tasks"].values()]
        known = [name for task in TASKS.values() for name in task.formats]
        # A kind with one format has that, whatever the recipe says.
        for choice in [names for names in formats if len(names) != 1] or [known]:
            _check_choice(f"training.{model}.format", recipe["format"], choice, "format")


def _check_grids(config: dict[str, Any]) -> None:
    for number, grid in enumerate(config["transfer"]):
        where = f"transfer[{number}]" if len(config["transfer"]) > 1 else "transfer"
        for key in ("tasks", "models"):
            grid.setdefault(key, list(config[key]))
            for name in grid[key]:
                _check_choice(f"{where}.{key}", name, config[key], key[:-1])
        for model in grid["models"]:
            for task in grid["tasks"]:
                _check_ability(config, where, model, task)
        if grid["targets"] == "all":
            grid["targets"] = list(config["languages"])
        _check_languages(f"{where}.targets", grid["targets"], config["languages"])
        grid["n"] = grid["n"] if isinstance(grid["n"], list) else [grid["n"]]
        _check_sources(f"{where}.sources", grid["sources"], config["languages"])
        for model in grid["models"]:
            steps = config["training"][model].get("adaptation_steps")
            for shots in filter(None, grid["shots"]):
                if steps is not None and str(shots) not in steps:
                    raise UserError(
                        f"config: training.{model}.adaptation_steps: no steps for {shots} shots, which "
                        f"{where}.shots asks for; add {shots}: STEPS"
                    )


def _check_cases(config: dict[str, Any]) -> None:
    """Fill in or check the targets that are reported as cases."""
    targets = {target for grid in config["transfer"] for target in grid["targets"]}
    analysis = config["analysis"]
    analysis.setdefault("cases", [code for code in LOW_RESOURCE if code in targets])
    for code in analysis["cases"]:
        _check_choice("analysis.cases", code, sorted(targets), "target")


def _check_ability(config: dict[str, Any], where: str, model: str, task: str) -> None:
    """Raise a UserError for a model of a family that cannot do a task."""
    from isogloss.tasks import find_task

    family, kind = config["models"][model]["family"], config["tasks"][task]["kind"]
    needs = FAMILIES[family].needs
    if needs and not any(getattr(find_task(kind), need) for need in needs):
        raise UserError(
            f"config: {where}: models.{model} is a {family}, which cannot do tasks.{task} of kind {kind}; give this "
            "grid other `models` or `tasks`"
        )


def _check_statistics(config: dict[str, Any]) -> None:
    """Raise a UserError where language-model statistics are asked for and no model has a language model."""
    families = {model["family"] for model in config["models"].values()}
    if config["analysis"]["language_model"] and not any(FAMILIES[family].statistics for family in families):
        raise UserError(
            f"config: analysis.language_model: no model of this study has a language model (only "
            f"{', '.join(sorted(families))}); remove it, or add a text-to-text model or an encoder"
        )


def _check_primary(config: dict[str, Any]) -> None:
    primary = config["analysis"].get("primary")
    if primary is None:
        return
    _check_choice("analysis.primary.task", primary["task"], config["tasks"], "task")
    _check_choice("analysis.primary.model", primary["model"], config["models"], "model")
    known = list(FEATURES)
    if config["analysis"]["language_model"] and FAMILIES[config["models"][primary["model"]]["family"]].statistics:
        known += list_statistics()
    _check_choice("analysis.primary.feature", primary["feature"], known, "feature")
    shots = {k for g in config["transfer"] if primary["model"] in g["models"] for k in g["shots"]}
    if primary["shots"] not in shots:
        raise UserError(
            f"config: analysis.primary.shots: no run of {primary['model']} has {primary['shots']} shots; "
            f"choose from {', '.join(map(str, sorted(shots)))}"
        )
