"""Which rule draws which figure, including a figure of an installed package that a study uses."""

import pytest
from studies import make_study

from isogloss.common.errors import UserError
from isogloss.planning.figures import list_figure_rules, list_figure_stems
from isogloss.planning.plan import count_jobs
from isogloss.study.check import check_study

MODULE = """
from pathlib import Path
from isogloss.figures.contents import MODEL, SCORES, Figure
MINE = Figure("{stem}", MODEL, "Mine", (SCORES,), Path(__file__).with_suffix(".rst"), draw="nowhere:draw")
"""


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Return a function that installs a package with the figure `my-figure`, whose files have a given stem."""

    def install(stem: str) -> None:
        packages, module = tmp_path / "packages", f"drawing_{stem.replace('-', '_')}"
        (packages / "drawing-1.0.dist-info").mkdir(parents=True)
        (packages / f"{module}.py").write_text(MODULE.format(stem=stem), encoding="utf-8")
        points = f"[isogloss.figures]\nmy-figure = {module}:MINE\n"
        (packages / "drawing-1.0.dist-info" / "entry_points.txt").write_text(points, encoding="utf-8")
        (packages / "drawing-1.0.dist-info" / "METADATA").write_text("Name: drawing\nVersion: 1.0\n", encoding="utf-8")
        monkeypatch.syspath_prepend(packages)

    return install


def test_a_figure_of_a_package_has_a_rule_of_its_own_where_the_study_names_it(offer, tmp_path):
    offer("mine")
    plain = check_study(make_study(), tmp_path)[:2]
    named = check_study(make_study(analysis={"permutations": 20, "figures": ["my-figure"]}), tmp_path)[:2]
    assert {rule.name for rule in list_figure_rules(*named)} - {rule.name for rule in list_figure_rules(*plain)} == {
        "figure_my_figure"
    }
    stems = list_figure_stems(list_figure_rules(*named))
    assert {*stems} - {*list_figure_stems(list_figure_rules(*plain))} == {"ner/crf/mine"}
    assert count_jobs(*named) == {**count_jobs(*plain), "figure_my_figure": 1}


def test_a_figure_of_a_package_with_the_files_of_ours_is_refused_in_one_line(offer, tmp_path):
    offer("few-shot")
    said = r"^config: analysis\.figures: figure 'my-figure': its files have the same names as those of 'few-shot'"
    with pytest.raises(UserError, match=said):
        check_study(make_study(analysis={"permutations": 20, "figures": ["my-figure"]}), tmp_path)
