"""Four languages, their similarities, and a lookup of table rows, for tests with several sources."""

import pandas as pd

FOUR = ["de", "en", "fi", "sw"]
# Similarity by syntax: de and en are nearest to each other, en is nearest to sw, de is nearest to fi.
NEAR = {
    ("de", "en"): 0.9,
    ("de", "fi"): 0.7,
    ("en", "sw"): 0.6,
    ("en", "fi"): 0.5,
    ("de", "sw"): 0.4,
    ("fi", "sw"): 0.3,
}
BEST = {"de": "en", "en": "de", "fi": "de", "sw": "en"}


def tabulate_syntax(languages: list[str], near: dict) -> pd.DataFrame:
    pairs = [(one, other) for one in languages for other in languages if one != other]
    return pd.DataFrame([(*pair, near[min(pair), max(pair)]) for pair in pairs], columns=["source", "target", "syntax"])


def pick(table: pd.DataFrame, **wanted) -> dict:
    chosen = table
    for column, value in wanted.items():
        chosen = chosen[chosen[column] == value]
    (found,) = chosen.to_dict("records")
    return found
