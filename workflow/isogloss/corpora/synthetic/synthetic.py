"""The synthetic corpus: named-entity sentences generated offline from patterns with names from CLDR and Faker.

In every split, two fifths of the mentions are shared by all splits and the others are specific to the split. Some
patterns are also shared, and others are specific to a split. A lookup of the training mentions therefore has an F1 of
at most about 2 * 0.4 / (0.4 + 1) = 0.57 on test.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import ENTITY_TYPES, SPLITS, TaggedSentence
from isogloss.corpora.base import Found, Loaded
from isogloss.corpora.synthetic.mentions import ENTITY_TYPE_OF, Mentions, collect_mentions, draw_mention
from isogloss.corpora.synthetic.names import Names, read_names
from isogloss.corpora.synthetic.sheets import list_languages, read_sheet

NOTICE = (
    "These scores are from a synthetic demonstration corpus (sentences from patterns, names from CLDR and Faker) "
    "and say nothing about real text."
)

# The number of sentences that every language with a sheet can provide; the unit tests request all of them.
LIMITS = {"train": 5000, "validation": 500, "test": 500}
# Shares of all patterns: shared by all splits, and specific to each of validation and test. Train has the rest.
SHARED_PATTERNS, OWN_PATTERNS = 0.35, 0.15
FEWEST_WORDS, MOST_WORDS = 5, 20

_SHARED_MENTIONS = (True, True, False, False, False)
_TRIES = 200
_SLOT = re.compile(r"\{([A-Z]+)\}")
# After these numbers, Russian nouns have one form, the genitive plural. Arabic nouns have one form in each range.
_FEW = range(5, 11)
_COUNT = tuple(n for n in range(15, 91) if n % 10 == 0 or n % 10 >= 5)


def load(options: Mapping[str, int], language: str, annotation: Annotation, splits: Sequence[str] = SPLITS) -> Loaded:
    """Generate the corpus of a language.

    options: the numbers of sentences in `train`, `validation` and `test`. The sentences are the same in every process.
    The first sentences of a split do not depend on its size, and test does not depend on the size of train. Raises
    UserError for a kind of task, a language or a size that the corpus does not support.
    """
    check(options, [language], annotation)
    sheet = read_sheet(language)
    mentions = collect_mentions(sheet, read_names(sheet))
    patterns = divide_patterns(language, sheet.patterns)
    taken: set[tuple[str, ...]] = set()
    made = {split: _make_split(mentions, patterns[split], split, options[split], taken) for split in reversed(SPLITS)}
    return Loaded({split: made[split] for split in splits})


def check(
    options: Mapping[str, int],
    languages: Sequence[str],
    annotation: Annotation,
    cache: Path | None = None,
    splits: Sequence[str] = SPLITS,
) -> dict[str, Found]:
    """Return the number of training sentences of each language: the requested number, since none is a duplicate.

    Raises UserError for a kind of task other than ner, a language without patterns, and an invalid size. Does not use
    `cache`.
    """
    if annotation.kind != "ner":
        raise UserError(
            f"corpus synthetic: does not support tasks of kind {annotation.kind!r}, only ner; use a local or a hub "
            f"corpus"
        )
    if not isinstance(options, Mapping) or set(options) != set(SPLITS):
        raise UserError(
            f"corpus synthetic: the options are {options}; set the sizes of {', '.join(SPLITS)} and nothing else"
        )
    for split, limit in LIMITS.items():
        size = options[split]
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= limit:
            raise UserError(f"corpus synthetic: {split} is {size!r}; set it to a number of sentences from 1 to {limit}")
    known = list_languages()
    for language in languages:
        if language not in known:
            raise UserError(
                f"corpus synthetic: no sentence patterns for language {language!r}; use some of {' '.join(known)}, "
                f"or add workflow/isogloss/corpora/synthetic/patterns/{language}.yaml"
            )
    if annotation.labels and not set(ENTITY_TYPES) <= set(annotation.labels):
        raise UserError(
            f"corpus synthetic: has entities of the types {' '.join(ENTITY_TYPES)}, but the task has "
            f"{' '.join(annotation.labels)}; "
            "leave out `labels`, or use a local or a hub corpus"
        )
    return dict.fromkeys(languages, Found(options["train"]))


def covers(options: Mapping[str, int], languages: Sequence[str]) -> list[str]:
    """Return the languages that have a sheet."""
    known = list_languages()
    return [language for language in languages if language in known]


def files(options: Mapping[str, int], language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return an empty list: the corpus is generated and reads no files."""
    return []


