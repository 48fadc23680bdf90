"""Every verb of the command line: arguments in, one function of one room called. Rooms are imported only then."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from isogloss.errors import UserError


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
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def add(name: str, verb: Callable[[argparse.Namespace], None]) -> Callable[..., None]:
        """Add a verb; its help is its function's docstring. Returns a shorthand for adding its arguments."""
        added = verbs.add_parser(name, help=verb.__doc__, description=verb.__doc__)
        added.set_defaults(verb=verb)

        def argument(flag: str, kind: Callable[[str], Any] = str, **settings: Any) -> None:
            settings.setdefault("required", "default" not in settings and flag.startswith("--"))
            if not flag.startswith("--") or settings.get("action"):
                settings.pop("required", None)
            if not settings.get("action"):
                settings["type"] = kind
            added.add_argument(flag, **settings)

        return argument

    argument = add("check", check)
    argument("study", Path, help="a study file")

    argument = add("corpus", corpus)
    argument("--recipe", _read_recipe, help="JSON: kind and corpus, as in the config")
    argument("--language")
    argument("--need", int, default=0, help="training sentences that some run takes")
    argument("--out", Path)

    argument = add("audit", audit)
    argument("--corpora", Path, nargs="+", help="a folder per language, named by it")
    argument("--out", Path)

    argument = add("build-model", build_model)
    argument("--text", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language")
    argument("--recipe", _read_recipe, help="JSON: build, languages, steps, vocabulary")
    argument("--threads", int, default=1)
    argument("--out", Path)

    argument = add("fetch-model", fetch_model)
    argument("--recipe", _read_recipe, help="JSON: hub and revision")
    argument("--out", Path)

    argument = add("finetune", finetune)
    _add_training(argument)
    argument("--model", Path, nargs="?", default=None, help="the folder to start from; none for a crf")

    argument = add("transfer", transfer)
    _add_training(argument)
    argument("--model-name", help="the model's name in the record")
    argument("--target")
    argument("--shots", int)
    argument("--adaptation", choices=["direct", "sequential", "joint"])
    argument("--start", Path, nargs="?", default=None, help="the model folder that the run starts from")
    argument("--keep", action="store_true", help="keep the adapted model in OUT/checkpoint")

    argument = add("typology", typology)
    argument("--languages", nargs="+", default=None)
    argument("--out", Path, default=None)
    argument("--coverage", Path, default=None)
    argument("--table", Path, default=None, help="write the table that planning reads, of all languages known")

    argument = add("overlap", overlap)
    argument("--corpora", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language")
    argument("--model", Path, default=None, help="count this model's subwords instead of words")
    argument("--out", Path)

    argument = add("features", features)
    argument("--common", Path, nargs="+", help="tables for all tasks and models")
    argument("--of-task", Path, nargs="*", default=[], help="features/TASK/overlap.csv")
    argument("--of-model", Path, nargs="*", default=[], help="features/TASK/MODEL/subword.csv")
    argument("--out", Path)

    argument = add("scores", scores)
    argument("--grid", _read_recipe, help="JSON: languages, models and transfer of a checked study")
    argument("--root", Path, help="the folder of its results")
    argument("--out", Path)

    argument = add("analyse", analyse)
    argument("--scores", Path)
    argument("--features", Path, default=None, help="left out: typology by lang2vec")
    argument("--permutations", int, default=10000)
    argument("--seed", int, default=0)
    argument("--primary", _read_recipe, default=None, help="JSON: task, model, shots, feature")
    argument("--notice", default="")
    argument("--out", Path)

    for name, verb in (("matrices", matrices), ("scatters", scatters), ("few-shot", few_shot)):
        argument = add(name, verb)
        argument("--scores", Path)
        argument("--task")
        argument("--model")
        argument("--notice", default="")
        argument("--out", Path)
        if verb is matrices:
            argument("--shots", int, nargs="+")
        if verb is scatters:
            argument("--features", Path)
            argument("--columns", nargs="+")

    argument = add("report", report)
    argument("--title")
    argument("--notice", default="")
    argument("--summary", Path)
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


def check(a: argparse.Namespace) -> None:
    """Check a study file and its local corpora, and count its runs."""
    from isogloss.check import check_study
    from isogloss.config import read_config

    _, runs, _ = check_study(read_config(a.study), root=Path())
    print(f"{a.study}: {len(runs)} runs")


def corpus(a: argparse.Namespace) -> None:
    """Make or read the corpus of one language, audit it and write its splits."""
    from isogloss.corpora.build import build_corpus

    build_corpus(a.recipe["corpus"], a.language, a.recipe["kind"], a.out, need=a.need)


def audit(a: argparse.Namespace) -> None:
    """Count the sentences that the corpora of different languages share."""
    from isogloss.corpora.audit import audit_languages
    from isogloss.files import write_json

    write_json(a.out, audit_languages({folder.name: folder for folder in a.corpora}))


def build_model(a: argparse.Namespace) -> None:
    """Build and pre-train a small model on training text."""
    from isogloss.examples import TaggedSentence, read_examples
    from isogloss.files import complete_folder
    from isogloss.models.tiny_mt5 import build_model

    text = {
        path.parent.name: [" ".join(example.tokens) for example in read_examples(path, TaggedSentence)]
        for path in a.text
    }
    with complete_folder(a.out) as folder:
        build_model(text, folder, vocabulary=a.recipe["vocabulary"], steps=a.recipe["steps"], threads=a.threads)


def fetch_model(a: argparse.Namespace) -> None:
    """Download a model of the hub."""
    from isogloss.models.hub import fetch_model

    fetch_model(a.recipe["hub"], a.recipe["revision"], a.out)


def finetune(a: argparse.Namespace) -> None:
    """Train a model on the labelled sentences of its sources."""
    from isogloss.experiment import finetune
    from isogloss.study import split_sources

    finetune(
        task=a.task,
        corpora=a.corpora,
        model=a.model,
        sources=split_sources(a.sources),
        n=a.n,
        seed=a.seed,
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
    )


def transfer(a: argparse.Namespace) -> None:
    """Use a model on a target, with or without shots, and record the run."""
    from isogloss.experiment import transfer
    from isogloss.study import Run, split_sources

    run = Run(a.task, a.model_name, split_sources(a.sources), a.n, a.target, a.shots, a.adaptation, a.seed)
    transfer(run=run, corpora=a.corpora, start=a.start, recipe=a.recipe, threads=a.threads, keep=a.keep, out=a.out)


def typology(a: argparse.Namespace) -> None:
    """Write the typological features of all pairs of languages, by lang2vec, and what lang2vec covers."""
    from isogloss.features.typology import write_planning_table, write_typology

    if a.table:
        write_planning_table(a.table)
    if a.languages:
        write_typology(a.languages, a.out, a.coverage)


def overlap(a: argparse.Namespace) -> None:
    """Write the overlap of training words, or of a model's subwords, of all pairs of languages."""
    from isogloss.features.overlap import write_overlap

    tokenise = None
    if a.model:
        from transformers import AutoTokenizer

        tokenise = AutoTokenizer.from_pretrained(a.model).tokenize
    write_overlap({path.parent.name: path for path in a.corpora}, a.out, tokenise)


def features(a: argparse.Namespace) -> None:
    """Merge feature tables into one; those of a task or of a task and model are told by where they lie."""
    from isogloss.features.table import write_features

    write_features(a.common, a.of_task, a.of_model, a.out)


def scores(a: argparse.Namespace) -> None:
    """Collect the records of a study's runs into one table."""
    from isogloss.analysis.scores import write_scores
    from isogloss.study import plan_runs

    write_scores([a.root / run.folder / "metrics.json" for run in plan_runs(a.grid)], a.out)


def analyse(a: argparse.Namespace) -> None:
    """Relate a scores table to features of the language pairs; works on anybody's scores."""
    from isogloss.analysis.run import analyse
    from isogloss.analysis.scores import list_languages, read_scores

    if a.features:
        from isogloss.features.table import read_features

        table = read_features(a.features)
    else:
        from isogloss.features.typology import compute_typology

        table = compute_typology(list_languages(read_scores(a.scores)))
    analyse(a.scores, table, a.out, a.permutations, a.seed, a.primary, a.notice)


def matrices(a: argparse.Namespace) -> None:
    """Draw the transfer matrices of a model."""
    from isogloss.figures.matrix import write_matrices

    write_matrices(a.scores, a.task, a.model, a.shots, a.out, a.notice)


def scatters(a: argparse.Namespace) -> None:
    """Draw zero-shot transfer against each feature."""
    from isogloss.figures.scatter import write_scatters

    write_scatters(a.scores, a.features, a.task, a.model, a.columns, a.out, a.notice)


def few_shot(a: argparse.Namespace) -> None:
    """Draw scores against shots."""
    from isogloss.figures.few_shot import write_few_shot

    write_few_shot(a.scores, a.task, a.model, a.out, a.notice)


def report(a: argparse.Namespace) -> None:
    """Put summary, tables and figures into a folder that a browser opens."""
    from isogloss.figures.report import write_report

    write_report(a.out, a.title, a.notice, a.summary, a.tables, a.figures, a.audits, a.captions)
