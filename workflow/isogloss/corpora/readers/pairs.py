"""Records with two texts and a label -> sentence pairs."""

from collections import Counter

from isogloss.common.annotation import NOTHING, Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import SentencePair
from isogloss.corpora.forms.records import Records
from isogloss.corpora.forms.text import refuse_no_text
from isogloss.corpora.readers.tags import list_counts, list_names, suggest_labels

UNLABELLED = ("", "-", "-1")
"""Labels of pairs on which annotators did not agree, in SNLI, MNLI and XNLI, or that have none."""


def parse_pairs(records: Records, annotation: Annotation, language: str, split: str) -> list[SentencePair]:
    """Return the pairs of a file. Pairs without a label or without one of the texts are left out and counted.

    Raises UserError, with the place of the first, for labels that the task does not have.
    """
    pairs, unknown, first = [], Counter(), ""
    for row in records.rows:
        premise, hypothesis, label = (row.fields[column] for column in ("premise", "hypothesis", "label"))
        label = _name_label(label, records)
        label = annotation.map.get(label, label)
        if label in UNLABELLED or label == NOTHING:
            records.counts["pairs without label" if label != NOTHING else "pairs that `map` leaves out"] += 1
            continue
        if label not in annotation.labels:
            unknown[label] += 1
            first = first or records.place(row)
            continue
        for text in (premise, hypothesis):
            if not isinstance(text, str | None):
                raise UserError(f"{records.place(row)}: premise or hypothesis is not text; correct it")
        if not (premise or "").strip() or not (hypothesis or "").strip():
            records.counts["pairs without text"] += 1
            continue
        refuse_no_text(premise + hypothesis, records.place(row))
        pairs.append(SentencePair(f"{language}-{split}-{len(pairs)}", language, premise, hypothesis, label))
    if unknown:
        advice = suggest_labels(unknown, annotation.labels, prefixed=False)
        raise UserError(
            f"{first}: {unknown.total()} pairs have labels other than {list_names(annotation.labels)}: "
            f"{list_counts(unknown)}; {advice}"
        )
    return pairs


def _name_label(label: object, records: Records) -> str:
    if type(label) is int and 0 <= label < len(records.labels):
        return records.labels[label]
    return "" if label is None else str(label).strip()
