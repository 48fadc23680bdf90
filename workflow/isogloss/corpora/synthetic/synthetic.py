"""The synthetic corpus: named-entity sentences made offline from CLDR and Faker names and written patterns.

Two fifths of the mentions of every split are shared by all splits, the others are the split's own; a part of
the patterns, too, is shared and a part each split's own. Looking up training mentions therefore scores
about 2 * 0.4 / (0.4 + 1) = 0.57 in F1 on test at best.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, TaggedSentence
from isogloss.corpora.synthetic.mentions import ENTITY_TYPE_OF, Mentions, collect_mentions, draw_mention
from isogloss.corpora.synthetic.names import Names, read_names
from isogloss.corpora.synthetic.sheets import list_languages, read_sheet

NOTICE = (
    "These scores are of a made-up demonstration corpus (sentences from patterns, names from CLDR and Faker) "
    "and say nothing about real text."
)

# What each of the languages with a sheet delivers; the unit tests ask one for all of it.
LIMITS = {"train": 5000, "validation": 500, "test": 500}
SHARED_PATTERNS, OWN_PATTERNS = 0.35, 0.15  # of all patterns; own: of validation and of test; the rest is train's
FEWEST_WORDS, MOST_WORDS = 5, 20

_SHARED_MENTIONS = (True, True, False, False, False)
_TRIES = 200
_SLOT = re.compile(r"\{([A-Z]+)\}")
# Numbers after which Russian nouns take one form, the genitive plural; Arabic ones take one form in each range.
_FEW = range(5, 11)
_COUNT = tuple(n for n in range(15, 91) if n % 10 == 0 or n % 10 >= 5)


def load(
    options: Mapping[str, int], language: str, kind: str, splits: Sequence[str] = SPLITS
) -> dict[str, list[TaggedSentence]]:
    """Make the corpus of a language.

    options: sentences wanted of `train`, `validation`, `test`. Returns split -> sentences, the same ones in every
    process; the first sentences of a split do not depend on its size, nor does test on train's. A UserError names
    a kind of task, a language or a size that the corpus cannot deliver.
    """
    check(options, [language], kind)
    sheet = read_sheet(language)
    mentions = collect_mentions(sheet, read_names(sheet))
    patterns = divide_patterns(language, sheet.patterns)
    taken: set[tuple[str, ...]] = set()
    made = {split: _make_split(mentions, patterns[split], split, options[split], taken) for split in reversed(SPLITS)}
    return {split: made[split] for split in splits}


def check(
    options: Mapping[str, int],
    languages: Sequence[str],
    kind: str,
    cache: Path | None = None,
    splits: Sequence[str] = SPLITS,
) -> dict[str, int]:
    """Return how many training sentences each language will have: as many as asked for, none comes twice.

    Refuses, with a UserError, another kind of task than ner, languages without patterns and sizes that cannot be
    delivered. Keeps no cache.
    """
    if kind != "ner":
        raise UserError(
            f"corpus synthetic has no task of kind {kind!r}: it is for ner only; give this task a local or a hub corpus"
        )
    if not isinstance(options, Mapping) or set(options) != set(SPLITS):
        raise UserError(f"corpus synthetic: give the sizes of {', '.join(SPLITS)} and nothing else, not {options}")
    for split, limit in LIMITS.items():
        size = options[split]
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= limit:
            raise UserError(f"corpus synthetic: {split} is {size!r}: give a number of sentences from 1 to {limit}")
    known = list_languages()
    for language in languages:
        if language not in known:
            raise UserError(
                f"corpus synthetic has no sentence patterns for {language!r}: take some of {' '.join(known)}, "
                f"or add corpora/patterns/{language}.yaml"
            )
    return dict.fromkeys(languages, options["train"])


def covers(options: Mapping[str, int], languages: Sequence[str]) -> list[str]:
    """Return those of the languages that have a sheet."""
    known = list_languages()
    return [language for language in languages if language in known]


def files(options: Mapping[str, int], language: str, splits: Sequence[str] = SPLITS) -> list[Path]:
    """Return the files that the corpus of a language reads: none, it is made."""
    return []


def divide_patterns(language: str, patterns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return split -> the patterns it is made from: the shared ones and its own, which no other split has.

    Patterns with and without mentions are divided apart, so that training has sentences without any.
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
    """Make `size` sentences, none of them in `taken`, and add their tokens to it."""
    language = mentions.sheet.language
    rng = Random(f"{language} {split} sentences")
    pattern_deck = _shuffle_forever(patterns, rng)
    flag_decks = {kind: _shuffle_forever(_SHARED_MENTIONS, rng) for kind in sorted(set(ENTITY_TYPE_OF.values()))}
    sentences = []
    for pattern in pattern_deck:
        if len(sentences) == size:
            break
        # Drawn once a sentence, not once a try: refused tries must not shift the share of shared mentions.
        flags = [next(flag_decks[ENTITY_TYPE_OF[slot]]) for slot in _find_mention_slots(pattern)]
        drawn = _try_to_fill(mentions, pattern, split, flags, taken, rng)
        if drawn is None:
            raise UserError(
                f"corpus synthetic can make only {len(sentences)} different sentences of {language} {split}, "
                f"{size} are asked for: lower {split}"
            )
        taken.add(drawn[0])
        sentences.append(TaggedSentence(f"{language}-{split}-{len(sentences)}", language, *drawn))
    return sentences


def _try_to_fill(
    mentions: Mentions, pattern: str, split: str, flags: Sequence[bool], taken: set[tuple[str, ...]], rng: Random
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Fill a pattern until the sentence is new, of fitting length, and names nobody twice; None if it never is."""
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
    """Yield the items in a fresh random order, again and again: shares hold exactly, not only on average."""
    while True:
        yield from rng.sample(items, len(items))
