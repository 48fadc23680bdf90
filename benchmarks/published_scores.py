"""Convert published transfer matrices to the scores tables that `isogloss analyse` reads.

    python benchmarks/published_scores.py FOLDER OUT

FOLDER contains the published files of two studies. Rahimi et al. 2019 is the 41x40 matrix of direct transfer
(fig5_direct_transfer_target_rows_source_cols.csv; rows are targets, F1 in percent). Beukman & Fokam 2023 is the F1 of
each seed (per_seed_long.csv) and the counts of shared entity tokens (v50_data_all.csv; counted in the language of the
column). Writes rahimi.csv, beukman.csv and beukman_overlap.csv (features, in thousands of tokens) into OUT.
"""

import sys
from pathlib import Path

import pandas as pd


def convert_rahimi(folder: Path) -> pd.DataFrame:
    """Return source, target and score of each of the 1,640 ordered pairs."""
    matrix = pd.read_csv(folder / "fig5_direct_transfer_target_rows_source_cols.csv", index_col="target")
    cells = matrix.rename_axis(columns="source").stack().dropna().rename("percent").reset_index()
    cells["score"] = (cells["percent"] / 100).round(4)
    return cells[["source", "target", "score"]].assign(task="ner", model="bilstm-crf", metric="f1")


def convert_beukman(folder: Path) -> pd.DataFrame:
    """Return source, target, seed and score of the runs with start `base`, including in-language runs."""
    runs = pd.read_csv(folder / "per_seed_long.csv")
    runs = runs[runs["start"] == "base"].rename(columns={"f1": "score"})
    return runs[["source", "target", "seed", "score"]].assign(task="ner", model="xlm-r", metric="f1")


def convert_overlap(folder: Path) -> pd.DataFrame:
    """Return, for each ordered pair, the number of shared entity tokens, counted in the target and in the source."""
    counts = pd.read_csv(folder / "v50_data_all.csv", index_col=0)
    pairs = [(source, target) for source in counts.index for target in counts.columns if source != target]
    table = pd.DataFrame(pairs, columns=["source", "target"])
    table["overlap_target"] = [counts.loc[source, target] / 1000 for source, target in pairs]
    table["overlap_source"] = [counts.loc[target, source] / 1000 for source, target in pairs]
    return table


def main() -> None:
    """Convert the files in the folder given on the command line."""
    folder, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    converters = {"rahimi": convert_rahimi, "beukman": convert_beukman, "beukman_overlap": convert_overlap}
    for name, convert in converters.items():
        convert(folder).to_csv(out / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
