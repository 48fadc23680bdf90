"""Commands that write features of language pairs."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb
from isogloss.common.errors import UserError

_FACTS = argument("--facts", read_json, default={}, help="JSON: code -> name, script, family, like")


@verb(
    argument("--languages", nargs="+", default=None, help="language codes"),
    argument("--out", Path, default=None, help="csv file for the features"),
    argument("--coverage", Path, default=None, help="csv file for the coverage of lang2vec"),
    _FACTS,
    argument("--tables", Path, default=None, help="folder for languages.csv, families.csv and scripts.csv of isogloss"),
)
def typology(a: Namespace) -> None:
    """Write typological features of all language pairs, computed with lang2vec, and the coverage of lang2vec."""
    if a.tables:
        from isogloss.features.language_table import write_language_tables

        write_language_tables(*(a.tables / f"{name}.csv" for name in ("languages", "families", "scripts")))
    if a.languages:
        if not (a.out and a.coverage):
            raise UserError("typology: --languages needs the files --out and --coverage; give both")
        from isogloss.common.facts import read_facts
        from isogloss.features.typology import write_typology

        write_typology(a.languages, a.out, a.coverage, read_facts(a.facts))


@verb(
    argument("--corpora", Path, nargs="+", help="files corpora/TASK/LANGUAGE/train.parquet, one per language"),
    argument("--model", Path, default=None, help="model folder; compare the model's subwords instead of words"),
    argument("--out", Path, help="csv file for the overlap"),
)
def overlap(a: Namespace) -> None:
    """Write the overlap of training words, or of a model's subwords, for all language pairs."""
    from isogloss.features.overlap import write_overlap
    from isogloss.provenance.inputs import check_inputs

    check_inputs([*a.corpora, *([a.model] if a.model else [])])
    tokenise = None
    if a.model:
        from isogloss.models.loading import load_tokenizer

        tokenise = load_tokenizer(a.model).tokenize
    write_overlap({path.parent.name: path for path in a.corpora}, a.out, tokenise)


@verb(
    argument("--name", help="name of the feature, which an installed package defines"),
    argument("--languages", nargs="+", help="language codes"),
    argument("--corpora", Path, nargs="*", default=[], help="files corpora/TASK/LANGUAGE/train.parquet"),
    argument("--out", Path, help="csv file for the feature"),
)
def feature(a: Namespace) -> None:
    """Write a feature that an installed package defines, for all language pairs."""
    from isogloss.features.extra import write_feature
    from isogloss.provenance.inputs import check_inputs

    check_inputs(a.corpora)
    write_feature(a.name, a.languages, {path.parent.name: path for path in a.corpora}, a.out)


@verb(
    argument("--common", Path, nargs="+", help="csv tables for all tasks and models"),
    argument("--of-task", Path, nargs="*", default=[], help="csv tables of a task, features/TASK/NAME.csv"),
    argument("--of-model", Path, nargs="*", default=[], help="csv tables features/TASK/MODEL/subword.csv"),
    argument("--statistics", Path, nargs="*", default=[], help="files language_model/MODEL/TASK/LANGUAGE.json"),
    argument("--out", Path, help="csv file for the merged table"),
    argument("--languages", nargs="*", default=[], help="language codes for the table of languages"),
    _FACTS,
    argument("--text", Path, nargs="*", default=[], help="files .../LANGUAGE/test.parquet, which show the scripts"),
    argument("--out-languages", Path, default=None, help="csv file for names, scripts and families of the languages"),
)
def features(a: Namespace) -> None:
    """Merge tables of features into one, with task and model as in their paths, and write the table of languages."""
    from isogloss.common.facts import read_facts
    from isogloss.corpora.languages import write_languages
    from isogloss.features.table import write_features
    from isogloss.provenance.inputs import check_inputs

    check_inputs(a.text)
    write_features(a.common, a.of_task, a.of_model, a.out, a.statistics)
    if a.out_languages:
        write_languages(a.languages, read_facts(a.facts), a.text, a.out_languages)
