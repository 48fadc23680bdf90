"""The command line: the arguments of every verb. What a verb does with them stands in isogloss.verbs."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from isogloss import verbs
from isogloss.common.errors import UserError


def run(arguments: Sequence[str]) -> int:
    """Run one verb. Returns 0, or 2 after a user's mistake, which is told in one line; raises on a failure of ours."""
    parsed = _make_parser().parse_args(arguments)
    try:
        parsed.verb(parsed)
    except UserError as error:
        print(f"isogloss: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("isogloss: interrupted", file=sys.stderr)
        return 130
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="isogloss", description="Which languages teach which?")
    parsers = parser.add_subparsers(required=True, metavar="VERB")

    def add(name: str, verb: Callable[[argparse.Namespace], None]) -> Callable[..., None]:
        """Add a verb; its help is its function's docstring. Returns a shorthand for adding its arguments."""
        added = parsers.add_parser(name, help=verb.__doc__, description=verb.__doc__)
        added.set_defaults(verb=verb)

        def argument(flag: str, kind: Callable[[str], Any] = str, **settings: Any) -> None:
            settings.setdefault("required", "default" not in settings and flag.startswith("--"))
            if not flag.startswith("--") or settings.get("action"):
                settings.pop("required", None)
            if not settings.get("action"):
                settings["type"] = kind
            added.add_argument(flag, **settings)

        return argument

    argument = add("check", verbs.check)
    argument("study", Path, help="a study file")

    argument = add("plan", verbs.plan)
    argument("study", Path, help="a study file")
    argument("--devices", int, default=1, help="GPUs, or cores for models that want none")
    argument("--step-seconds", float, default=None, help="seconds of a training step, where nothing is measured")
    argument("--measured", Path, default=None, help="the results of a study, whose records say what a step took")

    argument = add("download", verbs.download)
    argument("--recipe", _read_recipe, help="JSON: corpus, as in the config")
    argument("--language")
    argument("--splits", nargs="+")
    argument("--out", Path)

    argument = add("corpus", verbs.corpus)
    argument("--recipe", _read_recipe, help="JSON: kind and corpus, as in the config")
    argument("--language")
    argument("--need", int, default=0, help="training sentences that some run takes")
    argument("--folder", Path, nargs="?", default=None, help="where the language was downloaded to, if it was")
    argument("--out", Path)

    argument = add("test-corpus", verbs.test_corpus)
    argument("--recipe", _read_recipe, help="JSON: kind and corpus, as in the config")
    argument("--language")
    argument("--train", Path, nargs="?", default=None, help="training split of the task's corpus, if it has one")
    argument("--folder", Path, nargs="?", default=None, help="where the language was downloaded to, if it was")
    argument("--out", Path)

    argument = add("audit", verbs.audit)
    argument("--corpora", Path, nargs="+", help="a folder per language, named by it")
    argument("--out", Path)

    argument = add("build-model", verbs.build_model)
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language")
    argument("--recipe", _read_recipe, help="JSON: build, languages, steps, vocabulary")
    argument("--threads", int, default=1)
    argument("--out", Path)

    argument = add("pretrain-model", verbs.pretrain_model)
    argument("--start", Path, help="the folder of the model that every arm starts from")
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language")
    argument("--recipe", _read_recipe, help="JSON: segment, steps, batch_size, learning_rate")
    argument("--threads", int, default=1)
    argument("--out", Path)

    argument = add("fetch-model", verbs.fetch_model)
    argument("--recipe", _read_recipe, help="JSON: hub, revision and family")
    argument("--out", Path)

    argument = add("trim-model", verbs.trim_model)
    argument("--model", Path, help="the folder of the whole model")
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/SPLIT.parquet, of training and test splits")
    argument("--recipe", _read_recipe, help="JSON: the kind of each task")
    argument("--out", Path)

    argument = add("language-model", verbs.language_model)
    argument("--task")
    argument("--model-name", help="the model's name in the record")
    argument("--language")
    argument("--model", Path, help="the folder of the model")
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/SPLIT.parquet, of training and validation splits")
    argument("--recipe", _read_recipe, help="JSON: family, pretrained_on")
    argument("--threads", int, default=1)
    argument("--out", Path)

    argument = add("finetune", verbs.finetune)
    _add_training(argument)
    argument("--model", Path, nargs="?", default=None, help="the folder to start from; none for a crf")

    argument = add("transfer", verbs.transfer)
    _add_training(argument)
    argument("--model-name", help="the model's name in the record")
    argument("--target")
    argument("--shots", int)
    argument("--adaptation", choices=["direct", "sequential", "joint"])
    argument("--start", Path, nargs="?", default=None, help="the model folder that the run starts from")
    argument("--keep", action="store_true", help="keep the adapted model in OUT/checkpoint")
    argument("--test-corpora", Path, nargs="*", default=[], help="test_corpora/TASK/NAME/LANGUAGE/test.parquet")

    argument = add("typology", verbs.typology)
    argument("--languages", nargs="+", default=None)
    argument("--out", Path, default=None)
    argument("--coverage", Path, default=None)
    argument("--table", Path, default=None, help="write the table that planning reads, of all languages known")

    argument = add("overlap", verbs.overlap)
    argument("--corpora", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language")
    argument("--model", Path, default=None, help="count this model's subwords instead of words")
    argument("--out", Path)

    argument = add("features", verbs.features)
    argument("--common", Path, nargs="+", help="tables for all tasks and models")
    argument("--of-task", Path, nargs="*", default=[], help="features/TASK/overlap.csv")
    argument("--of-model", Path, nargs="*", default=[], help="features/TASK/MODEL/subword.csv")
    argument("--statistics", Path, nargs="*", default=[], help="language_model/MODEL/TASK/LANGUAGE.json")
    argument("--out", Path)

    argument = add("scores", verbs.scores)
    argument("--grid", _read_recipe, help="JSON: languages, models and transfer of a checked study")
    argument("--root", Path, help="the folder of its results")
    argument("--out", Path)

    argument = add("runs", verbs.runs)
    argument("--grid", _read_recipe, help="JSON: languages, models and transfer of a checked study")
    argument("--kinds", _read_recipe, help="JSON: the kind of each task")
    argument("--root", Path, help="the folder of its results")
    argument("--sentences", Path, help="where the counts by test sentence go, as parquet")
    argument("--out", Path)

    argument = add("analyse", verbs.analyse)
    argument("--scores", Path)
    argument("--features", Path, default=None, help="left out: typology by lang2vec")
    argument("--percent", action="store_true", help="scores are given in 0..100")
    argument("--permutations", int, default=10000)
    argument("--seed", int, default=0)
    argument("--tables-only", action="store_true", help="draw no figures")
    argument("--primary", _read_recipe, default=None, help="JSON: task, model, shots, feature")
    argument("--runs", Path, nargs="?", default=None, help="what each run was given, as `isogloss runs` writes it")
    argument("--sentences", Path, nargs="?", default=None, help="its counts by test sentence")
    argument("--cases", nargs="*", default=None, help="low-resource targets to report; left out, sw and bn")
    argument("--notice", nargs="?", default="", const="")
    argument("--out", Path)

    for name, verb in (("matrices", verbs.matrices), ("scatters", verbs.scatters), ("few-shot", verbs.few_shot)):
        argument = add(name, verb)
        argument("--scores", Path)
        argument("--task")
        argument("--model")
        argument("--notice", nargs="?", default="", const="")
        argument("--out", Path)
        if verb is verbs.matrices:
            argument("--shots", int, nargs="+")
        if verb is verbs.scatters:
            argument("--features", Path)
            argument("--correlations", Path, help="as analyse wrote it")
            argument("--columns", nargs="+")

    argument = add("effects", verbs.effects)
    argument("--tables", Path, help="the folder that analyse wrote")
    argument("--task")
    argument("--model")
    argument("--notice", nargs="?", default="", const="")
    argument("--out", Path)

    argument = add("multi-source", verbs.multi_source)
    argument("--tables", Path, help="the folder that analyse wrote")
    argument("--task")
    argument("--model")
    argument("--sense", default="supervised", choices=["supervised", "self-supervised"], help="of pre-training")
    argument("--notice", nargs="?", default="", const="")
    argument("--out", Path)

    argument = add("report", verbs.report)
    argument("--title")
    argument("--notice", nargs="?", default="", const="")
    argument("--summary", Path, nargs="+", help="files of Markdown")
    argument("--tables", Path, nargs="*", default=[])
    argument("--figures", Path, nargs="*", default=[])
    argument("--audits", Path, nargs="*", default=[])
    argument("--captions", Path)
    argument("--out", Path)
    return parser


def _add_training(argument: Callable[..., None]) -> None:
    argument("--task")
    argument("--corpora", Path, help="the folder that holds a corpus per language")
    argument("--sources", help="codes joined by +, or none")
    argument("--n", int, help="labelled source sentences in total")
    argument("--seed", int)
    argument("--recipe", _read_recipe, help="JSON: how the model is trained")
    argument("--threads", int, default=1)
    argument("--out", Path)


def _read_recipe(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"not JSON ({error})") from None
