"""The report: a folder with one HTML page, which can be moved to another place."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docutils.core
import jinja2
import pandas as pd
from markdown_it import MarkdownIt
from markupsafe import Markup

from isogloss.analysis.contents import STATISTICS
from isogloss.common.files import complete_folder, read_json
from isogloss.figures.contents import find_caption

_TEMPLATE = Path(__file__).with_name("report.html")
_MOST_ROWS = 200
"""Largest number of rows of a table on the page; the folder contains the complete table."""


@dataclass(frozen=True)
class Shown:
    """A figure or table of the page: its name, link relative to the page, caption, and (for a table) its HTML."""

    name: str
    link: str
    caption: Markup
    body: Markup | None = None


def write_report(
    out: str | os.PathLike,
    title: str,
    notice: str | None,
    summary: Sequence[str | os.PathLike],
    tables: Sequence[str | os.PathLike],
    figures: Sequence[str | os.PathLike],
    audits: Sequence[str | os.PathLike],
    named: Sequence[str] = (),
) -> None:
    """Write the report folder `out`: index.html with figures/ and tables/ beside it, linked relatively.

    summary: Markdown files. tables: CSV files. figures: SVG files; each is copied, with the PNG file beside it if there
    is one, to its path from the last folder named `figures` on. audits: TASK/audit.json files with the sentences that
    corpora of different languages share. named: the figures of installed packages that the study names. The caption of
    a figure is that of its entry; the caption of a table is that of the statistic with its name. The folder is written
    atomically.
    """
    text = "\n".join(Path(path).read_text(encoding="utf-8") for path in summary)
    with complete_folder(out) as beside:
        shown_figures: dict[str, list[Shown]] = {}
        for path in map(Path, figures):
            link = _copy_figure(path, beside)
            shown = Shown(path.stem, link.as_posix(), _render_caption(find_caption(path.stem, named)))
            shown_figures.setdefault(", ".join(link.parts[1:-1]), []).append(shown)
        shown_tables = [_copy_table(path, name, beside) for name, path in _name_tables(tables).items()]
        page = _load_template().render(
            title=title,
            notice=None if notice and notice in text else notice,
            summary=Markup(MarkdownIt().render(text)),
            figures=shown_figures,
            tables=shown_tables,
            audits={Path(path).parent.name: _render_audit(path) for path in audits},
        )
        (beside / "index.html").write_text(page, encoding="utf-8")


def _load_template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))


def _copy_figure(path: Path, folder: Path) -> Path:
    """Copy an SVG file and its PNG file into `folder`; return the path of the SVG file relative to it."""
    parts = path.parts
    start = len(parts) - 1 - parts[::-1].index("figures") if "figures" in parts[:-1] else len(parts) - 1
    link = Path("figures", *parts[start:][1:]) if parts[start] == "figures" else Path("figures", path.name)
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    for one in (path, path.with_suffix(".png")):
        if one == path or one.exists():
            shutil.copyfile(one, (folder / link).with_suffix(one.suffix))
    return link


def _name_tables(tables: Sequence[str | os.PathLike]) -> dict[str, Path]:
    """Return name -> path: the name is the file name, with the folder before it if the file name is not unique."""
    paths = [Path(path) for path in tables]
    names = [path.name for path in paths]
    return {path.name if names.count(path.name) == 1 else f"{path.parent.name}-{path.name}": path for path in paths}


def _copy_table(path: Path, name: str, folder: Path) -> Shown:
    (folder / "tables").mkdir(exist_ok=True)
    shutil.copyfile(path, folder / "tables" / name)
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    caption = STATISTICS.find(path.stem).caption if path.stem in STATISTICS else None
    return Shown(name, f"tables/{name}", _render_caption(caption), _render_table(table))


def _render_table(table: pd.DataFrame) -> Markup:
    shown = table.head(_MOST_ROWS).to_html(
        index=False, border=0, na_rep="", float_format=lambda x: f"{x:.4g}", justify="left"
    )
    rest = len(table) - _MOST_ROWS
    more = f"<p>{rest} more rows in the file.</p>" if rest > 0 else ""
    return Markup(shown + more)


def _render_audit(path: str | os.PathLike) -> Markup:
    """Return a table with a row per source: training sentences, and the test sentences of each language in them."""
    report = read_json(path)
    shared = pd.DataFrame.from_dict(report["test_in_train"], orient="index")
    table = shared.reindex(columns=sorted(shared.columns)).sort_index()
    table = table.map(lambda count: "" if pd.isna(count) else f"{count:.0f}")
    table.insert(0, "training sentences", pd.Series(report["train"]))
    return _render_table(table.rename_axis("source").reset_index())


def _render_caption(path: Path | None) -> Markup:
    if path is None:
        return Markup("")
    return Markup(docutils.core.publish_parts(path.read_text(encoding="utf-8"), writer="html5")["fragment"])
