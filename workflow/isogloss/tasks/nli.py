"""Natural language inference: the definition of the task. docs/reference/nli.md defines its format and its scores.

The input has the format of mT5 (google-research/multilingual-t5): `xnli: premise: P hypothesis: H`, with the answer 0,
1 or 2. The answer is not generated: only the logits of the three labels in the first step of the decoder are computed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from isogloss.common.examples import RELATIONS, SentencePair
from isogloss.tasks.base import Classification, Format, Piece, Task, forget, hide_special_tokens, rate_labels


@dataclass(frozen=True)
class Judgement:
    """The prediction of a model for one pair. label: the label. cut: whether the input was truncated at its end."""

    label: str
    cut: bool = False


def encode_pair(pair: SentencePair) -> tuple[Piece, ...]:
    """Return the single piece of a pair, with its label as the target."""
    premise, hypothesis = show_pair(pair)
    return (Piece(f"xnli: premise: {premise} hypothesis: {hypothesis}", (pair.label,)),)


def show_pair(pair: SentencePair) -> tuple[str, str]:
    """Return premise and hypothesis, without strings that a tokenizer could read as special tokens."""
    return hide_special_tokens(pair.premise), hide_special_tokens(pair.hypothesis)


def read_label(pair: SentencePair) -> str:
    """Return the gold label of a pair."""
    return pair.label


def decode_label(pair: SentencePair, outputs: Sequence[str], cut: int = 0) -> Judgement:
    """Return the judgement of a pair with the label that was read."""
    (label,) = outputs
    return Judgement(label, cut > 0)


def score_nli(
    pairs: Sequence[SentencePair], predictions: Sequence[Judgement], seen: frozenset = frozenset()
) -> dict[str, dict[str, float | int | None]]:
    """Score predicted labels. Returns {"scores": name -> 0..1 or None, "support": name -> count}."""
    gold = Counter(pair.label for pair in pairs)
    predicted = Counter(prediction.label for prediction in predictions)
    scores = rate_labels(RELATIONS, [pair.label for pair in pairs], [prediction.label for prediction in predictions])
    support = {
        "pairs": len(pairs),
        "words": sum(len(pair.words) for pair in pairs),
        **{f"gold_{label}": gold[label] for label in RELATIONS},
        **{f"predicted_{label}": predicted[label] for label in RELATIONS},
        "cut_inputs": sum(prediction.cut for prediction in predictions),
    }
    return {"scores": scores, "support": support}


def count_right(pairs: Sequence[SentencePair], predictions: Sequence[Judgement]) -> list[tuple[float, float, float]]:
    """Return (1 if correct else 0, 1, 1) for each pair. 2 correct / (1 + 1), each summed, is the accuracy."""
    return [(float(pair.label == one.label), 1.0, 1.0) for pair, one in zip(pairs, predictions, strict=True)]


LABEL = Format("label", "label", RELATIONS, encode_pair, decode_label)

NLI = Task(
    kind="nli",
    example=SentencePair,
    metric="accuracy",
    labels=RELATIONS,
    names=RELATIONS,
    memory=3000,
    formats={LABEL.name: LABEL},
    memorise=forget,
    score=score_nli,
    classification=Classification(RELATIONS, show_pair, read_label, lambda pair, label, cut: Judgement(label, cut)),
    count=count_right,
    columns={
        "premise": ("premise", "sentence1", "text_a", "text1"),
        "hypothesis": ("hypothesis", "sentence2", "text_b", "text2"),
        "label": ("label", "gold_label", "labels"),
    },
    parser="isogloss.corpora.readers.pairs:parse_pairs",
)
