"""Part-of-speech tagging: scores, counts and the format for text-to-text models."""

import random

import pytest
from sklearn.metrics import accuracy_score, f1_score

from isogloss.common.examples import TaggedSentence
from isogloss.tasks import find_task
from isogloss.tasks.pos import UPOS
from isogloss.tasks.word_tags import Prediction

POS = find_task("pos")


def make_sentence(text: str, tags: str) -> TaggedSentence:
    return TaggedSentence("a", "en", tuple(text.split()), tuple(tags.split()))


def test_the_17_universal_parts_of_speech():
    assert len(UPOS) == 17 and sorted(UPOS) == list(UPOS)
    assert POS.labels == POS.names == POS.tagging.labels == UPOS
    assert {name: form.labels for name, form in POS.formats.items()} == {"sentinel": UPOS}
    assert (POS.metric, POS.example) == ("accuracy", TaggedSentence)


def test_scores_computed_by_hand():
    train = [make_sentence("the dog saw It", "DET NOUN VERB PRON")]
    sentences = [
        make_sentence("the dog barks", "DET NOUN VERB"),
        make_sentence("it saw the saw .", "PRON VERB DET NOUN PUNCT"),
    ]
    predictions = [
        Prediction(("DET", "NOUN", "NOUN")),
        Prediction(("PRON", "VERB", "DET", "VERB", "O"), lost_words=1, pieces=2),
    ]
    result = POS.score(sentences, predictions, POS.memorise(train))
    scores, support = result["scores"], result["support"]
    assert scores["accuracy"] == 5 / 8
    # Seen: the, dog, saw, the, saw. Words are compared as they are written, so `it` is unseen.
    assert (scores["accuracy_seen"], scores["accuracy_unseen"]) == (4 / 5, 1 / 3)
    by_tag = {"DET": 1.0, "NOUN": 1 / 2, "VERB": 1 / 2, "PRON": 1.0, "PUNCT": 0.0}
    assert {tag: scores[f"f1_{tag}"] for tag in UPOS} == {tag: by_tag.get(tag) for tag in UPOS}
    assert scores["macro_f1"] == pytest.approx(3 / 5)
    assert {name: support[name] for name in support if not name.startswith(("gold_", "predicted_"))} == {
        "sentences": 2,
        "words": 8,
        "words_seen": 5,
        "lost_words": 1,
        "split_sentences": 1,
    }
    assert (support["gold_VERB"], support["predicted_VERB"], support["predicted_PUNCT"]) == (2, 2, 0)


def test_a_score_without_words_is_none_not_zero():
    result = POS.score([], [], frozenset())
    assert set(result["scores"].values()) == {None}
    one = make_sentence("the", "DET")
    scores = POS.score([one], [Prediction(("NOUN",))], frozenset())["scores"]
    assert (scores["accuracy"], scores["accuracy_seen"], scores["accuracy_unseen"]) == (0.0, None, 0.0)
    assert (scores["f1_DET"], scores["f1_NOUN"], scores["macro_f1"]) == (0.0, None, 0.0)


def test_predictions_that_do_not_fit_are_an_error_of_ours():
    with pytest.raises(ValueError, match="sentence a: 2 tags for 1 words"):
        POS.score([make_sentence("the", "DET")], [Prediction(("DET", "X"))], frozenset())
    with pytest.raises(ValueError):
        POS.score([make_sentence("the", "DET")], [], frozenset())


def draw_case(seed: int) -> tuple[list[TaggedSentence], list[Prediction]]:
    rng = random.Random(seed)
    tags = rng.sample(UPOS, rng.randint(1, 17))
    sentences = [
        TaggedSentence(str(number), "en", tuple(rng.choices("abcdef", k=length)), tuple(rng.choices(tags, k=length)))
        for number, length in enumerate(rng.choices(range(1, 8), k=rng.randint(1, 6)))
    ]
    guesses = [
        Prediction(tuple(tag if rng.random() < 0.6 else rng.choice(UPOS) for tag in one.tags)) for one in sentences
    ]
    return sentences, guesses


def test_equal_to_scikit_learn_on_random_taggings():
    for seed in range(200):
        sentences, predictions = draw_case(seed)
        gold = [tag for one in sentences for tag in one.tags]
        given = [tag for one in predictions for tag in one.tags]
        scores = POS.score(sentences, predictions, frozenset())["scores"]
        present = sorted(set(gold))
        by_tag = f1_score(gold, given, labels=present, average=None, zero_division=0)
        assert scores["accuracy"] == pytest.approx(accuracy_score(gold, given))
        assert [scores[f"f1_{tag}"] for tag in present] == pytest.approx(by_tag.tolist())
        assert scores["macro_f1"] == pytest.approx(by_tag.mean())
        correct, wanted, predicted = (sum(column) for column in zip(*POS.count(sentences, predictions), strict=True))
        assert 2 * correct / (wanted + predicted) == pytest.approx(scores["accuracy"])


def test_a_long_sentence_is_read_in_pieces_and_lost_words_are_never_right():
    sentence = TaggedSentence("a", "en", ("w",) * 150, UPOS * 8 + UPOS[:14])
    form = POS.formats["sentinel"]
    first, second = (piece.target for piece in form.encode(sentence))
    prediction = form.decode(sentence, [first, second[:70]])
    assert (prediction.pieces, prediction.lost_words, prediction.tags[-5:]) == (2, 5, ("O",) * 5)
    assert POS.score([sentence], [prediction], frozenset())["scores"]["accuracy"] == pytest.approx(145 / 150)
