"""Area under few-shot curves and shots saved, compared with closed forms and values computed by hand."""

import numpy as np
import pytest

from isogloss.analysis.few_shot.curve_area import describe_saved, find_worth, measure_area


def test_the_area_of_a_line_in_ln_is_the_mean_of_its_ends():
    shots = [0, 10, 50, 100, 500]
    line = {k: 0.2 + 0.1 * np.log1p(k) for k in shots}
    assert measure_area(line) == pytest.approx((line[0] + line[500]) / 2)
    assert measure_area(dict.fromkeys(shots, 0.4)) == pytest.approx(0.4)


def test_the_area_by_hand():
    # ln(1 + k) is 0, 1 and 3, so the trapezoids have widths 1 and 2.
    curve = {0: 0.1, np.e - 1: 0.3, np.e**3 - 1: 0.7}
    assert measure_area(curve) == pytest.approx((1 * 0.2 + 2 * 0.5) / 3)
    assert np.isnan(measure_area({10: 0.5}))


ALONE = {10: 0.2, 100: 0.5, 500: 0.6}


@pytest.mark.parametrize("score", [0.2, 0.31, 0.5, 0.55, 0.6])
def test_what_a_score_is_worth_is_the_inverse_of_lines_over_ln(score):
    sign, worth = find_worth(ALONE, score)
    assert sign == ""
    assert np.interp(np.log1p(worth), np.log1p(list(ALONE)), list(ALONE.values())) == pytest.approx(score)


def test_half_way_in_ln():
    assert find_worth({0: 0.0, 99: 1.0}, 0.5) == ("", pytest.approx(np.sqrt(100) - 1))


def test_nothing_is_extrapolated():
    assert find_worth(ALONE, 0.61) == (">", 500)
    assert find_worth(ALONE, 0.19) == ("<", 10)
    assert describe_saved(ALONE, 0, 0.7) == "> 500"
    assert describe_saved(ALONE, 100, 0.7) == "> 400"
    assert describe_saved(ALONE, 0, 0.1) == "< 10"
    assert describe_saved(ALONE, 10, 0.5) == "90"
    assert describe_saved({}, 10, 0.5) == ""


def test_a_curve_that_falls_is_made_monotone():
    # 0.5 and 0.3 are pooled to 0.4, which is reached at the smaller number of shots.
    assert find_worth({10: 0.2, 20: 0.5, 50: 0.3, 100: 0.6}, 0.4) == ("", 20)
    assert find_worth({10: 0.2, 20: 0.5, 50: 0.3, 100: 0.6}, 0.5)[1] == pytest.approx(
        np.expm1((np.log1p(50) + np.log1p(100)) / 2)
    )
