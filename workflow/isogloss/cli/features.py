"""Verbs that write the features of language pairs."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, verb


@verb(
    argument("--languages", nargs="+", default=None),
    argument("--out", Path, default=None),
    argument("--coverage", Path, default=None),
    argument("--table", Path, default=None, help="write the table that planning reads, of all languages known"),
)
def typology(a: Namespace) -> None:
    """Write the typological features of all pairs of languages, by lang2vec, and what lang2vec covers."""
    from isogloss.features.typology import write_planning_table, write_typology

    if a.table:
        write_planning_table(a.table)
    if a.languages:
        write_typology(a.languages, a.out, a.coverage)


@verb(
    argument("--corpora", Path, nargs="+", help="corpora/TASK/LANGUAGE/train.parquet, one a language"),
    argument("--model", Path, default=None, help="count this model's subwords instead of words"),
    argument("--out", Path),
)
def overlap(a: Namespace) -> None:
    """Write the overlap of training words, or of a model's subwords, of all pairs of languages."""
    from isogloss.features.overlap import write_overlap

    tokenise = None
    if a.model:
        from transformers import AutoTokenizer

        tokenise = AutoTokenizer.from_pretrained(a.model).tokenize
    write_overlap({path.parent.name: path for path in a.corpora}, a.out, tokenise)


@verb(
    argument("--name", help="a feature that an installed package offers"),
    argument("--languages", nargs="+"),
    argument("--corpora", Path, nargs="*", default=[], help="corpora/TASK/LANGUAGE/train.parquet, one a language"),
    argument("--out", Path),
)
def feature(a: Namespace) -> None:
    """Write a feature of an installed package of all pairs of languages."""
    from isogloss.features.extra import write_feature

    write_feature(a.name, a.languages, {path.parent.name: path for path in a.corpora}, a.out)


@verb(
    argument("--common", Path, nargs="+", help="tables for all tasks and models"),
    argument("--of-task", Path, nargs="*", default=[], help="features/TASK/overlap.csv"),
    argument("--of-model", Path, nargs="*", default=[], help="features/TASK/MODEL/subword.csv"),
    argument("--statistics", Path, nargs="*", default=[], help="language_model/MODEL/TASK/LANGUAGE.json"),
    argument("--out", Path),
)
def features(a: Namespace) -> None:
    """Merge feature tables into one; those of a task or of a task and model are told by where they lie."""
    from isogloss.features.table import write_features

    write_features(a.common, a.of_task, a.of_model, a.out, a.statistics)
