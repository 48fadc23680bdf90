"""Tasks with other labels than the usual ones: entity types of any name, and names that are not possible."""

import random

import pytest
from seqeval.metrics.sequence_labeling import get_entities

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.tasks import TASKS, find_task
from isogloss.tasks.entities import read_entities
from isogloss.tasks.pos import UPOS
from isogloss.tasks.word_tags import Prediction

# fmt: off
UNUSUAL = (
    "DATE", "OtherPER", "LOCderiv", "PER-NOM", "Time Expression", "организация", "می‌خواهم", "ORG_2", "E-MAIL", "O2",
)
# fmt: on
SPANS = "which the format spans uses to separate entities; write another name, and translate the one in the files"


def make_sentence(text: str, tags: str | tuple[str, ...]) -> TaggedSentence:
    return TaggedSentence("a", "en", tuple(text.split()), tuple(tags.split()) if isinstance(tags, str) else tags)


def test_no_labels_and_the_usual_ones_in_any_order_are_the_registered_task():
    assert find_task("ner", ()) is find_task("ner", ["PER", "LOC", "ORG"]) is TASKS["ner"]
    assert find_task("pos", UPOS[::-1]) is TASKS["pos"]
    assert find_task("nli", ("neutral", "entailment", "contradiction")) is TASKS["nli"]
    assert (TASKS["ner"].names, TASKS["nli"].names, TASKS["qa"].names) == (
        ("LOC", "ORG", "PER"),
        ("entailment", "neutral", "contradiction"),
        (),
    )


def test_other_labels_reach_every_part_of_the_task():
    task = find_task("ner", ["PER", "DATE"])
    assert task.labels == ("O", "B-PER", "I-PER", "B-DATE", "I-DATE")
    assert task.names == ("PER", "DATE")
    assert task.tagging.labels == task.formats["sentinel"].labels == task.labels
    assert (task.kind, task.metric, task.example, task.memory) == ("ner", "f1", TaggedSentence, TASKS["ner"].memory)
    sentence = make_sentence("Ann came in May 2020 to Rome", "B-PER O O B-DATE I-DATE O O")
    scores = task.score([sentence], [Prediction(("B-PER", "O", "O", "B-DATE", "O", "O", "O"))], frozenset())["scores"]
    assert {name: scores[name] for name in scores if name.startswith("f1_")} == {
        "f1_PER": 1.0,
        "f1_DATE": 0.0,
        "f1_seen": None,
        "f1_unseen": 0.5,
    }
    assert task.memorise([sentence]) == {("ann", "PER"), ("may 2020", "DATE")}
    assert task.count([sentence], [Prediction(sentence.tags)]) == [(2, 2, 2)]
    assert "f1_DATE" not in TASKS["ner"].score([sentence], [Prediction(sentence.tags)], frozenset())["scores"]


def test_a_type_without_gold_has_no_score_and_a_test_set_without_entities_has_none():
    task = find_task("ner", UNUSUAL)
    some = make_sentence("Ann came", ("B-DATE", "O"))
    scores = task.score([some], [Prediction(("B-PER-NOM", "O"))], frozenset())["scores"]
    assert (scores["f1"], scores["f1_DATE"], scores["f1_PER-NOM"]) == (0.0, 0.0, None)
    empty = [make_sentence("it rains", "O O")] * 2
    scores = task.score(empty, [Prediction(("O", "O"))] * 2, frozenset())["scores"]
    assert set(scores.values()) == {None}
    scores = task.score(empty, [Prediction(("B-DATE", "O"))] * 2, frozenset())["scores"]
    assert {name for name, value in scores.items() if value is not None} == {
        *("precision", "strict_precision", "precision_unseen"),
    }


