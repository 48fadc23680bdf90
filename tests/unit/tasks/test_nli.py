"""NLI: its format, and scores equal to those of scikit-learn."""

import random
import warnings

import pytest
from sklearn.metrics import accuracy_score, f1_score

from isogloss.common.examples import RELATIONS, SentencePair
from isogloss.tasks import find_task
from isogloss.tasks.nli import Judgement

NLI = find_task("nli")
LABEL = NLI.formats["label"]


def make(labels):
    return [SentencePair(f"en-test-{n}", "en", f"p {n}", f"h {n}", label) for n, label in enumerate(labels)]


def test_a_pair_is_mt5_s_input_and_its_label_one_of_three_in_xnli_s_order():
    pair = SentencePair("x", "en", "A <b> c", "D </s>", "neutral")
    (piece,) = LABEL.encode(pair)
    assert piece.text == "xnli: premise: A ‹b> c hypothesis: D ‹/s>"
    assert piece.target == ("neutral",)
    assert LABEL.labels == RELATIONS == ("entailment", "neutral", "contradiction")
    assert LABEL.decode(pair, ["contradiction"], 1) == Judgement("contradiction", cut=True)
    assert list(NLI.formats) == ["label"]
    assert NLI.memorise([pair]) == frozenset()


def test_an_encoder_gets_the_two_texts_and_gives_a_label():
    (pair,) = make(["entailment"])
    assert NLI.classification.texts(pair) == ("p 0", "h 0")
    assert NLI.classification.gold(pair) == "entailment"
    assert NLI.classification.labels == RELATIONS
    assert NLI.classification.decode(pair, "neutral", False) == LABEL.decode(pair, ["neutral"], 0)


@pytest.mark.slow
def test_scores_are_scikit_learn_s_on_1000_random_cases():
    rng = random.Random(0)
    for _ in range(1000):
        size = rng.randrange(1, 30)
        used = rng.sample(RELATIONS, rng.randrange(1, 4))
        gold, given = rng.choices(used, k=size), rng.choices(RELATIONS, k=size)
        pairs, predictions = make(gold), [Judgement(label) for label in given]
        scores = NLI.score(pairs, predictions, frozenset())["scores"]
        assert scores["accuracy"] == pytest.approx(accuracy_score(gold, given))
        present = [label for label in RELATIONS if label in gold]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            each = f1_score(gold, given, labels=present, average=None, zero_division=0)
        assert [scores[f"f1_{label}"] for label in present] == pytest.approx(list(each))
        assert scores["macro_f1"] == pytest.approx(each.mean())
        assert {scores[f"f1_{label}"] for label in RELATIONS if label not in gold} <= {None}
        correct, wanted, predicted = map(sum, zip(*NLI.count(pairs, predictions), strict=True))
        assert 2 * correct / (wanted + predicted) == pytest.approx(scores["accuracy"])


def test_support_counts_labels_words_and_cut_inputs():
    pairs = make(["entailment", "neutral", "neutral"])
    predictions = [Judgement("neutral"), Judgement("neutral", cut=True), Judgement("contradiction")]
    result = NLI.score(pairs, predictions, frozenset())
    assert result["scores"]["accuracy"] == pytest.approx(1 / 3)
    assert result["support"] == {
        "pairs": 3,
        "words": 12,
        "gold_entailment": 1,
        "gold_neutral": 2,
        "gold_contradiction": 0,
        "predicted_entailment": 0,
        "predicted_neutral": 2,
        "predicted_contradiction": 1,
        "cut_inputs": 1,
    }
    assert set(NLI.score([], [], frozenset())["scores"].values()) == {None}
