"""How much of one language's training text turns up in another's: word and subword overlap, both ways."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from isogloss.common.examples import read_examples
from isogloss.common.files import complete_file

Tokenise = Callable[[list[str]], list[list[str]]]
"""Strings in, the subword pieces of each out."""


def compute_overlap(types: Mapping[str, Collection[str]], prefix: str = "") -> pd.DataFrame:
    """Return the overlap of training types of every ordered pair of different languages.

    types: for each language, the distinct words (or subwords) of its labelled training text.
    Columns: source, target, {prefix}overlap_target = |S & T| / |T|, the share of the target's types that the
    source's training text has, and {prefix}overlap_source = |S & T| / |S|. NaN where a language has no types.
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
    """Return the distinct words of examples as written; with `tokenise`, the distinct subwords of their lines."""
    if tokenise is None:
        return {word for example in examples for word in example.words}
    pieces = tokenise([line for example in examples for line in example.lines])
    return {piece for line in pieces for piece in line}


def write_overlap(
    corpora: Mapping[str, str | os.PathLike], out: str | os.PathLike, tokenise: Tokenise | None = None
) -> None:
    """Write compute_overlap of the training texts to a csv file, to 6 decimals.

    corpora: for each language, the train.parquet of its examples, of whatever task. With `tokenise` the columns are
    subword_overlap_target and subword_overlap_source, else overlap_target and overlap_source of words.
    """
    types = {language: collect_types(read_examples(path), tokenise) for language, path in corpora.items()}
    table = compute_overlap(types, prefix="" if tokenise is None else "subword_")
    with complete_file(out) as beside:
        table.round(6).to_csv(beside, index=False)
