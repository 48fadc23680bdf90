"""Measure the cost of the correlation tables: processor seconds on one core and memory, with 10,000 permutations.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/analysis_speed.py [LANGUAGES FEATURES]

Prints one row per table, for random scores of 40 languages and 20 features. In rows with gaps, 1 of 20 pairs has no
score. QAP is the permutation test of each single feature, with Pearson's and Spearman's r, raw, double-centred and
within targets. Memory is the peak memory of the process up to this row.
"""

import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from isogloss.analysis.data.evidence import Evidence
from isogloss.analysis.data.matrices import arrange_setting
from isogloss.analysis.data.scores import COLUMNS, list_settings
from isogloss.analysis.pairs.correlation import tabulate_correlations
from isogloss.analysis.pairs.differences import tabulate_differences
from isogloss.analysis.pairs.partial import tabulate_partial
from isogloss.analysis.pairs.permutation import run_qap

PERMUTATIONS = 10000


def make_evidence(languages: int, features: int, gaps: float) -> Evidence:
    """Return random scores and features; gaps: proportion of pairs without a score."""
    generator = np.random.default_rng(0)
    names = [f"l{place:03}" for place in range(languages)]
    pairs = [(source, target) for source in names for target in names if source != target]
    scored = [pair for pair in pairs if generator.random() >= gaps]
    rows = [["ner", "m", s, 1, t, "ner", 0, "direct", 1, "f1", generator.random()] for s, t in scored]
    table = pd.DataFrame(pairs, columns=["source", "target"])
    values = {f"feature_{place}": generator.random(len(pairs)) for place in range(features)}
    return Evidence(pd.DataFrame(rows, columns=COLUMNS), table.assign(**values), PERMUTATIONS)


def run_alone(evidence: Evidence) -> dict:
    """Run the QAP test for every feature and transform."""
    setting = list_settings(evidence.scores)[0]
    return run_qap(arrange_setting(evidence.scores, evidence.features, setting), PERMUTATIONS, 0)


def measure(function: Callable[[Evidence], object], evidence: Evidence) -> str:
    """Return processor seconds and the peak memory so far (MB), as cells of a table row."""
    start = time.process_time()
    function(evidence)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{time.process_time() - start:.1f} | {memory:.0f}"


def main(languages: int, features: int) -> None:
    """Print the table."""
    print(f"| {languages} languages, {features} features | gaps | processor seconds | MB |")
    print("|---|---|---|---|")
    whole, gappy = (make_evidence(languages, features, gaps) for gaps in (0, 0.05))
    for name, function, evidence in (
        ("QAP", run_alone, whole),
        ("correlations.csv", tabulate_correlations, whole),
        ("differences.csv", tabulate_differences, whole),
        ("partial.csv", tabulate_partial, whole),
        ("QAP", run_alone, gappy),
    ):
        print(f"| {name} | {'yes' if evidence is gappy else 'no'} | {measure(function, evidence)} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3])) if len(sys.argv) > 2 else main(40, 20)
