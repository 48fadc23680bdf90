"""Records with words and tags -> tagged sentences."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

from isogloss.common.annotation import NOTHING, Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.corpora.forms.records import Record, Records
from isogloss.corpora.forms.text import refuse_no_text
from isogloss.corpora.readers.prefixes import cut_prefixes
from isogloss.corpora.readers.tags import (
    NUMBERED,
    TagTable,
    convert_to_iob2,
    list_counts,
    list_names,
    make_entity_table,
    make_word_table,
    split_tag,
    suggest_labels,
)

UNLABELLED = "_"
"""The part of speech of a multiword token in Universal Dependencies."""


def parse_entities(records: Records, annotation: Annotation, language: str, split: str) -> list[TaggedSentence]:
    """Return the sentences of a file with IOB2 tags of the entity types of the task. Counts go to `records.counts`.

    Raises UserError, with the place of the first, for words that have no tag and for tags that the task does not have.
    """
    rows, tags = _list_tags(records, annotation, numbered=NUMBERED)
    counted = Counter(chain.from_iterable(tags))
    table = make_entity_table(counted, annotation.labels, annotation.map)
    _refuse_unknown(records, rows, tags, counted, table, annotation, prefixed=True)
    records.counts.update({f"words tagged {tag!r}": counted[tag] for tag in table.emptied})
    known = table.known
    read = [convert_to_iob2([known[tag] for tag in of_row]) for of_row in tags]
    if table.dropped:
        read = [_drop_types(of_row, table.dropped, records.counts) for of_row in read]
    return _make_sentences(records, rows, read, language, split)


def parse_words(records: Records, annotation: Annotation, language: str, split: str) -> list[TaggedSentence]:
    """Return the sentences of a file with one label of the task for each word, such as parts of speech."""
    rows, tags = _drop_unlabelled(records, *_list_tags(records, annotation))
    counted = Counter(chain.from_iterable(tags))
    table = make_word_table(counted, annotation.labels, annotation.map)
    _refuse_unknown(records, rows, tags, counted, table, annotation, prefixed=False)
    return _make_sentences(records, rows, [tuple(table.known[tag] for tag in one) for one in tags], language, split)


def _list_tags(
    records: Records, annotation: Annotation, numbered: Sequence[str] = ()
) -> tuple[list[Record], list[list[str]]]:
    """Return the records that have words, and their tags as text.

    numbered: the usual tag of each number, which is assumed if neither the file nor `map` says which tag it means.
    """
    if records.unit == "word":
        return records.rows, [row.fields["tags"] for row in records.rows]
    rows, tags = [], []
    for row in records.rows:
        words, given = row.fields["tokens"], row.fields["tags"]
        _check_lists(records, row, words, given)
        if words:
            rows.append(row)
            tags.append(given)
    if not any(type(tag) is int for given in tags for tag in given):
        return rows, tags
    names = records.labels or _assume_labels(records, tags, annotation, numbered)
    return rows, [_name_numbers(records, row, given, names) for row, given in zip(rows, tags, strict=True)]


def _drop_unlabelled(
    records: Records, rows: list[Record], tags: list[list[str]]
) -> tuple[list[Record], list[list[str]]]:
    """Return the records without words that have no label: multiword tokens, whose parts follow as words."""
    if not any(UNLABELLED in of_row for of_row in tags):
        return rows, tags
    kept_rows, kept_tags = [], []
    for row, of_row in zip(rows, tags, strict=True):
        places = [place for place, tag in enumerate(of_row) if tag != UNLABELLED]
        records.counts["words without a label"] += len(of_row) - len(places)
        if places:
            lines = [row.lines[place] for place in places] if records.unit == "word" else row.lines
            words = [row.fields["tokens"][place] for place in places]
            kept_rows.append(Record(lines, {**row.fields, "tokens": words}))
            kept_tags.append([of_row[place] for place in places])
    return kept_rows, kept_tags


def _check_lists(records: Records, row: Record, words: Any, tags: Any) -> None:
    place = records.place(row)
    if not all(isinstance(one, list) for one in (words, tags)):
        raise UserError(
            f"{place}: words and tags are not lists; write one list of words and one of tags, or a file with a word, a "
            "TAB and a tag on each line and a blank line after each sentence"
        )
    if len(words) != len(tags):
        raise UserError(f"{place}: has {len(words)} words and {len(tags)} tags; give each word one tag")
    if not all(isinstance(word, str) and word.strip(" ") for word in words):
        raise UserError(f"{place}: a word is empty or is not text; remove it together with its tag")
    refuse_no_text("".join(words), place)
    if not all(type(tag) in (str, int) for tag in tags):
        raise UserError(f"{place}: a tag is neither text nor a number; correct it")


def _assume_labels(
    records: Records, tags: list[list[Any]], annotation: Annotation, numbered: Sequence[str]
) -> tuple[str, ...]:
    """Return the usual tag of each number if the numbers fit; otherwise the numbers as text, for `map`."""
    highest = max((tag for given in tags for tag in given if type(tag) is int), default=0)
    as_text = tuple(map(str, range(highest + 1)))
    if any(number in annotation.map for number in as_text) or highest >= len(numbered):
        return as_text
    if any(split_tag(tag)[1] not in annotation.labels for tag in numbered[1:]):
        return as_text
    for given in tags:
        named = [numbered[tag] for tag in given if type(tag) is int and tag >= 0]
        if list(convert_to_iob2(named)) != named:  # an I- that continues nothing: the file counts in another order
            return as_text
    records.counts[f"sentences with numbered tags, read as {' '.join(numbered)}"] += len(tags)
    return tuple(numbered)


def _name_numbers(records: Records, row: Record, given: list[Any], names: Sequence[str]) -> list[str]:
    try:
        return [names[tag] if type(tag) is int and tag >= 0 else str(tag) for tag in given]
    except IndexError:
        raise UserError(
            f"{records.place(row)}: has the tag number {max(given)}, but only {len(names)} labels are known; "
            "correct `labels`, or choose another revision"
        ) from None


def _refuse_unknown(
    records: Records,
    rows: list[Record],
    tags: list[list[str]],
    counted: Counter[str],
    table: TagTable,
    annotation: Annotation,
    *,
    prefixed: bool,
) -> None:
    """Raise UserError for tags that the task does not have: where the first is, which there are, and what to write."""
    if not table.unknown:
        return
    unknown = set(table.unknown)
    first = next(
        (row, n) for row, given in zip(rows, tags, strict=True) for n, tag in enumerate(given) if tag in unknown
    )
    kinds: Counter[str] = Counter()
    for tag in table.unknown:
        kinds[split_tag(tag)[1] if prefixed else tag] += counted[tag]
    what = f"{kinds.total()} words have tags other than {list_names(annotation.labels)}: {list_counts(kinds)}"
    default = NOTHING if prefixed else "..."
    advice = suggest_labels(kinds, annotation.labels, prefixed=prefixed, default=default)
    raise UserError(f"{records.place(*first)}: {what}; {advice}")


def _drop_types(tags: tuple[str, ...], dropped: frozenset[str], counts: Counter[str]) -> tuple[str, ...]:
    counts.update(f"entities of type {tag[2:]!r}" for tag in tags if tag[0] == "B" and tag[2:] in dropped)
    return tuple("O" if tag[2:] in dropped else tag for tag in tags)


def _make_sentences(
    records: Records, rows: list[Record], tags: Sequence[tuple[str, ...]], language: str, split: str
) -> list[TaggedSentence]:
    cut = cut_prefixes(records, rows)
    return [
        TaggedSentence(f"{language}-{split}-{number}", language, tuple(words), of_row)
        for number, (words, of_row) in enumerate(zip(cut, tags, strict=True))
    ]
