"""Word and subword overlap: the share of the training vocabulary of one language that occurs in another, both ways."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from isogloss.common.examples import read_examples
from isogloss.common.files import complete_file

Tokenise = Callable[[list[str]], list[list[str]]]
"""Function from a list of strings to the list of subwords of each string."""


def compute_overlap(types: Mapping[str, Collection[str]], prefix: str = "") -> pd.DataFrame:
    """Return the overlap of training types for every ordered pair of different languages.

    types: for each language, the distinct words (or subwords) of its labelled training text, S for the source and T for
    the target. Columns: source; target; {prefix}overlap_target = |S & T| / |T|, the share of the target's types that
    occur in the training text of the source; {prefix}overlap_source = |S & T| / |S|. A share is NaN if the language in
    its denominator has no types.
    """
    sets = {language: frozenset(words) for language, words in sorted(types.items())}
    rows = []
    for source in sets:
        for target in sets:
            if source != target:
                shared = len(sets[source] & sets[target])
                rows.append((source, target, _share(shared, sets[target]), _share(shared, sets[source])))
    columns = ["source", "target", f"{prefix}overlap_target", f"{prefix}overlap_source"]
    return pd.DataFrame(rows, columns=columns)


def _share(shared: int, of: frozenset[str]) -> float:
    return shared / len(of) if of else float("nan")


def collect_types(examples: Sequence[Any], tokenise: Tokenise | None = None) -> set[str]:
    """Return the distinct words of examples, unchanged; with `tokenise`, the distinct subwords of their lines."""
    if tokenise is None:
        return {word for example in examples for word in example.words}
    pieces = tokenise([line for example in examples for line in example.lines])
    return {piece for line in pieces for piece in line}


def write_overlap(
    corpora: Mapping[str, str | os.PathLike], out: str | os.PathLike, tokenise: Tokenise | None = None
) -> None:
    """Compute the overlap of training texts and write it to a csv file, rounded to 6 decimals.

    corpora: for each language, the train.parquet of its examples, for any task. With `tokenise`, the columns are
    subword_overlap_target and subword_overlap_source; otherwise overlap_target and overlap_source, for words.
    """
    types = {language: collect_types(read_examples(path), tokenise) for language, path in corpora.items()}
    table = compute_overlap(types, prefix="" if tokenise is None else "subword_")
    with complete_file(out) as beside:
        table.round(6).to_csv(beside, index=False)
