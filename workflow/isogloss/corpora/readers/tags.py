"""Tags of words in the many schemes of files, and their conversion to the tags of a task."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from isogloss.common.annotation import NOTHING

PREFIXES = {"B": "B", "I": "I", "S": "B", "U": "B", "E": "I", "L": "I", "M": "I"}
"""Prefix of a tag in IOB1, IOB2, IOBES, BMES and BILOU -> its prefix in IOB. `convert_to_iob2` then gives IOB2."""

NUMBERED = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""Tags in the order in which WikiANN, CoNLL 2003, XTREME and MasakhaNER number them."""


class TagTable(NamedTuple):
    """How the tags of a file become those of a task.

    known: tag in the file -> tag of the task; a tag of a dropped type keeps its type. dropped: types that `map` drops.
    emptied: whole tags that `map` makes `O`. unknown: tags that are neither labels of the task nor in `map`.
    """

    known: dict[str, str]
    dropped: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()


def split_tag(tag: str) -> tuple[str, str]:
    """Return prefix and type of a tag, such as `B` and `LOC`; the prefix is empty for a bare type."""
    if len(tag) > 2 and tag[1] == "-" and tag[0] in PREFIXES:
        return tag[0], tag[2:]
    return "", tag


def make_entity_table(tags: Iterable[str], names: Sequence[str], mapped: Mapping[str, str]) -> TagTable:
    """Return the table for tags of entities. names: the entity types of the task. mapped: `map` of the task.

    Entries of `map` are for entity types or for whole tags. Bare types (`PER`) are read as `I-PER` if no tag of the
    file has a prefix, so that adjacent words of a type form one entity.
    """
    known: dict[str, str] = {}
    dropped, emptied, unknown = set(), set(), []
    tags = list(tags)
    has_prefixes = any(split_tag(mapped.get(tag, tag))[0] for tag in tags)
    for tag in tags:
        whole = mapped.get(tag, tag)
        prefix, kind = split_tag(whole)
        meant = mapped.get(kind, kind)
        if whole == NOTHING:
            known[tag] = NOTHING
            emptied |= {tag} - {NOTHING}
        elif meant == NOTHING:
            known[tag] = f"{PREFIXES[prefix or 'I']}-{kind}"
            dropped.add(kind)
        elif meant in names and (prefix or not has_prefixes):
            known[tag] = f"{PREFIXES[prefix or 'I']}-{meant}"
        else:
            unknown.append(tag)
    return TagTable(known, frozenset(dropped), frozenset(emptied), tuple(unknown))


def make_word_table(tags: Iterable[str], names: Sequence[str], mapped: Mapping[str, str]) -> TagTable:
    """Return the table for labels of words, which have no prefixes."""
    known = {tag: mapped.get(tag, tag) for tag in tags}
    unknown = tuple(tag for tag, label in known.items() if label not in names)
    return TagTable(known, unknown=unknown)


def convert_to_iob2(tags: Sequence[str]) -> tuple[str, ...]:
    """Convert IOB1 or IOB2 tags to IOB2: an I-X that does not follow an X begins an entity and becomes B-X."""
    before = ("O", *tags)
    return tuple(
        f"B-{tag[2:]}" if tag.startswith("I-") and last[1:] != tag[1:] else tag
        for last, tag in zip(before, tags, strict=False)
    )


def suggest_labels(unknown: Counter[str], names: Sequence[str], *, prefixed: bool) -> str:
    """Return what to write for labels of a file that a task does not have. unknown: label -> how often it occurs.

    prefixed: whether the labels are entity types, which can be left out.
    """
    if not all(re.fullmatch(r"[^\W_][\w./ -]*", label) for label in unknown):
        return "correct these lines, or remove them"
    numbers = dict(enumerate(names)) if not prefixed and all(label.isdecimal() for label in unknown) else {}
    guessed = {label: numbers.get(int(label), "") if numbers else _guess(label, names) for label in unknown}
    entries = ", ".join(f"{label}: {guess or 'O'}" for label, guess in list(guessed.items())[:6])
    new = [label for label, guess in guessed.items() if not guess]
    advice = f"write `map: {{{entries}}}` under the task"
    if numbers:
        advice += ", if this is what the numbers mean"
    if prefixed and new and len(new) <= 8:
        advice += f", or `labels: [{', '.join([*names, *new])}]` to keep {new[0] if len(new) == 1 else 'them'}"
    return advice


def _guess(label: str, names: Sequence[str]) -> str:
    """Return the label of a task that another spelling means (`person`, `LOCATION`, `contradictory`), or nothing."""
    folded = label.casefold()
    for name in names:
        own = name.casefold()
        if own == folded or _SPELLINGS.get(own) == folded or (len(own) > 5 and folded.startswith(own[:8])):
            return name
        if len(folded) == 1 and len(own) > 5 and own.startswith(folded):
            return name
    return ""


_SPELLINGS = {"per": "person", "loc": "location", "org": "organization"}