def divide_patterns(language: str, patterns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return split -> its patterns: the shared patterns and the patterns that only this split has.

    Patterns with and without mentions are divided separately, so that training has sentences without mentions.
    """
    rng = Random(f"{language} patterns")
    divided: dict[str, tuple[str, ...]] = dict.fromkeys(SPLITS, ())
    for has_mentions in (True, False):
        group = [pattern for pattern in patterns if bool(_find_mention_slots(pattern)) == has_mentions]
        rng.shuffle(group)
        shared, own = round(SHARED_PATTERNS * len(group)), round(OWN_PATTERNS * len(group))
        owned = {
            "validation": group[shared : shared + own],
            "test": group[shared + own : shared + 2 * own],
            "train": group[shared + 2 * own :],
        }
        divided = {split: (*divided[split], *group[:shared], *owned[split]) for split in SPLITS}
    return divided


def _find_mention_slots(pattern: str) -> list[str]:
    return [slot for slot in _SLOT.findall(pattern) if slot in ENTITY_TYPE_OF]


def _make_split(
    mentions: Mentions, patterns: Sequence[str], split: str, size: int, taken: set[tuple[str, ...]]
) -> list[TaggedSentence]:
    """Generate `size` sentences that are not in `taken`, and add their tokens to it."""
    language = mentions.sheet.language
    rng = Random(f"{language} {split} sentences")
    pattern_deck = _shuffle_forever(patterns, rng)
    flag_decks = {kind: _shuffle_forever(_SHARED_MENTIONS, rng) for kind in sorted(set(ENTITY_TYPE_OF.values()))}
    sentences = []
    for pattern in pattern_deck:
        if len(sentences) == size:
            break
        # Drawn once per sentence, not per try, so that rejected tries do not change the share of shared mentions.
        flags = [next(flag_decks[ENTITY_TYPE_OF[slot]]) for slot in _find_mention_slots(pattern)]
        drawn = _try_to_fill(mentions, pattern, split, flags, taken, rng)
        if drawn is None:
            raise UserError(
                f"corpus synthetic: {size} {split} sentences of {language} are requested, but only {len(sentences)} "
                f"different ones can be generated; lower {split} to {len(sentences)} or less"
            )
        taken.add(drawn[0])
        sentences.append(TaggedSentence(f"{language}-{split}-{len(sentences)}", language, *drawn))
    return sentences


def _try_to_fill(
    mentions: Mentions, pattern: str, split: str, flags: Sequence[bool], taken: set[tuple[str, ...]], rng: Random
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Fill a pattern until the sentence is new, has an allowed length and no mention twice; None if all tries fail."""
    for _ in range(_TRIES):
        tokens, tags, drawn = [], [], []
        for word in pattern.split(" "):
            slot = word.strip("{}")
            if slot in ENTITY_TYPE_OF:
                drawn.append(draw_mention(mentions, slot, split, flags[len(drawn)], rng))
                parts = drawn[-1].split(" ")
                kind = ENTITY_TYPE_OF[slot]
                tags += [f"B-{kind}"] + [f"I-{kind}"] * (len(parts) - 1)
                tokens += parts
            else:
                tokens.append(_SLOT.sub(lambda match: _draw_filler(match[1], mentions.names, rng), word))
                tags.append("O")
        is_fitting = FEWEST_WORDS <= len(tokens) <= MOST_WORDS and len(set(drawn)) == len(drawn)
        if is_fitting and tuple(tokens) not in taken:
            return tuple(tokens), tuple(tags)
    return None


def _draw_filler(slot: str, names: Names, rng: Random) -> str:
    fillers = {
        "DAY": range(1, 29),
        "MONTH": names.months,
        "WEEKDAY": names.weekdays,
        "YEAR": range(1950, 2025),
        "FEW": _FEW,
        "COUNT": _COUNT,
    }
    return str(rng.choice(fillers[slot]))


def _shuffle_forever(items: Sequence, rng: Random) -> Iterator:
    """Yield all items in a new random order, repeatedly, so that shares are exact and not only correct on average."""
    while True:
        yield from rng.sample(items, len(items))
