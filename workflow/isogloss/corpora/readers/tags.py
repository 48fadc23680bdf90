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


def list_counts(unknown: Counter[str]) -> str:
    """Return the most frequent of some labels with their counts, for a message."""
    parts = [f"{label[:30]!r} {count}" for label, count in unknown.most_common(5)]
    shown = _shorten(parts, 70)
    return ", ".join(parts[:shown]) + (f" and {len(unknown) - shown} more" if shown < len(unknown) else "")


def list_names(names: Sequence[str]) -> str:
    """Return the labels of a task, or the first of many, for a message."""
    return " ".join(names) if len(" ".join(names)) <= 60 else f"{' '.join(names[:4])} ..."


def suggest_labels(unknown: Counter[str], names: Sequence[str], *, prefixed: bool, default: str = NOTHING) -> str:
    """Return what to write for labels of a file that a task does not have. unknown: label -> how often it occurs.

    prefixed: whether the labels are entity types, to which a study can add. default: what is suggested for a label
    that has no likely meaning.
    """
    if not all(_is_name(label) for label in unknown):
        return "correct these lines, or remove them"
    numbered = all(label.isdecimal() for label in unknown)
    if numbered and prefixed:
        return "write `map: {0: O, 1: B-..., 2: I-...}` under the task, with the tag that each number means"
    numbers = dict(enumerate(names)) if numbered and default == NOTHING else {}
    guessed = {label: numbers.get(int(label), "") if numbers else _guess_tag(label, names) for label in unknown}
    entries = [f"{_quote(label)}: {guess or default}" for label, guess in guessed.items()]
    shown = _shorten(entries, 80)
    advice = f"write `map: {{{', '.join(entries[:shown])}{', ...' if shown < len(entries) else ''}}}` under the task"
    if numbers:
        advice += ", if this is what the numbers mean"
    new = [_quote(label) for label, guess in guessed.items() if not guess and label.upper() != NOTHING]
    if prefixed and new and shown == len(entries) and _shorten([*names, *new], 70) == len([*names, *new]):
        advice += f", or `labels: [{', '.join([*names, *new])}]` to keep {new[0] if len(new) == 1 else 'them'}"
    return advice


def _is_name(label: str) -> bool:
    """Return whether a label can be what its owner calls a class: not long, and without characters that do not show."""
    return 0 < len(label) <= 40 and label.isprintable() and not set(label) & set("\"'\\[]{}")


def _quote(label: str) -> str:
    """Return a label as it is written in a study file."""
    plain = re.fullmatch(r"[^\W_][\w./-]*( [\w./-]+)*", label) and label.casefold() not in _YAML_WORDS
    return label if plain else f'"{label}"'


def _shorten(parts: Sequence[str], limit: int) -> int:
    """Return how many of some parts, at least one, are together not longer than a number of characters."""
    ends = [sum(map(len, parts[: count + 1])) + 2 * count for count in range(len(parts))]
    return max(1, sum(end <= limit for end in ends))


def _guess_tag(label: str, names: Sequence[str]) -> str:
    """Return what a label or a tag in another form (`b-per`, `B_PER`, `PER-B`) means, or nothing."""
    found = _OTHER_TAG.fullmatch(label)
    if found:
        prefix, kind = (found[1], found[2]) if found[1] else (found[4], found[3])
        guess = _guess(kind, names)
        if guess:
            return f"{PREFIXES[prefix.upper()]}-{guess}"
    return _guess(label, names)


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
_OTHER_TAG = re.compile(r"([BIESULM])[-_](.+)|(.+)[-_]([BIESULM])", re.IGNORECASE)
_YAML_WORDS = ("yes", "no", "on", "off", "true", "false", "null", "nan")
"""Words that YAML does not read as text."""
