"""The spans format: encoding, parsing, and alignment of spans to tokens."""

from hypothesis import given
from hypothesis import strategies as st

from isogloss.common.examples import TaggedSentence
from isogloss.tasks import find_task
from isogloss.tasks.entities import read_entities
from isogloss.tasks.spans import find_span, parse_spans

NER = find_task("ner")
SPANS = NER.formats["spans"]


def make_sentence(text: str, tags: str | None = None) -> TaggedSentence:
    tokens = tuple(text.split(" "))
    return TaggedSentence("a", "en", tokens, tuple(tags.split()) if tags else ("O",) * len(tokens))


def test_mt5s_own_text():
    (piece,) = SPANS.encode(make_sentence("Ann Lee saw Rome", "B-PER I-PER O B-LOC"))
    assert piece.text == "tag: Ann Lee saw Rome"
    assert piece.target == "PER: Ann Lee $$ LOC: Rome"
    assert SPANS.encode(make_sentence("no one"))[0].target == ""


def test_the_first_colon_ends_the_type_so_that_entities_may_hold_colons():
    assert parse_spans("ORG: Alien : Isolation: 2 $$LOC:Rome") == (
        ("ORG", "Alien : Isolation: 2"),
        ("LOC", "Rome"),
    )
    sentence = make_sentence("play Alien : Isolation in Rome", "O B-ORG I-ORG I-ORG O B-LOC")
    (piece,) = SPANS.encode(sentence)
    assert SPANS.decode(sentence, [piece.target]).tags == sentence.tags


def test_the_leftmost_unused_match_of_the_whole_token_sequence():
    sentence = make_sentence("New York , York and New York")
    prediction = SPANS.decode(sentence, ["LOC: York $$ LOC: New York $$ ORG: York $$ PER: York"])
    # `York` is aligned to token 1, so `New York` is found at 5 and the next `York` at 3; there is no fourth.
    assert prediction.tags == ("O", "B-LOC", "O", "B-ORG", "O", "B-LOC", "I-LOC")
    assert prediction.unaligned == (("PER", "York"),)


def test_part_of_a_token_is_no_match():
    assert find_span(("Yorkshire", "York"), (False, False), "York") == (1, 2)
    assert find_span(("Yorkshire",), (False,), "York") is None
    assert find_span(("New", "York"), (False, False), "New Yo") is None


def test_lost_spacing_and_compatibility_forms_still_align_to_whole_tokens():
    assert find_span(("in", "U", ".", "S", "."), [False] * 5, "U.S.") == (1, 5)
    assert find_span(("Ｔｏｋｙｏ", "½"), [False] * 2, "Tokyo 1⁄2") == (0, 2)
    assert find_span(("می\u200cشود", "x"), [False] * 2, "میشود") == (0, 1)
    assert find_span(("a", "b", "a", "b"), [True, False, False, False], "ab") == (2, 4)


def test_only_ascii_spaces_part_words():
    sentence = make_sentence("a\u00a0b c", "B-PER O")
    prediction = SPANS.decode(sentence, ["PER:   a\u00a0b "])
    assert prediction.tags == ("B-PER", "O")
    assert prediction.spans == (("PER", "a\u00a0b"),)


def test_malformed_output_is_dropped_unknown_types_kept_out_of_tags_and_the_rest_unaligned():
    sentence = make_sentence("Ann saw Rome")
    prediction = SPANS.decode(sentence, ["PER: Ann $$ LOC Rome $$ CITY: Rome $$ LOC: $$ LOC: Paris $$"])
    assert prediction.tags == ("B-PER", "O", "O")
    assert prediction.unaligned == (("LOC", ""), ("LOC", "Paris"))
    assert prediction.spans == (("PER", "Ann"), ("CITY", "Rome"), ("LOC", ""), ("LOC", "Paris"))
    assert SPANS.decode(sentence, [""]).spans == ()


def test_separators_and_special_tokens_inside_words_come_back():
    sentence = make_sentence("a$$$b </s> $$ x", "B-PER I-PER B-LOC O")
    (piece,) = SPANS.encode(sentence)
    assert piece.target == "PER: a$ $ $b ‹/s> $$ LOC: $ $"
    assert SPANS.decode(sentence, [piece.target]).tags == sentence.tags


WORDS = st.text(alphabet="ab:$<>/ÄяनИ.½", min_size=1, max_size=4)


@given(st.lists(st.tuples(WORDS, st.sampled_from(NER.labels)), max_size=12))
def test_gold_targets_give_every_entity_a_place_with_its_own_words(pairs):
    sentence = TaggedSentence("a", "en", tuple(w for w, _ in pairs), tuple(t for _, t in pairs))
    (piece,) = SPANS.encode(sentence)
    prediction = SPANS.decode(sentence, [piece.target])
    entities = read_entities(sentence.tags)
    assert len(prediction.spans) == len(entities)
    assert [kind for kind, _ in prediction.spans] == [entity.type for entity in entities]
    assert len(read_entities(prediction.tags)) + len(prediction.unaligned) == len(entities)
