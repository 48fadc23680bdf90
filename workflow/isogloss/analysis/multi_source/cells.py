"""The cells of one setting: every arm for every target."""

from collections.abc import Iterable

import numpy as np

from isogloss.analysis.multi_source.arms import (
    EQUAL_PER_SOURCE,
    EQUAL_TOTAL,
    HINDSIGHT,
    IN_LANGUAGE_ARM,
    MEAN_SINGLE,
    NONE_ARM,
    ORACLE,
    SELF_SUPERVISED,
    Cell,
    Point,
    Runs,
    rank_arm,
)
from isogloss.common.run import NO_SOURCE


def list_totals(runs: Runs) -> list[int]:
    """Return the totals n at which arms are compared.

    These are the totals of single sources, and the totals of sets that match no total of a single source. In the sense
    `self-supervised`, all arms have the same n of labelled sentences, so that every n is returned.
    """
    if runs.sense == SELF_SUPERVISED:
        return sorted({point.n for point in runs.scores})
    totals = {point.n for point in runs.scores if _is_transfer(point) and "+" not in point.sources}
    several = [point for point in runs.scores if _is_transfer(point) and "+" in point.sources]
    return sorted(totals | {point.n for point in several if not _find_budgets(point, totals)})


def list_ways(runs: Runs) -> list[tuple[str, int]]:
    """Return every (adaptation, shots) of the runs with sources."""
    return sorted({(point.adaptation, point.shots) for point in runs.scores if _is_transfer(point)})


def list_cells(runs: Runs, n: int, adaptation: str, shots: int) -> list[Cell]:
    """Return the cells of every arm and target at a total n, an adaptation and a number of shots.

    The cells are sorted by arm and target. Hindsight and oracle choose one of the single languages of the target at
    this n, and mean-single averages over them. If one of these languages has no score, the three arms are left out.
    """
    place = _place_pretraining if runs.sense == SELF_SUPERVISED else _place_sources
    cells = place(runs, n, adaptation, shots)
    for target in sorted({cell.target for cell in cells}):
        cells += _choose_afterwards(runs, target, n, adaptation, shots)
    return sorted(cells, key=lambda cell: (rank_arm(cell.arm), cell.budget, cell.target))


def _place_pretraining(runs: Runs, n: int, adaptation: str, shots: int) -> list[Cell]:
    """Return one cell per set and arm; all sets are used in the same way, with the same labelled sentences."""
    cells = []
    for point in runs.scores:
        if (point.n, point.adaptation, point.shots) == (n, adaptation, shots):
            budget = "" if point.sources == NO_SOURCE else EQUAL_TOTAL
            arms = runs.strategies[point.target, point.sources]
            cells += [Cell(arm, budget, point.target, (point,)) for arm in arms]
    return cells


def _is_transfer(point: Point) -> bool:
    return point.sources not in (NO_SOURCE, point.target)


def _find_budgets(point: Point, totals: Iterable[int]) -> dict[int, str]:
    """Return the totals of single sources that the set's n equals, in total or per source, each with its budget."""
    count = point.sources.count("+") + 1
    found = {n: EQUAL_PER_SOURCE for n in totals if count > 1 and point.n == n * count}
    return found | {n: EQUAL_TOTAL for n in totals if point.n == n}


def _place_sources(runs: Runs, n: int, adaptation: str, shots: int) -> list[Cell]:
    """Return a cell for each source set, and the cells without transfer.

    Target-only runs are included for every adaptation. In-language runs, which have no shots, are included at every
    number of shots.
    """
    totals = list_totals(runs)
    cells = []
    for point in runs.scores:
        if point.sources == NO_SOURCE:
            if point.shots == shots:
                cells.append(Cell(NONE_ARM, "", point.target, (point,)))
        elif point.sources == point.target:
            if point.n == n and point.shots == 0:
                cells.append(Cell(IN_LANGUAGE_ARM, EQUAL_TOTAL, point.target, (point,)))
        elif (point.adaptation, point.shots) == (adaptation, shots):
            budget = _find_budgets(point, totals).get(n)
            if budget:
                arms = runs.strategies[point.target, point.sources]
                cells += [Cell(arm, budget, point.target, (point,)) for arm in arms]
    return cells


def _choose_afterwards(runs: Runs, target: str, n: int, adaptation: str, shots: int) -> list[Cell]:
    singles = {
        point.sources
        for point in runs.scores
        if point.target == target and point.n == n and _is_transfer(point) and "+" not in point.sources
    }
    points = [Point(source, n, target, adaptation, shots) for source in sorted(singles)]
    if len(points) < 2 or any(point not in runs.scores for point in points):
        return []
    means = [float(np.mean(list(runs.scores[point].values()))) for point in points]
    cells = [Cell(ORACLE, EQUAL_TOTAL, target, (points[int(np.argmax(means))],), "test")]
    validated = [runs.validation.get((point.sources, n), np.nan) for point in points]
    if np.isfinite(validated).all():
        best = points[int(np.argmax(validated))]
        cells.append(Cell(HINDSIGHT, EQUAL_TOTAL, target, (best,), "the sources' validation"))
    return [*cells, Cell(MEAN_SINGLE, EQUAL_TOTAL, target, tuple(points))]