@pytest.mark.parametrize("kind", UNUSUAL)
def test_every_score_distinguishes_types_with_unusual_names(kind):
    task = find_task("ner", UNUSUAL)
    sentence = make_sentence("in May 2020", ("O", f"B-{kind}", f"I-{kind}"))
    right = task.score([sentence], [Prediction(sentence.tags)], task.memorise([sentence]))["scores"]
    named = ("f1", "strict_f1", "span_f1", "f1_seen", f"f1_{kind}")
    assert [right[name] for name in named] == [1.0] * 5
    other = UNUSUAL[UNUSUAL.index(kind) - 1]
    wrong = Prediction(("O", f"B-{other}", f"I-{other}"))
    assert [task.score([sentence], [wrong], frozenset())["scores"][name] for name in named] == [0, 0, 0, None, 0]
    spans = task.formats["spans"]
    (piece,) = spans.encode(sentence)
    assert piece.target == f"{kind}: May 2020"
    assert spans.decode(sentence, [piece.target]).tags == sentence.tags
    assert TASKS["ner"].formats["spans"].decode(sentence, [piece.target]).tags == ("O", "O", "O")


def test_generated_types_are_recognised_in_the_form_that_a_tokenizer_gives_them():
    spans = find_task("ner", ("ＴＩＭＥ", "می‌خواهم")).formats["spans"]
    prediction = spans.decode(make_sentence("in May today", "O O O"), ["TIME: May $$ میخواهم: today"])
    assert prediction.tags == ("O", "B-ＴＩＭＥ", "B-می‌خواهم")
    assert prediction.spans == (("ＴＩＭＥ", "May"), ("می‌خواهم", "today"))


def test_longer_types_may_generate_longer_outputs():
    added = {
        types: find_task("ner", types).formats["spans"].added for types in (("PER",), ("P",), ("Chemical", "DATE"))
    }
    assert added == {("PER",): 16, ("P",): 16, ("Chemical", "DATE"): 43}


def test_entities_of_random_tags_are_those_of_seqeval_for_any_types():
    task, rng = find_task("ner", UNUSUAL), random.Random(1)
    for _ in range(300):
        tags = rng.choices(task.labels, k=12)
        assert read_entities(tags) == [(kind, start, end + 1) for kind, start, end in get_entities(tags)]


@pytest.mark.parametrize(
    ("kind", "labels", "message"),
    [
        ("ner", ["PER", ""], "'' is empty; write a label, or remove it"),
        ("ner", ["PER", "\u00a0"], "'\\xa0' is empty; write a label, or remove it"),
        ("ner", ["B-PER", "I-PER"], "'B-PER' is a tag; write the entity type, such as 'PER'"),
        ("ner", ["B-"], "'B-' is a tag; write the entity type, such as 'PER'"),
        ("ner", ["O", "PER"], "'O' is not a label, because it marks what is not used; remove it"),
        ("ner", [" PER"], "' PER' has white space other than single spaces between words; correct it"),
        ("ner", ["PER\tLOC"], "'PER\\tLOC' has white space other than single spaces between words; correct it"),
        ("ner", ["Org:Gov"], f"'Org:Gov' contains ':', {SPANS}"),
        ("ner", ["US$"], f"'US$' contains '$', {SPANS}"),
        ("ner", ["<PER>"], f"'<PER>' contains '<', {SPANS}"),
        ("ner", ["PER", "PER-"], "'PER-' has a hyphen at its edge, which seqeval does not read; write another name"),
        (
            "ner",
            ["unseen"],
            "'unseen' cannot be an entity type, because f1_unseen is another score; write another name",
        ),
        ("ner", ["ＰＥＲ", "PER"], "'ＰＥＲ' and 'PER' differ only in their Unicode form; keep one of them"),
        ("pos", ["O", "NOUN"], "'O' is not a label, because it marks what is not used; remove it"),
        ("nli", ["yes", "no"], "the labels of kind nli are always entailment neutral contradiction; remove this key; "),
        ("qa", ["yes"], "kind qa has no labels; remove this key"),
    ],
)
def test_labels_that_are_not_possible_are_refused_in_one_line(kind, labels, message):
    with pytest.raises(UserError) as error:
        find_task(kind, labels)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value) and len(str(error.value)) < 200


def test_parts_of_speech_can_have_the_names_of_a_language():
    names = ("NN", "PRP$", ":", "``", "-LRB-", "B-x", "名詞-普通名詞")
    task = find_task("pos", names)
    assert task.labels == task.names == task.formats["sentinel"].labels == task.tagging.labels == names
