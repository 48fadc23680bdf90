"""Features of installed packages: compute them, check their values and write a feature table."""

import csv
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file
from isogloss.common.registry import load_part
from isogloss.features import FEATURES


def write_feature(name: str, languages: Sequence[str], text: Mapping[str, Path], out: str | os.PathLike) -> None:
    """Compute a feature of all ordered pairs of languages and write `source,target,NAME`, sorted, to 6 decimals.

    text: language -> train.parquet of its examples. A pair without a value is left out. Raises UserError, with the name
    of the package, if a value is not a finite number, a pair has two values, or a pair is not an ordered pair of
    different languages of the study.
    """
    where = f"package {FEATURES.find_package(name)}: feature {name!r}"
    values = _check(where, load_part(FEATURES.find(name).compute)(languages, text), languages)
    with complete_file(out) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["source", "target", name])
        writer.writerows([*pair, round(value, 6)] for pair, value in sorted(values.items()))


def _check(where: str, rows: Iterable[Any], languages: Sequence[str]) -> dict[tuple[str, str], float]:
    values: dict[tuple[str, str], float] = {}
    for row in rows:
        try:
            source, target, value = row
        except (TypeError, ValueError):
            raise UserError(f"{where}: returned {row!r}, not (source, target, value); correct the package") from None
        if source == target or not {source, target} <= set(languages):
            raise UserError(
                f"{where}: returned a value of {source} and {target}, which is not a pair of this study; "
                "correct the package"
            )
        if (source, target) in values:
            raise UserError(f"{where}: returned two values of {source} and {target}; correct the package")
        if not isinstance(value, Real) or not math.isfinite(value):
            raise UserError(
                f"{where}: the value of {source} and {target} is {value!r}, not a finite number; correct the package"
            )
        values[source, target] = float(value)
    return values
