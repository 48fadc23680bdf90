"""The report folder: relative links, and every figure, table and caption."""

import re
from pathlib import Path

import pytest

from isogloss import figures
from isogloss.analysis.contents import STATISTICS
from isogloss.figures.contents import FIGURES, find_caption
from isogloss.figures.report import write_report

NOTICE = "A synthetic <demonstration>."


@pytest.fixture
def report(tmp_path):
    drawn = tmp_path / "results" / "figures" / "ner" / "mini"
    drawn.mkdir(parents=True)
    for name in ("matrix-shots-0.svg", "scatter-x.svg", "few-shot.svg", "few-shot.png"):
        (drawn / name).write_text("<svg/>")
    tables = [tmp_path / "correlations.csv", tmp_path / "ner" / "overlap.csv", tmp_path / "nli" / "overlap.csv"]
    for table in tables:
        table.parent.mkdir(exist_ok=True)
        table.write_text("feature,pearson_r,note\nsyntax,0.314159265,\ngeographic,,constant feature\n")
    (tmp_path / "ner" / "audit.json").write_text(
        '{"train": {"en": 1990, "de": 2000}, "test_in_train": {"en": {"de": 7}, "de": {"en": 0}}}'
    )
    (tmp_path / "summary.md").write_text("# Summary\n\n- **0.31** [correlations.pearson_r] over 90 pairs\n")
    (tmp_path / "multi_source.md").write_text("# Several sources\n\nThree beat one.\n")
    write_report(
        tmp_path / "report",
        "default",
        NOTICE,
        [tmp_path / "summary.md", tmp_path / "multi_source.md"],
        tables,
        sorted(drawn.glob("*.svg")),
        [tmp_path / "ner" / "audit.json"],
    )
    return (tmp_path / "report").rename(tmp_path / "moved")


def test_every_link_is_relative_and_leads_to_a_file(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'(?:src|href)="([^"#]+)"', page))
    assert links == {
        "figures/ner/mini/few-shot.svg",
        "figures/ner/mini/matrix-shots-0.svg",
        "figures/ner/mini/scatter-x.svg",
        "tables/correlations.csv",
        "tables/ner-overlap.csv",
        "tables/nli-overlap.csv",
    }
    assert all((report / link).is_file() for link in links)
    assert (report / "figures/ner/mini/few-shot.png").is_file()


def test_page_has_summary_notice_captions_and_cells(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "A synthetic &lt;demonstration&gt;." in page
    assert "<strong>0.31</strong> [correlations.pearson_r] over 90 pairs" in page
    assert page.index("over 90 pairs") < page.index("<h1>Several sources</h1>") < page.index("Three beat one.")
    assert "Correlation of each feature with transfer" in page
    assert "Transfer matrix: score of a model trained on the source" in page
    assert "<td>0.3142</td>" in page
    assert "<td>constant feature</td>" in page


def test_page_shows_what_corpora_share(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    cells = re.findall(r"<td>(.*?)</td>", page[page.index('id="corpora"') :])
    assert cells == ["de", "2000", "", "0", "en", "1990", "7", ""]


def test_every_table_and_figure_has_a_caption_of_its_own(project):
    of_tables = {statistic.caption for statistic in STATISTICS.own.values()}
    of_figures = {figure.caption for figure in FIGURES.own.values()}
    assert {path.stem for path in of_tables} == {*STATISTICS}
    assert {*Path(figures.__file__).with_name("captions").glob("*.rst")} == of_figures
    of_report = {*(project / "workflow" / "report").rglob("*.rst")}
    texts = [path.read_text(encoding="utf-8").strip() for path in of_tables | of_figures | of_report]
    assert len(set(texts)) == len(texts) == len(STATISTICS) + 9 + 2
    assert "independent, which they are not" in FIGURES["scatter"].caption.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("stem", "caption"),
    [
        ("matrix-shots-20", "matrix"),
        ("scatter-syntax_observed", "scatter"),
        ("few-shot", "few_shot"),
        ("variance-bars", "variance_bars"),
        ("multi-source-sizes", "multi_source"),
        ("self-supervised-arms", "self_supervised"),
    ],
)
def test_a_figure_s_caption_is_found_by_its_file(stem, caption):
    assert find_caption(stem).stem == caption
    assert find_caption(f"my-{stem}") is None
