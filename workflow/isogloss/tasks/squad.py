"""Exact match and F1 of answers, as defined by the evaluation script of SQuAD 1.1 (Rajpurkar et al. 2016)."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise_answer(text: str) -> str:
    """Return an answer in lower case, without ASCII punctuation and English articles, with single spaces between words.

    As in the script, punctuation is removed before articles. The same rules apply to all languages.
    """
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def match_exactly(prediction: str, answer: str) -> float:
    """Return 1.0 if both are equal after normalisation, else 0.0."""
    return float(normalise_answer(prediction) == normalise_answer(answer))


def match_words(prediction: str, answer: str) -> float:
    """Return the F1 of two normalised answers as multisets of words; 0.0 if they have no word in common or both are
    empty."""
    given, wanted = normalise_answer(prediction).split(), normalise_answer(answer).split()
    shared = (Counter(given) & Counter(wanted)).total()
    return 2 * shared / (len(given) + len(wanted)) if shared else 0.0


def take_best(measure: Callable[[str, str], float], prediction: str, answers: Sequence[str]) -> float:
    """Return the maximum of a measure over the gold answers."""
    return max(measure(prediction, answer) for answer in answers)
