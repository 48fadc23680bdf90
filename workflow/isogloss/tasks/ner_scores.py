"""Scores of named entity recognition; docs/reference/ner.md defines each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.entities import cut_text, read_entities, write_mention
from isogloss.tasks.word_tags import Prediction

MEASURES = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Item:
    """A gold or predicted entity. key: its position, or a unique name. type: its type. seen: whether it was seen in
    training."""

    key: tuple
    type: str
    seen: bool


def score_ner(
    types: Sequence[str],
    sentences: Sequence[TaggedSentence],
    predictions: Sequence[Prediction],
    seen: frozenset[tuple[str, str]],
) -> dict[str, dict[str, float | int | None]]:
    """Score predictions against the gold tags of their sentences.

    types: the entity types. seen: the mentions in training, as returned by `memorise_mentions`. Returns {"scores": name
    -> 0..1 or None, "support": name -> count}. A precision without predictions is None, as is a recall or F1 without
    gold entities.
    Raises ValueError if predictions and sentences do not match.
    """
    gold: list[Item] = []
    predicted: list[Item] = []
    for index, (sentence, prediction) in enumerate(zip(sentences, predictions, strict=True)):
        if len(prediction.tags) != len(sentence.tokens):
            raise ValueError(f"sentence {sentence.id}: {len(prediction.tags)} tags for {len(sentence.tokens)} words")
        gold += _list_items(index, sentence.tokens, sentence.tags, seen)
        predicted += _list_items(index, sentence.tokens, prediction.tags, seen)
        predicted += [
            Item((index, "unaligned", order), kind, write_mention(kind, text) in seen)
            for order, (kind, text) in enumerate(prediction.unaligned)
        ]

    scores = _score_with_seqeval(sentences, predictions)
    scores["span_f1"] = _score_strings(sentences, predictions)
    for kind in types:
        of_kind = [[item for item in side if item.type == kind] for side in (gold, predicted)]
        scores[f"f1_{kind}"] = _rate(*of_kind)[2]
    for name, wanted in (("seen", True), ("unseen", False)):
        split = [[item for item in side if item.seen is wanted] for side in (gold, predicted)]
        for metric, value in zip(MEASURES, _rate(*split), strict=True):
            scores[f"{metric}_{name}"] = value

    support = {
        "sentences": len(sentences),
        "words": sum(len(sentence.tokens) for sentence in sentences),
        "entities": len(gold),
        "predicted": len(predicted),
        "entities_seen": sum(item.seen for item in gold),
        "predicted_seen": sum(item.seen for item in predicted),
        "unaligned": sum(len(prediction.unaligned) for prediction in predictions),
        "lost_words": sum(prediction.lost_words for prediction in predictions),
        "split_sentences": sum(prediction.pieces > 1 for prediction in predictions),
    }
    return {"scores": scores, "support": support}


def count_entities(
    sentences: Sequence[TaggedSentence], predictions: Sequence[Prediction]
) -> list[tuple[int, int, int]]:
    """Return the numbers of (correct, gold, predicted) entities of each sentence.

    2 correct / (gold + predicted), each summed over all sentences, is `f1`. A span that could not be aligned counts as
    a predicted entity that is not correct.
    """
    counts = []
    for sentence, prediction in zip(sentences, predictions, strict=True):
        gold, predicted = set(read_entities(sentence.tags)), set(read_entities(prediction.tags))
        counts.append((len(gold & predicted), len(gold), len(predicted) + len(prediction.unaligned)))
    return counts


def _list_items(index: int, tokens: Sequence[str], tags: Sequence[str], seen: frozenset[tuple[str, str]]) -> list[Item]:
    return [
        Item((index, *entity), entity.type, write_mention(entity.type, cut_text(tokens, entity)) in seen)
        for entity in read_entities(tags)
    ]


def _rate(gold: Iterable[Item], predicted: Iterable[Item]) -> tuple[float | None, float | None, float | None]:
    """Return precision, recall and F1. F1 is 2 correct / (gold + predicted), the harmonic mean of the other two."""
    gold_keys, predicted_keys = {item.key for item in gold}, {item.key for item in predicted}
    correct = len(gold_keys & predicted_keys)
    precision = correct / len(predicted_keys) if predicted_keys else None
    recall = correct / len(gold_keys) if gold_keys else None
    f1 = 2 * correct / (len(gold_keys) + len(predicted_keys)) if gold_keys else None
    return precision, recall, f1


def _score_with_seqeval(
    sentences: Sequence[TaggedSentence], predictions: Sequence[Prediction]
) -> dict[str, float | None]:
    """Return micro precision, recall and F1 in seqeval's default mode and in its strict IOB2 mode.

    Each unaligned span is added as a word after its sentence with the gold tag O, so it is a false positive.
    """
    from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
    from seqeval.metrics.v1 import precision_recall_fscore_support as score_strictly
    from seqeval.scheme import IOB2

    gold = [[*s.tags, *["O"] * len(p.unaligned)] for s, p in zip(sentences, predictions, strict=True)]
    predicted = [[*p.tags, *(f"B-{kind}" for kind, _ in p.unaligned)] for p in predictions]
    if not gold:
        return dict.fromkeys(f"{prefix}{name}" for prefix in ("", "strict_") for name in MEASURES)
    options = {"average": "micro", "zero_division": 0}
    lenient = precision_recall_fscore_support(gold, predicted, **options)
    strict = score_strictly(gold, predicted, scheme=IOB2, **options)

    scores: dict[str, float | None] = {}
    for prefix, rates, begins in (("", lenient, ("B-", "I-")), ("strict_", strict, ("B-",))):
        supported = any(tag.startswith(begins) for tags in predicted for tag in tags)
        support = (supported, rates[3], rates[3])  # predictions for precision, gold for the others
        for name, rate, given in zip(MEASURES, rates[:3], support, strict=True):
            scores[prefix + name] = float(rate) if given else None
    return scores


def _score_strings(sentences: Sequence[TaggedSentence], predictions: Sequence[Prediction]) -> float | None:
    """Return mT5's span F1: multisets of (type, string), matched sentence by sentence.

    Source: google-research/multilingual-t5, `span_f1`. That function drops a span whose string contains a colon, both
    in gold and in predictions; this function keeps it.
    """
    correct = wanted = given = 0
    for sentence, prediction in zip(sentences, predictions, strict=True):
        gold = Counter(_list_strings(sentence.tokens, sentence.tags))
        spans = prediction.spans
        predicted = Counter(_list_strings(sentence.tokens, prediction.tags) if spans is None else spans)
        correct += (gold & predicted).total()
        wanted += gold.total()
        given += predicted.total()
    return 2 * correct / (wanted + given) if wanted else None


def _list_strings(tokens: Sequence[str], tags: Sequence[str]) -> list[tuple[str, str]]:
    return [(entity.type, cut_text(tokens, entity)) for entity in read_entities(tags)]
