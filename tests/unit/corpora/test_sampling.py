"""The sentences that a run draws, and how they are mixed."""

import inspect
from collections import Counter

import pytest

from isogloss.common.errors import UserError
from isogloss.corpora.sampling import draw_shots, draw_source, mix

TRAIN = [f"s{number}" for number in range(1000)]


def test_draws_are_nested_and_without_repeats():
    source = draw_source(TRAIN, 600, task="ner", language="en", seed=1)
    shots = draw_shots(TRAIN, 100, task="ner", target="en", seed=1)
    assert len(set(source)) == 600 and len(set(shots)) == 100
    assert draw_source(TRAIN, 20, task="ner", language="en", seed=1) == source[:20]
    assert draw_shots(TRAIN, 20, task="ner", target="en", seed=1) == shots[:20]
    assert draw_shots(TRAIN, 0, task="ner", target="en", seed=1) == []


def test_draws_are_the_same_for_ever():
    assert draw_source(TRAIN, 3, task="ner", language="en", seed=1) == ["s149", "s949", "s668"]
    assert draw_shots(TRAIN, 3, task="ner", target="en", seed=1) == ["s887", "s345", "s498"]


def test_draws_differ_by_task_language_seed_and_role():
    draws = [
        draw_source(TRAIN, 20, task="ner", language="en", seed=1),
        draw_source(TRAIN, 20, task="ner", language="en", seed=2),
        draw_source(TRAIN, 20, task="ner", language="de", seed=1),
        draw_source(TRAIN, 20, task="ner2", language="en", seed=1),
        draw_shots(TRAIN, 20, task="ner", target="en", seed=1),
        draw_shots(TRAIN, 20, task="ner", target="en", seed=2),
    ]
    assert len({tuple(draw) for draw in draws}) == 6


def test_shots_know_no_model_source_or_arm():
    assert list(inspect.signature(draw_shots).parameters) == ["train", "k", "task", "target", "seed"]


def test_too_few_sentences_are_told_with_both_numbers():
    with pytest.raises(UserError, match=r"tasks\.ner: source sw: 1001 training sentences are needed, but only 1000"):
        draw_source(TRAIN, 1001, task="ner", language="sw", seed=1)
    message = r"tasks\.ner: shots of target sw: 1001 training sentences are needed, but only 1000 are available"
    with pytest.raises(UserError, match=message):
        draw_shots(TRAIN, 1001, task="ner", target="sw", seed=1)


@pytest.mark.parametrize(
    ("n", "k", "share", "expected"),
    [(600, 20, 1 / 3, 300), (600, 100, 1 / 3, 300), (600, 20, 0.5, 600), (100, 30, 0.25, 33), (10, 20, 1 / 3, 5)],
)
def test_mix_repeats_shots_to_their_share(n, k, share, expected):
    source, shots = [f"a{i}" for i in range(n)], [f"b{i}" for i in range(k)]
    mixed = mix(source, shots, share)
    counts = Counter(mixed[n:])
    assert mixed[:n] == source
    assert len(mixed) - n == expected
    assert expected / len(mixed) == pytest.approx(share, abs=1 / len(mixed))
    assert max(counts[shot] for shot in shots) - min(counts[shot] for shot in shots) <= 1


def test_mix_without_source_or_shots():
    assert mix([], ["b0", "b1"], 1 / 3) == ["b0", "b1"]
    assert mix(["a0", "a1"], [], 1 / 3) == ["a0", "a1"]
