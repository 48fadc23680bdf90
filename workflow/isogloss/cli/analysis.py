"""Commands that analyse a scores table, draw the figures and write the page of the report."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb

_NOTICE = argument("--notice", nargs="?", default="", const="", help="text to show with all results (default: none)")


@verb(
    argument("--scores", Path, help="csv table of scores with columns source, target and score"),
    argument("--features", Path, default=None, help="csv table of features (default: typology computed by lang2vec)"),
    argument(
        "--scale",
        default="unit",
        choices=("unit", "percent", "none"),
        help="scale of the scores: 0..1, 0..100, or any numbers, higher is better (default: %(default)s)",
    ),
    argument("--percent", action="store_const", dest="scale", const="percent", help="the same as --scale percent"),
    argument("--languages", Path, default=None, help="csv table with column code and any of name, family and script"),
    argument("--permutations", int, default=10000, help="permutations of the language labels (default: %(default)s)"),
    argument("--seed", int, default=0, help="random seed of the permutations and bootstraps (default: %(default)s)"),
    argument("--tables-only", action="store_true", help="write tables and summary, but draw no figures"),
    argument("--primary", read_json, default=None, help="primary hypothesis as JSON: task, model, shots, feature"),
    argument("--runs", Path, nargs="?", default=None, help="table of runs, as `isogloss runs` writes it"),
    argument("--sentences", Path, nargs="?", default=None, help="counts per test sentence of the runs, as parquet"),
    argument("--cases", nargs="*", default=None, help="low-resource targets to report one by one (default: sw and bn)"),
    argument("--statistics", nargs="*", default=[], help="names of additional tables from installed packages"),
    argument("--extra-features", nargs="*", default=[], help="names of features from installed packages in --features"),
    _NOTICE,
    argument("--out", Path, help="folder for the tables, the summary and the figures"),
)
def analyse(a: Namespace) -> None:
    """Relate scores to linguistic features of the language pairs, and write tables, a summary and figures."""
    from isogloss.analysis.data.languages import Languages, recognise_codes
    from isogloss.analysis.data.scores import list_languages
    from isogloss.analysis.files.own_languages import read_languages
    from isogloss.analysis.files.score_table import read_scores
    from isogloss.analysis.run import analyse
    from isogloss.runs.traits import describe_features

    codes = list_languages(read_scores(a.scores, a.scale))
    languages = read_languages(a.languages, codes) if a.languages else Languages(meant=recognise_codes(codes))
    if a.features:
        from isogloss.features.table import read_features

        table = read_features(a.features)
    else:
        from isogloss.runs.typology import compute_features

        table = compute_features(codes, languages, a.scores)
        languages = replace(languages, unknown=tuple(sorted(set(codes) - set(table["source"]))))
    more = {"runs": a.runs, "sentences": a.sentences, "cases": a.cases, "statistics": a.statistics}
    more |= {"traits": describe_features(table.columns, a.extra_features), "languages": languages}
    analyse(a.scores, table, a.out, a.permutations, a.seed, a.primary, a.notice, a.scale, **more)
    if not a.tables_only:
        from isogloss.figures.gallery import write_figures

        scores = read_scores(a.scores, a.scale)
        write_figures(scores, table, a.out, a.out / "figures", a.notice, a.scale, languages)


@verb(
    argument("--figures", nargs="+", help="names of the figures, such as matrix or scatter"),
    argument("--values", nargs="*", default=[], help="numbers of shots, features or pre-training senses to draw"),
    argument("--task", help="the task of the figures"),
    argument("--model", help="the model of the figures"),
    argument("--scores", Path, nargs="?", default=None, help="csv table of scores"),
    argument("--features", Path, nargs="?", default=None, help="csv table of features"),
    argument("--tables", Path, nargs="*", default=[], help="tables of `isogloss analyse` that the figures need"),
    argument("--languages", Path, default=None, help="csv table of languages, as for `isogloss analyse`"),
    _NOTICE,
    argument("--out", Path, help="folder for the figures"),
)
def draw(a: Namespace) -> None:
    """Draw figures of a task and model, once or once per value."""
    from isogloss.analysis.data.languages import Languages
    from isogloss.analysis.files.own_languages import read_languages
    from isogloss.analysis.files.score_table import read_scores
    from isogloss.common.errors import UserError
    from isogloss.features.table import read_features
    from isogloss.figures.contents import FIGURES, SHOTS
    from isogloss.figures.gallery import write_figure
    from isogloss.figures.page import Subject

    for name in a.figures:
        if FIGURES.find(name).scope == SHOTS and not all(value.isdecimal() for value in a.values or [""]):
            found = " ".join(a.values) or "no value"
            raise UserError(
                f"draw: --values: {name} needs numbers of shots, found {found}; draw other figures separately"
            )
    given = {
        "scores": read_scores(a.scores) if a.scores else None,
        "languages": read_languages(a.languages) if a.languages else Languages(),
        "features": read_features(a.features) if a.features else None,
        "tables": {path.name: path for path in a.tables},
    }
    for name in a.figures:
        for value in a.values or [""]:
            write_figure(name, Subject(a.task, a.model, value, a.notice, **given), a.out)


@verb(
    argument("--title", help="title of the report"),
    _NOTICE,
    argument("--summary", Path, nargs="+", help="Markdown files with the text of the report"),
    argument("--tables", Path, nargs="*", default=[], help="csv tables to include"),
    argument("--figures", Path, nargs="*", default=[], help="SVG figures to include"),
    argument("--audits", Path, nargs="*", default=[], help="corpora/TASK/audit.json of each task"),
    argument("--named", nargs="*", default=[], help="names of figures from installed packages in the study"),
    argument("--out", Path, help="folder for the report"),
)
def page(a: Namespace) -> None:
    """Write a report that a browser can open: summary, tables and figures in one folder."""
    from isogloss.figures.report import write_report

    write_report(a.out, a.title, a.notice, a.summary, a.tables, a.figures, a.audits, a.named)
