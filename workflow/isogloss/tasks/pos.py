"""Part-of-speech tagging: the definition of the task. docs/reference/pos.md defines its format and its scores."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, partial

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Task, check_names, rate_labels
from isogloss.tasks.sentinel import make_sentinel
from isogloss.tasks.word_tags import Prediction, make_tagging

# fmt: off
UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)
# fmt: on
"""The universal parts of speech of Universal Dependencies 2 (de Marneffe et al. 2021)."""


def memorise_words(sentences: Sequence[TaggedSentence]) -> frozenset[tuple[str]]:
    """Return the set of words in training sentences, as they are written."""
    return frozenset((word,) for sentence in sentences for word in sentence.tokens)


def score_pos(
    names: Sequence[str],
    sentences: Sequence[TaggedSentence],
    predictions: Sequence[Prediction],
    seen: frozenset[tuple[str]],
) -> dict[str, dict[str, float | int | None]]:
    """Score predicted tags. Returns {"scores": name -> 0..1 or None, "support": name -> count}.

    names: the tags. seen: the words in training, as returned by `memorise_words`. An accuracy without words is None.
    Raises ValueError if predictions and sentences do not match.
    """
    for sentence, prediction in zip(sentences, predictions, strict=True):
        if len(prediction.tags) != len(sentence.tokens):
            raise ValueError(f"sentence {sentence.id}: {len(prediction.tags)} tags for {len(sentence.tokens)} words")
    words = [word for sentence in sentences for word in sentence.tokens]
    gold = [tag for sentence in sentences for tag in sentence.tags]
    predicted = [tag for prediction in predictions for tag in prediction.tags]
    known = [(word,) in seen for word in words]
    right = [one == other for one, other in zip(gold, predicted, strict=True)]
    scores = {
        **rate_labels(names, gold, predicted),
        "accuracy_seen": _average(one for one, was_seen in zip(right, known, strict=True) if was_seen),
        "accuracy_unseen": _average(one for one, was_seen in zip(right, known, strict=True) if not was_seen),
    }
    wanted, given = Counter(gold), Counter(predicted)
    support = {
        "sentences": len(sentences),
        "words": len(words),
        "words_seen": sum(known),
        **{f"gold_{name}": wanted[name] for name in names},
        **{f"predicted_{name}": given[name] for name in names},
        "lost_words": sum(prediction.lost_words for prediction in predictions),
        "split_sentences": sum(prediction.pieces > 1 for prediction in predictions),
    }
    return {"scores": scores, "support": support}


def count_words(sentences: Sequence[TaggedSentence], predictions: Sequence[Prediction]) -> list[tuple[int, int, int]]:
    """Return (correct tags, words, words) of each sentence. 2 correct / (words + words), summed, is the accuracy."""
    counts = []
    for sentence, prediction in zip(sentences, predictions, strict=True):
        right = sum(one == other for one, other in zip(sentence.tags, prediction.tags, strict=True))
        counts.append((right, len(sentence.tokens), len(sentence.tokens)))
    return counts


def _average(values: Iterable[bool]) -> float | None:
    values = list(values)
    return sum(values) / len(values) if values else None


@cache
def make_pos(names: tuple[str, ...]) -> Task:
    """Return the task with these tags, in this order. Raises UserError for a name that cannot be a tag."""
    check_names(names)
    sentinel = make_sentinel(names)
    return Task(
        kind="pos",
        example=TaggedSentence,
        metric="accuracy",
        labels=names,
        names=names,
        relabel=make_pos,
        memory=1800,
        formats={sentinel.name: sentinel},
        memorise=memorise_words,
        score=partial(score_pos, names),
        tagging=make_tagging(names),
        count=count_words,
        columns={
            "tokens": ("tokens", "token", "words", "word", "form", "text"),
            "tags": ("upos", "upos_tags", "pos", "pos_tags", "tags", "tag", "labels", "label"),
        },
        by_word="labels",
        parser="isogloss.corpora.readers.sentences:parse_words",
    )


POS = make_pos(UPOS)
