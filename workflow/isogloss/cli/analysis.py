"""Verbs that analyse a scores table, draw the figures and make the report."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, read_json, verb

_NOTICE = argument("--notice", nargs="?", default="", const="")


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


@verb(
    argument("--figures", nargs="+", help="names of figures, as matrix or scatter"),
    argument("--values", nargs="*", default=[], help="numbers of shots, features or senses of pre-training"),
    argument("--task"),
    argument("--model"),
    argument("--scores", Path, nargs="?", default=None),
    argument("--features", Path, nargs="?", default=None),
    argument("--tables", Path, nargs="*", default=[], help="what the figures are drawn from, as analyse wrote it"),
    _NOTICE,
    argument("--out", Path),
)
def draw(a: Namespace) -> None:
    """Draw figures of a task and model, each once or for each value."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.common.errors import UserError
    from isogloss.features.table import read_features
    from isogloss.figures.contents import FIGURES, SHOTS
    from isogloss.figures.gallery import write_figure
    from isogloss.figures.page import Subject

    for name in a.figures:
        if FIGURES.find(name).scope == SHOTS and not all(value.isdecimal() for value in a.values or [""]):
            raise UserError(f"draw: --values: {name} is drawn for numbers of shots; give these, and draw others apart")
    given = {
        "scores": read_scores(a.scores) if a.scores else None,
        "features": read_features(a.features) if a.features else None,
        "tables": {path.name: path for path in a.tables},
    }
    for name in a.figures:
        for value in a.values or [""]:
            write_figure(name, Subject(a.task, a.model, value, a.notice, **given), a.out)


@verb(
    argument("--title"),
    _NOTICE,
    argument("--summary", Path, nargs="+", help="files of Markdown"),
    argument("--tables", Path, nargs="*", default=[]),
    argument("--figures", Path, nargs="*", default=[]),
    argument("--audits", Path, nargs="*", default=[]),
    argument("--named", nargs="*", default=[], help="figures of installed packages that the study names"),
    argument("--out", Path),
)
def report(a: Namespace) -> None:
    """Put summary, tables and figures into a folder that a browser opens."""
    from isogloss.figures.report import write_report

    write_report(a.out, a.title, a.notice, a.summary, a.tables, a.figures, a.audits, a.named)
