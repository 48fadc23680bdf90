"""Verbs that analyse a scores table, draw the figures and make the report."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb

_NOTICE = argument("--notice", nargs="?", default="", const="")
_OF_SCORES = (argument("--scores", Path), argument("--task"), argument("--model"), _NOTICE, argument("--out", Path))
_TABLES = argument("--tables", Path, help="the folder that analyse wrote")


@verb(
    argument("--scores", Path),
    argument("--features", Path, default=None, help="left out: typology by lang2vec"),
    argument("--percent", action="store_true", help="scores are given in 0..100"),
    argument("--permutations", int, default=10000),
    argument("--seed", int, default=0),
    argument("--tables-only", action="store_true", help="draw no figures"),
    argument("--primary", read_json, default=None, help="JSON: task, model, shots, feature"),
    argument("--runs", Path, nargs="?", default=None, help="what each run was given, as `isogloss runs` writes it"),
    argument("--sentences", Path, nargs="?", default=None, help="its counts by test sentence"),
    argument("--cases", nargs="*", default=None, help="low-resource targets to report; left out, sw and bn"),
    argument("--statistics", nargs="*", default=[], help="further tables, of installed packages, by name"),
    argument("--extra-features", nargs="*", default=[], help="features of installed packages in the table, by name"),
    _NOTICE,
    argument("--out", Path),
)
def analyse(a: Namespace) -> None:
    """Relate scores to features of the language pairs: tables, a summary and figures; works on any scores table."""
    from isogloss.analysis.data.scores import list_languages, read_scores
    from isogloss.analysis.run import analyse
    from isogloss.runs.traits import describe_features

    if a.features:
        from isogloss.features.table import read_features

        table = read_features(a.features)
    else:
        from isogloss.features.typology import compute_typology
        from isogloss.features.uriel import list_codes

        table = compute_typology(list_languages(read_scores(a.scores, a.percent, list_codes)))
    more = {"runs": a.runs, "sentences": a.sentences, "cases": a.cases, "statistics": a.statistics}
    more["traits"] = describe_features(table.columns, a.extra_features)
    analyse(a.scores, table, a.out, a.permutations, a.seed, a.primary, a.notice, a.percent, **more)
    if not a.tables_only:
        from isogloss.figures.gallery import write_figures

        write_figures(read_scores(a.scores, a.percent), table, a.out, a.out / "figures", a.notice)


@verb(*_OF_SCORES, argument("--shots", int, nargs="+"))
def matrices(a: Namespace) -> None:
    """Draw the transfer matrices of a model, languages by family and by clustering."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.figures.matrix import write_matrices

    write_matrices(read_scores(a.scores), a.task, a.model, a.shots, a.out, a.notice)


@verb(
    *_OF_SCORES,
    argument("--features", Path),
    argument("--correlations", Path, help="as analyse wrote it"),
    argument("--columns", nargs="+"),
)
def scatters(a: Namespace) -> None:
    """Draw zero-shot transfer against each feature."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.features.table import read_features
    from isogloss.figures.page import read_table
    from isogloss.figures.scatter import write_scatters

    correlations = read_table(a.correlations, a.task, a.model)
    scores, features = read_scores(a.scores), read_features(a.features)
    write_scatters(scores, features, correlations, a.task, a.model, a.columns, a.out, a.notice)


@verb(*_OF_SCORES)
def few_shot(a: Namespace) -> None:
    """Draw scores against shots."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.figures.few_shot import write_few_shot

    write_few_shot(read_scores(a.scores), a.task, a.model, a.out, a.notice)


@verb(_TABLES, argument("--task"), argument("--model"), _NOTICE, argument("--out", Path))
def effects(a: Namespace) -> None:
    """Draw a model's shares of variance, regression coefficients and rankers."""
    from isogloss.figures.gallery import write_effects

    write_effects(a.tables, a.task, a.model, a.out, a.notice)


@verb(
    _TABLES,
    argument("--task"),
    argument("--model"),
    argument("--sense", default="supervised", choices=["supervised", "self-supervised"], help="of pre-training"),
    _NOTICE,
    argument("--out", Path),
)
def multi_source(a: Namespace) -> None:
    """Draw what several sources do for a model: differences, few-shot curves and scores by number of sources."""
    from isogloss.figures.multi_source import write_multi_source

    write_multi_source(a.tables, a.task, a.model, a.out, a.notice, a.sense)


@verb(
    argument("--title"),
    _NOTICE,
    argument("--summary", Path, nargs="+", help="files of Markdown"),
    argument("--tables", Path, nargs="*", default=[]),
    argument("--figures", Path, nargs="*", default=[]),
    argument("--audits", Path, nargs="*", default=[]),
    argument("--captions", Path),
    argument("--out", Path),
)
def report(a: Namespace) -> None:
    """Put summary, tables and figures into a folder that a browser opens."""
    from isogloss.figures.report import write_report

    write_report(a.out, a.title, a.notice, a.summary, a.tables, a.figures, a.audits, a.captions)
