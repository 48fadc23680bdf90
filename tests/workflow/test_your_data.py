"""docs/your-data.md, as written: nine languages in the form of MasakhaNER, with DATE, from a folder to a matrix."""

from random import Random

import pandas as pd
import pytest
from documented import read_blocks
from studies import PROJECT

FOLDERS = ("hau", "ibo", "kin", "lug", "luo", "pcm", "swa", "wol", "yor")
SIZES = {"train": 40, "dev": 8, "test": 12}
TYPES = ("LOC", "ORG", "PER", "DATE")


def write_language(folder, language: str) -> None:
    """Write three files of a language. Names end in the type of their entity, so that a CRF can learn them."""
    draw = Random(language)
    for split, size in SIZES.items():
        sentences = []
        for number in range(size):
            kind = TYPES[number % len(TYPES)]
            name = f"{draw.choice('KMNRT')}{draw.choice('aeiou')}{language}{number}"
            lines = [
                f"{language}{split}{number} O",
                f"{name}{kind.lower()} B-{kind}",
                f"x{kind.lower()} I-{kind}",
                ". O",
            ]
            sentences.append("\n".join(lines) + "\n")
        path = folder / language / f"{split}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(sentences), encoding="utf-8")


@pytest.fixture(scope="module")
def african(tmp_path_factory):
    from studies import Workspace

    folder = tmp_path_factory.mktemp("african")
    for language in FOLDERS:
        write_language(folder / "data" / "african", language)
    (study,) = [block.text for block in read_blocks(PROJECT / "docs" / "your-data.md") if block.file == "african.yaml"]
    assert len(study.splitlines()) <= 10
    (folder / "study.yaml").write_text(study.replace("permutations: 1000", "permutations: 20"), encoding="utf-8")
    workspace = Workspace(folder)
    workspace.run()
    return folder / "results" / "african"


def test_every_ordered_pair_has_a_score_of_each_type(african):
    scores = pd.read_csv(african / "analysis" / "scores.csv")
    assert set(scores["n"]) == {SIZES["train"]}
    pairs = scores[scores["sources"] != scores["target"]]
    for metric in ("f1", *(f"f1_{kind}" for kind in TYPES)):
        assert len(pairs[pairs["metric"] == metric]) == 72, metric
    assert pairs.loc[pairs["metric"] == "f1_DATE", "score"].mean() > 0.8


def test_the_files_that_the_page_names_are_written(african):
    page = (PROJECT / "docs" / "your-data.md").read_text(encoding="utf-8")
    named = [part for part in page.split("`") if part.startswith("results/african/")]
    assert len(named) >= 2
    assert [name for name in named if not (african.parents[1] / name).is_file()] == []
