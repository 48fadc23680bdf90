"""Scores of NER: manually computed examples, and comparison with seqeval."""

import random
import time

import pytest
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2

from isogloss.common.examples import TaggedSentence
from isogloss.tasks import find_task
from isogloss.tasks.word_tags import Prediction

NER = find_task("ner")
score_ner = NER.score


def make_sentence(text: str, tags: str) -> TaggedSentence:
    return TaggedSentence("a", "en", tuple(text.split()), tuple(tags.split()))


def predict(tags: str, **others) -> Prediction:
    return Prediction(tuple(tags.split()), **others)


def test_conlleval_and_strict_iob2_differ_as_known():
    sentence = make_sentence("Ann Lee saw Rome", "B-PER I-PER O B-LOC")
    scores = score_ner([sentence], [predict("I-PER I-PER O I-LOC")], frozenset())["scores"]
    assert (scores["precision"], scores["recall"], scores["f1"]) == (1.0, 1.0, 1.0)
    assert (scores["strict_precision"], scores["strict_recall"], scores["strict_f1"]) == (None, 0.0, 0.0)
    assert (scores["f1_PER"], scores["f1_LOC"], scores["f1_ORG"]) == (1.0, 1.0, None)
    assert scores["span_f1"] == 1.0


def test_seen_and_unseen_counted_by_hand():
    sentences = [
        make_sentence("ann met Bob in Rome", "B-PER O B-PER O B-LOC"),
        make_sentence("Rome beat Oslo", "B-ORG O B-LOC"),
    ]
    predictions = [predict("B-PER O O O B-LOC"), predict("B-LOC O B-LOC")]
    seen = frozenset({("ann", "PER"), ("rome", "LOC"), ("bob", "LOC")})
    result = score_ner(sentences, predictions, seen)
    # Gold: ann and Rome LOC seen; Bob PER, Rome ORG and Oslo unseen.
    # Predicted: ann and twice Rome LOC seen; Oslo unseen.
    wanted = {
        "precision": 3 / 4,
        "recall": 3 / 5,
        "f1": 2 / 3,
        "precision_seen": 2 / 3,
        "recall_seen": 1.0,
        "f1_seen": 4 / 5,
        "precision_unseen": 1.0,
        "recall_unseen": 1 / 3,
        "f1_unseen": 1 / 2,
        "f1_PER": 2 / 3,
        "f1_LOC": 4 / 5,
        "f1_ORG": 0.0,
        "span_f1": 2 / 3,
    }
    assert {name: result["scores"][name] for name in wanted} == pytest.approx(wanted)
    assert result["support"] == {
        "sentences": 2,
        "words": 8,
        "entities": 5,
        "predicted": 4,
        "entities_seen": 2,
        "predicted_seen": 3,
        "unaligned": 0,
        "lost_words": 0,
        "split_sentences": 0,
    }


def test_unaligned_spans_are_false_positives_of_every_score():
    sentence = make_sentence("Ann saw Rome", "B-PER O B-LOC")
    prediction = NER.formats["spans"].decode(sentence, ["PER: Ann $$ LOC: Rome $$ LOC: Oslo $$ LOC: Oslo"])
    result = score_ner([sentence], [prediction], frozenset({("oslo", "LOC")}))
    scores, support = result["scores"], result["support"]
    assert (scores["precision"], scores["recall"]) == (0.5, 1.0)
    assert (scores["strict_precision"], scores["strict_recall"]) == (0.5, 1.0)
    assert scores["f1"] == scores["strict_f1"] == scores["span_f1"] == pytest.approx(2 / 3)
    assert (scores["precision_seen"], scores["precision_unseen"]) == (0.0, 1.0)
    assert (scores["f1_LOC"], scores["f1_PER"]) == (0.5, 1.0)
    assert (support["unaligned"], support["predicted"], support["predicted_seen"]) == (2, 4, 2)


def test_an_unaligned_span_joins_no_entity_at_the_end_of_the_sentence():
    sentence = make_sentence("saw Ann", "O B-PER")
    scores = score_ner([sentence], [predict("O B-PER", unaligned=(("PER", "Lee"),))], frozenset())["scores"]
    assert (scores["precision"], scores["recall"]) == (0.5, 1.0)


def test_span_f1_compares_multisets_of_strings_wherever_they_stand():
    sentence = make_sentence("Ann , Ann and Alien : Isolation", "B-PER O B-PER O B-ORG I-ORG I-ORG")
    prediction = predict("O O O O O O O", spans=(("PER", "Ann"), ("ORG", "Alien : Isolation"), ("CITY", "Ann")))
    scores = score_ner([sentence], [prediction], frozenset())["scores"]
    assert scores["span_f1"] == pytest.approx(2 * 2 / (3 + 3))  # one Ann and the entity with a colon
    assert scores["f1"] == 0.0


