"""Scores as people write them: decimal commas, percent signs, missing values, scales."""

from pathlib import Path

import pandas as pd
import pytest

from isogloss.analysis.files.numbers import has_numbers, is_missing, is_number, read_numbers
from isogloss.common.errors import UserError

PATH = Path("s.csv")


def read(*cells, scale="unit", separator=";"):
    return read_numbers(pd.Series(cells, dtype=object), PATH, scale, separator).tolist()


@pytest.mark.parametrize(
    ("cells", "scale", "numbers"),
    [
        (["0.5", ".25", "1", "1e-1"], "unit", [0.5, 0.25, 1, 0.1]),
        (["0,5", ",25", "1", "1e-1"], "unit", [0.5, 0.25, 1, 0.1]),
        (["50%", "25.5 %", "0%"], "unit", [0.5, 0.255, 0]),
        (["50,5%", "25 %", "0,1\u00a0%"], "unit", [0.505, 0.25, 0.001]),
        (["50", "0.5"], "percent", [0.5, 0.005]),
        (["34.5", "−2", "+7"], "none", [34.5, -2, 7]),
        (["50%", "25%"], "none", [0.5, 0.25]),
    ],
)
def test_a_notation_is_read(cells, scale, numbers):
    assert read(*cells, scale=scale) == pytest.approx(numbers)


def test_missing_values_are_nan():
    cells = ["", "-", "—", "NA", "n/a", "NaN", "null", "None", "0.5"]
    assert [*map(is_missing, cells)] == [True] * 8 + [False]
    assert pd.Series(read(*cells)).isna().tolist() == [True] * 8 + [False]
    assert pd.Series(read("", "-")).isna().all()


def test_what_looks_like_a_number():
    assert all(map(is_number, ["0.5", "1,5", "-3", "50 %", "1e5"]))
    assert not any(map(is_number, ["", "nan", "inf", "0.5 ± 0.1", "1.234,5", "**0.5**", "1_000"]))
    assert has_numbers(["0.5", "", "NA"]) and not has_numbers(["", "NA"]) and not has_numbers(["0.5", "x"])


@pytest.mark.parametrize(
    ("cells", "scale", "separator", "said"),
    [
        (
            ["0.5", "much"],
            "unit",
            ";",
            ":3: score is 'much', not a number in 0..1; correct it, or leave it empty if it",
        ),
        (["inf"], "none", ";", ":2: score is 'inf', not a number in -1e+09..1e+09; correct it, or leave it empty"),
        (
            ["0.5 ± 0.1"] * 3,
            "unit",
            ";",
            ":2: score is '0.5 ± 0.1', not a number in 0..1 (3 such scores of 3); correct",
        ),
        (["x" * 9999], "unit", ";", ":2: score is 'xxxxxxxxxxxxxxxxxxxxxxxxxxx...', not a number in 0..1"),
        (["0,5"], "unit", ",", ":2: score is '0,5', with a comma; write a decimal point"),
        (["0,5", "0.5", "0,4"], "unit", ";", ":3: score is '0.5': 2 of 3 scores have decimal commas, and this one is"),
        (
            ["0.5", "5%", "0.4"],
            "unit",
            ";",
            ":3: score is '5%': 1 of 3 scores have percent signs, and this one has one",
        ),
        (["50%", "5%", "0.4"], "unit", ";", ":4: score is '0.4': 2 of 3 scores have percent signs, and this one is"),
        (["50%", "120%"], "unit", ";", ":3: score is '120%', not a percentage in 0..100; correct it"),
        (
            ["74.5", "0.5"],
            "unit",
            ";",
            ":2: score is '74.5', probably a percentage; add --scale percent, or --scale none",
        ),
        (
            ["89,45", "53,8"],
            "unit",
            ";",
            ":2: score is '89,45', probably a percentage (2 such scores of 2); add --scale",
        ),
        (
            ["0.4", "0.5", "2.4"],
            "unit",
            ";",
            ":4: score is '2.4', not a number in 0..1; correct it, or add --scale none",
        ),
        (["-0.4", "0.5"], "unit", ";", ":2: score is '-0.4', not a number in 0..1; correct it, or add --scale none to"),
        (["174.5"], "unit", ";", ":2: score is '174.5', not a number in 0..1; correct it, or add --scale none to take"),
        (["74.5", "101"], "percent", ";", ":3: score is '101', not a percentage in 0..100; correct it, or add --scale"),
        (
            ["0.5", "1"],
            "percent",
            ";",
            ": no score is above 1, so the scores are not percentages; remove --scale percent",
        ),
        (["1e12"], "none", ";", ":2: score is '1e12', not a number in -1e+09..1e+09; correct it"),
    ],
)
def test_what_is_no_score_is_one_line(cells, scale, separator, said):
    with pytest.raises(UserError) as refusal:
        read(*cells, scale=scale, separator=separator)
    message = str(refusal.value).removeprefix(str(PATH))
    assert message.startswith(said)
    assert "\n" not in message and len(message) <= 260
