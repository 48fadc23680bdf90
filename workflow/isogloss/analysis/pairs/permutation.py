"""Select the cells of a setting that a QAP permutes, and run it for every feature and transform."""

from dataclasses import dataclass

import numpy as np

from isogloss.analysis.data.matrices import Matrices, find_common
from isogloss.analysis.statistics.conventions import FEWEST_LANGUAGES
from isogloss.analysis.statistics.qap import qap, qap_incomplete
from isogloss.analysis.statistics.transforms import TRANSFORMS, correlate, rank, standardise_cells, transform

Tests = dict[tuple[str, str], dict]
"""Results by (feature, transform): p_qap, spearman_p_qap, qap_r, qap_spearman_r, ..., note."""


@dataclass(frozen=True)
class _Block:
    """The matrices that a QAP permutes: scores and feature of K languages, and the ranks of both; NaN if missing."""

    pearson: tuple[np.ndarray, np.ndarray]
    spearman: tuple[np.ndarray, np.ndarray]
    known: np.ndarray

    @property
    def complete(self) -> bool:
        return bool((self.known | np.eye(len(self.known), dtype=bool)).all())


def run_qap(matrices: Matrices, permutations: int, seed: int) -> Tests:
    """Test every feature under every transform by QAP.

    The test permutes the languages that are both source and target of pairs with a score and a value of the feature.
    Features without missing cells among these languages are tested together; other features are tested one by one.
    Spearman's r is Pearson's r of ranks. Ranks are computed once, over all cells of these languages. With missing cells
    it therefore differs slightly from the r of the ranks within the cells that a permutation uses. A feature that
    cannot be tested has 0 permutations and a note.
    """
    tests: Tests = {}
    together: dict[tuple[int, ...], dict[str, _Block]] = {}
    for feature in matrices.features:
        places = find_common(matrices.know(feature))
        if len(places) < FEWEST_LANGUAGES:
            which = " that are both source and target" if len(matrices.languages) >= FEWEST_LANGUAGES else ""
            empty = _leave_out(seed, f"no QAP: it needs at least {FEWEST_LANGUAGES} languages{which}")
            tests |= {(feature, name): empty for name in TRANSFORMS}
            continue
        block = _cut_block(matrices, feature, places)
        common = {"qap_languages": len(places), "qap_pairs": int(block.known.sum()), "permutations": permutations}
        common |= {"seed": seed, "note": _describe_block(matrices, feature, block)}
        tests |= {(feature, name): common.copy() for name in TRANSFORMS}
        if block.complete:
            together.setdefault(tuple(places), {})[feature] = block
            continue
        for prefix, both in (("", block.pearson), ("spearman_", block.spearman)):
            for name, (r, p) in qap_incomplete(*both, permutations, seed).items():
                tests[feature, name] |= {f"qap_{prefix}r": r, f"{prefix}p_qap": p}
    for blocks in together.values():
        for name in TRANSFORMS:
            _test_together(tests, blocks, name, permutations, seed)
    for (feature, name), test in tests.items():
        if test["permutations"] and not np.isfinite(test.get("p_qap", np.nan)):
            tests[feature, name] = _leave_out(
                seed, f"no QAP: the feature or the scores are constant after the {name} transform"
            )
    return tests


def _leave_out(seed: int, note: str) -> dict:
    return {"permutations": 0, "seed": seed, "note": note}


def _cut_block(matrices: Matrices, feature: str, places: np.ndarray) -> _Block:
    cells = np.ix_(places, places)
    pearson, spearman = [], []
    for matrix in (matrices.score[cells], matrices.features[feature][cells]):
        there = np.isfinite(matrix)
        for kind, values in ((pearson, matrix), (spearman, rank(matrix, there.astype(float)))):
            kind.append(np.where(there, standardise_cells(values, there), np.nan))
    return _Block(tuple(pearson), tuple(spearman), matrices.know(feature)[cells])


def _test_together(tests: Tests, blocks: dict[str, _Block], name: str, permutations: int, seed: int) -> None:
    """Add the tests of features on the same languages without missing cells.

    A permutation of the languages also permutes residuals and ranks, so these are computed once.
    """
    for prefix, kind in (("", "pearson"), ("spearman_", "spearman")):
        weights = next(iter(blocks.values())).known.astype(float)
        score = transform(getattr(next(iter(blocks.values())), kind)[0], weights, name)
        left = {feature: transform(getattr(block, kind)[1], weights, name) for feature, block in blocks.items()}
        able = [feature for feature, one in left.items() if np.isfinite(correlate(score, one, weights))]
        if able:
            features = np.stack([left[feature] for feature in able])
            for feature, r, p in zip(able, *qap(score, features, permutations, seed), strict=True):
                tests[feature, name] |= {f"qap_{prefix}r": float(r), f"{prefix}p_qap": float(p)}


def _describe_block(matrices: Matrices, feature: str, block: _Block) -> str:
    """Return a note on which part of the matrix was permuted; empty for the whole matrix."""
    notes = []
    if len(block.known) < matrices.count_languages(feature):
        notes.append(f"QAP permutes the {len(block.known)} languages that are both source and target")
    cells = len(block.known) * (len(block.known) - 1)
    if not block.complete:
        notes.append(f"QAP is refitted for each permutation: {cells - block.known.sum()} of {cells} pairs are missing")
    return "; ".join(notes)
