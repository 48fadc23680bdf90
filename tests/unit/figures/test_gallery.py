"""The figures of an analysis: reproducible files, figures without data, and the content of bars."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from isogloss.analysis.data.languages import Languages, OwnLanguage
from isogloss.analysis.data.scores import COLUMNS
from isogloss.analysis.files.score_table import read_scores
from isogloss.analysis.run import analyse
from isogloss.common.errors import UserError
from isogloss.figures.effects.coefficients import draw_coefficients
from isogloss.figures.effects.variance import draw_variance
from isogloss.figures.gallery import write_figure, write_figures
from isogloss.figures.page import Subject, read_table

FIVE = ["ar", "de", "en", "fi", "ru"]
NOTICE = "A synthetic demonstration."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with scores of two models, features, and the tables of analyse."""
    folder = tmp_path_factory.mktemp("figures")
    generator = np.random.default_rng(0)
    rows, pairs = [], []
    for model in ("mini", "hub/large"):
        for source in FIVE:
            for target in FIVE:
                key = ["ner", model, source, 600, target, "ner"]
                rows.append([*key, 0, "direct", 1, "f1", generator.random()])
                if source != target:
                    rows.append([*key, 20, "sequential", 1, "f1", generator.random()])
                    pairs.append((source, target, generator.random()))
    rows += [["ner", "mini", "none", 0, target, "ner", 20, "sequential", 1, "f1", 0.5] for target in FIVE]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "scores.csv", index=False)
    features = pd.DataFrame(pairs[:20], columns=["source", "target", "x"])
    features.to_csv(folder / "features.csv", index=False)
    analyse(folder / "scores.csv", features, folder / "tables", 19)
    return folder


def hash_files(out):
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in out.rglob("*.*")}


def test_every_figure_is_written_twice_the_same(folder, tmp_path):
    scores, features = read_scores(folder / "scores.csv"), pd.read_csv(folder / "features.csv")
    for name in ("one", "other"):
        write_figures(scores, features, folder / "tables", tmp_path / name, NOTICE)
    written = hash_files(tmp_path / "one")
    stems = [f"{order}-shots-{k}" for order in ("matrix", "clusters") for k in (0, 20)]
    stems += ["scatter-x", "few-shot", "variance-bars", "coefficients", "ranking"]
    models = ("mini", "hub-large")
    assert set(written) == {
        f"ner/{model}/{stem}.{kind}" for model in models for stem in stems for kind in ("svg", "png")
    }
    assert hash_files(tmp_path / "other") == written


def test_what_cannot_be_drawn_is_said(folder, tmp_path):
    given = {"scores": read_scores(folder / "scores.csv"), "features": pd.read_csv(folder / "features.csv")}
    given["tables"] = {"correlations.csv": folder / "tables" / "correlations.csv"}
    for name, value, stem, reason in (
        ("matrix", "50", "matrix-shots-50", "no single-source transfer runs at 50 shots"),
        ("clusters", "50", "clusters-shots-50", "no single-source transfer runs at 50 shots"),
        ("scatter", "y", "scatter-y", "no zero-shot transfer runs, or no values of y"),
    ):
        write_figure(name, Subject("ner", "mini", value, **given), tmp_path)
        assert f"<!-- ner, mini: {reason} -->" in (tmp_path / f"{stem}.svg").read_text()


def test_a_figure_without_a_file_that_it_is_drawn_from_is_one_line(folder, tmp_path):
    given = {"scores": read_scores(folder / "scores.csv"), "features": pd.read_csv(folder / "features.csv")}
    with pytest.raises(
        UserError, match=r"figure scatter: analysis/correlations\.csv is required to draw it; add this file"
    ):
        write_figure("scatter", Subject("ner", "mini", "x", **given), tmp_path)
    with pytest.raises(UserError, match="unknown figure 'scater'; choose from matrix clusters"):
        write_figure("scater", Subject("ner", "mini", "x", **given), tmp_path)


def test_variance_bars_fill_the_whole_and_differ_in_hatch(folder):
    table = read_table(folder / "tables" / "variance.csv", "ner", "mini")
    axes = draw_variance(table, "ner, mini").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["zero-shot", "20 shots (sequential)"]
    assert sum(patch.get_width() for patch in axes.patches) == pytest.approx(2.0, abs=1e-4)
    assert len({patch.get_hatch() for patch in axes.patches}) == 2
    diamonds = [line.get_xdata()[0] for line in axes.lines]
    assert diamonds == pytest.approx(table["share_both"].tolist())


def test_coefficients_show_the_p_and_proxies_below(folder):
    table = read_table(folder / "tables" / "regression.csv", "ner", "mini")
    left, right = draw_coefficients(table, "ner, mini", NOTICE).axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["x", "proxy:hub/large"]
    own = table[table["with_proxy"].isna()].sort_values("shots")
    shown = [text.get_text() for text in left.texts]
    assert len(shown) == 4
    assert float(shown[0].removeprefix("p = ")) == pytest.approx(own["p_mrqap"].iloc[0], abs=5e-3)
    dots = [collection for collection in left.collections if len(collection.get_offsets())]
    first = dots[0].get_offsets()[0]
    assert first[0] == pytest.approx(own["mrqap_coefficient"].iloc[0], abs=1e-6)
    assert all("p " in text.get_text() for text in right.texts)


def test_a_model_with_several_sources_has_their_figures_too(folder, tmp_path):
    scores, features = pd.read_csv(folder / "scores.csv"), pd.read_csv(folder / "features.csv")
    own = scores[(scores["model"] == "mini") & (scores["shots"] == 0)]
    key = ["ner", "mini", "ar+en", 600, "fi", "ner", 0, "direct", 1, "f1"]
    both = pd.concat([own, pd.DataFrame([[*key, 0.4]], columns=COLUMNS)])
    both.to_csv(tmp_path / "scores.csv", index=False)
    analyse(tmp_path / "scores.csv", features, tmp_path, 19)
    write_figures(read_scores(tmp_path / "scores.csv"), features, tmp_path, tmp_path / "figures")
    drawn = {path.name for path in (tmp_path / "figures" / "ner" / "mini").glob("*.svg")}
    several = {f"multi-source-{name}.svg" for name in ("arms", "curves", "sizes")}
    assert several <= drawn
    assert "few-shot.svg" not in drawn


def test_scores_without_features_have_their_figures_too(tmp_path):
    cells = [(one, other, 0.1 + 0.01 * ord(one)) for one in "abcdef" for other in "abcdef"]
    pd.DataFrame(cells, columns=["source", "target", "score"]).to_csv(tmp_path / "scores.csv", index=False)
    features, own = pd.DataFrame(columns=["source", "target"]), Languages({"a": OwnLanguage(name="Ashen")})
    analyse(tmp_path / "scores.csv", features, tmp_path, 9, scale="none", languages=own)
    scores = read_scores(tmp_path / "scores.csv", "none")
    write_figures(scores, features, tmp_path, tmp_path / "figures", scale="none", languages=own)
    folder = tmp_path / "figures" / "unnamed" / "unnamed"
    assert {path.stem for path in folder.glob("*.svg")} >= {
        "matrix-shots-0",
        "variance-bars",
        "coefficients",
        "ranking",
    }
    assert "Ashen" in (folder / "matrix-shots-0.svg").read_text(encoding="utf-8")
