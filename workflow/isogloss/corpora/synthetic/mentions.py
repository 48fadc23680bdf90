"""Mentions for the synthetic corpus: people, places and organisations, either shared or specific to one split.

Shared mentions are a short list of complete mentions, so that most of them occur in training. A mention specific to a
split has a last name, a city or a country that no other split has. Its first name, or the type word of an organisation,
may also occur in other splits, as in real text.
"""

import re
from dataclasses import dataclass
from random import Random

from isogloss.corpora.synthetic.names import Names
from isogloss.corpora.synthetic.sheets import Sheet

ENTITY_TYPE_OF = {"PER": "PER", "MAN": "PER", "WOMAN": "PER", "CITY": "LOC", "COUNTRY": "LOC", "ORG": "ORG"}

_SHARED_SIZE = 50  # mentions per slot; 600 training sentences then contain 79 to 90% of the shared mentions in test
_GENDERS = {"MAN": "MALE", "WOMAN": "FEMALE"}
_SLOT = re.compile(r"\{([A-Z_]+)\}")


@dataclass(frozen=True)
class Mentions:
    """The material for the mentions of a language: its sheet, its names, and the shared mentions of each slot."""

    sheet: Sheet
    names: Names
    shared: dict[str, tuple[str, ...]]


def collect_mentions(sheet: Sheet, names: Names) -> Mentions:
    """Choose the shared mentions of a language. The choice is the same in every process."""
    rng = Random(f"{sheet.language} shared mentions")
    bare = Mentions(sheet, names, {})
    shared = {}
    for slot in ("MAN", "WOMAN", "CITY", "COUNTRY", "ORG"):
        drawn = dict.fromkeys(_compose_mention(bare, slot, "shared", rng) for _ in range(4 * _SHARED_SIZE))
        shared[slot] = tuple(drawn)[:_SHARED_SIZE]
    return Mentions(sheet, names, shared)


def draw_mention(mentions: Mentions, slot: str, split: str, is_shared: bool, rng: Random) -> str:
    """Draw a mention (tokens separated by spaces) for a slot of a pattern, either shared or specific to the split."""
    if slot == "PER":
        slot = rng.choice(("MAN", "WOMAN"))
    if is_shared:
        return rng.choice(mentions.shared[slot])
    return _compose_mention(mentions, slot, split, rng)


def _compose_mention(mentions: Mentions, slot: str, pool: str, rng: Random) -> str:
    forms = {"ORG": mentions.sheet.organisations, "CITY": ("{CITY}",), "COUNTRY": ("{COUNTRY}",)}
    gender = _GENDERS.get(slot, "MALE")

    def draw_part(match: re.Match) -> str:
        kind = match[1] if match[1] in mentions.names.pools else f"{match[1]}_{gender}"
        pools = mentions.names.pools[kind]
        # There are few first and middle names, so people specific to a split may also have shared ones.
        common = pools["shared"] if kind.startswith(("FIRST", "MIDDLE")) and pool != "shared" else ()
        return rng.choice(common + pools[pool])

    return _SLOT.sub(draw_part, rng.choice(forms.get(slot, mentions.sheet.people)))
