"""Arms with several sources, with the real snakemake: a new arm runs only its own jobs, a shared model trains once."""

import pandas as pd
from studies import make_study

ROOT = "results/small"
ENDS = {"scores": 1, "runs": 1, "analyse": 1, "multi_source": 1}
FIGURE = f"{ROOT}/figures/ner/crf/multi-source-arms.svg"


def read_arms(workspace) -> pd.DataFrame:
    table = pd.read_csv(workspace.folder / ROOT / "analysis/multi_source.csv", keep_default_na=False, na_values=[""])
    return table[table["metric"] == "f1"]


def read_times(workspace) -> dict[str, int]:
    times = workspace.read_times(f"{ROOT}/transfer")
    return {path: time for path, time in times.items() if path.endswith("metrics.json")}


def test_adding_an_arm_runs_only_that_arm(workspace):
    grid = {"sources": ["each", "none"], "n": 30, "shots": [0, 5]}
    workspace.write(make_study(transfer=grid))
    jobs = workspace.run(f"{ROOT}/analysis/summary.md")
    assert (jobs["finetune"], jobs["transfer"], jobs["adapt"]) == (3, 9, 9)
    assert "runs" not in jobs
    before = read_times(workspace)
    assert len(before) == 18

    grid["sources"].append("all-others")
    workspace.write(make_study(transfer=grid))
    assert workspace.run(FIGURE) == {"finetune": 3, "transfer": 3, "adapt": 3, **ENDS}
    assert before.items() <= read_times(workspace).items()
    table = read_arms(workspace)
    several = table[table["arm"] == "all-others"]
    assert several.groupby("shots").size().to_dict() == {0: 3, 5: 3}
    assert several[several["shots"] == 0]["sentences"].tolist() == [30, 30, 30]
    assert several["steps"].notna().all()
    assert (several["low"] <= several["high"]).all()
    text = (workspace.folder / ROOT / "analysis/multi_source.md").read_text(encoding="utf-8")
    assert "here is **supervised**" in text and "synthetic demonstration" in text

    # In a study of three languages, the two nearest are all others. The runs are the same, so nothing trains.
    grid["sources"].append("nearest-2")
    workspace.write(make_study(transfer=grid))
    assert workspace.run(FIGURE) == ENDS
    sources = read_arms(workspace).groupby("arm")["sources"].unique().map(sorted)
    assert sources["all-others"] == sources["nearest-2"] == ["de+en", "de+fi", "en+fi"]