def test_a_value_without_support_is_none_and_silence_before_gold_is_zero():
    sentence = make_sentence("Ann", "B-PER")
    silent = score_ner([sentence], [predict("O")], frozenset())["scores"]
    assert (silent["precision"], silent["recall"], silent["f1"], silent["span_f1"]) == (None, 0.0, 0.0, 0.0)
    assert (silent["f1_PER"], silent["f1_LOC"], silent["recall_seen"]) == (0.0, None, None)
    no_gold = score_ner([make_sentence("x", "O")], [predict("B-PER")], frozenset())["scores"]
    assert (no_gold["precision"], no_gold["recall"], no_gold["f1"], no_gold["f1_PER"]) == (
        0.0,
        None,
        None,
        None,
    )
    assert set(score_ner([], [], frozenset())["scores"].values()) == {None}


def test_lost_words_and_split_sentences_are_counted():
    sentences = [make_sentence("Ann", "B-PER")] * 3
    predictions = [predict("B-PER"), predict("O", lost_words=1), predict("B-PER", pieces=3)]
    result = score_ner(sentences, predictions, frozenset())
    assert (result["support"]["lost_words"], result["support"]["split_sentences"]) == (1, 1)
    assert (result["scores"]["precision"], result["scores"]["recall"]) == (1.0, pytest.approx(2 / 3))


def test_predictions_that_do_not_fit_are_an_error_of_ours():
    with pytest.raises(ValueError, match="sentence a: 2 tags for 1 words"):
        score_ner([make_sentence("Ann", "B-PER")], [predict("O O")], frozenset())
    with pytest.raises(ValueError):
        score_ner([make_sentence("Ann", "B-PER")], [], frozenset())


def draw_case(seed: int) -> tuple[list[TaggedSentence], list[Prediction]]:
    rng = random.Random(seed)
    sentences, predictions = [], []
    for index in range(rng.randint(1, 6)):
        tokens = tuple(rng.choice("abcde") for _ in range(rng.randint(1, 9)))
        gold = tuple(rng.choices(NER.labels, k=len(tokens)))
        tags = tuple(tag if rng.random() < 0.6 else rng.choice(NER.labels) for tag in gold)
        sentences.append(TaggedSentence(str(index), "en", tokens, gold))
        predictions.append(Prediction(tags))
    return sentences, predictions


@pytest.mark.filterwarnings("error")
@pytest.mark.slow
def test_equal_to_seqeval_on_1000_random_taggings():
    for seed in range(1000):
        sentences, predictions = draw_case(seed)
        gold = [list(sentence.tags) for sentence in sentences]
        tags = [list(prediction.tags) for prediction in predictions]
        result = score_ner(sentences, predictions, frozenset({("a", "PER"), ("b c", "LOC"), ("d", "ORG")}))
        scores, support = result["scores"], result["support"]
        options = {"average": "micro", "zero_division": 0}
        strict = precision_recall_fscore_support(gold, tags, scheme=IOB2, **options)
        own = {
            "precision": precision_score(gold, tags, zero_division=0),
            "recall": recall_score(gold, tags, zero_division=0),
            "f1": f1_score(gold, tags, zero_division=0),
            **dict(zip(("strict_precision", "strict_recall", "strict_f1"), strict[:3], strict=True)),
        }
        assert {name: scores[name] or 0.0 for name in own} == pytest.approx(own)
        # The counts computed here agree with seqeval: seen and unseen entities add up to all entities.
        correct = sum(
            round((scores[f"recall_{name}"] or 0.0) * count)
            for name, count in (
                ("seen", support["entities_seen"]),
                ("unseen", support["entities"] - support["entities_seen"]),
            )
        )
        assert correct == pytest.approx(own["recall"] * support["entities"])
        assert correct == pytest.approx(own["precision"] * support["predicted"])


def test_ten_thousand_words_are_scored_within_two_seconds():
    sentences, predictions = [], []
    for seed in range(500):
        more_sentences, more_predictions = draw_case(seed)
        sentences += more_sentences
        predictions += more_predictions
    assert sum(len(sentence.tokens) for sentence in sentences) > 8000
    start = time.process_time()
    score_ner(sentences, predictions, frozenset())
    assert time.process_time() - start < 2
