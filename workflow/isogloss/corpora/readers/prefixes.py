"""Prefixes of words with the code of a language, `sw:Kenya`, as the original files of WikiANN have them."""

import re
from collections import Counter
from collections.abc import Sequence

from isogloss.common.errors import UserError
from isogloss.corpora.forms.records import Record, Records

_PREFIX = re.compile(r"([a-z][a-z0-9-]{1,11}):(?!//)")
NEARLY_ALL = 0.99
"""Share of the words with the same prefix from which on it is no part of the words."""
MIXED = 0.5
"""Share of the words with any prefix above which a file is refused in which they do not have the same one."""


def cut_prefixes(records: Records, rows: Sequence[Record]) -> list[list[str]]:
    """Return the words of each sentence, without the prefix if nearly all words of the file have the same one.

    Raises UserError, with the line, if many words have a prefix but not nearly all have the same one, or if no word
    follows it.
    """
    sentences = [row.fields["tokens"] for row in rows]
    if not any(_PREFIX.match(word) for words in sentences for word in (words[0], words[-1])):
        return sentences
    found = Counter(match[1] for words in sentences for word in words if (match := _PREFIX.match(word)))
    total = sum(map(len, sentences))
    if found.total() <= MIXED * total:
        return sentences
    code, count = found.most_common(1)[0]
    prefix = f"{code}:"
    if count < NEARLY_ALL * total:
        odd = [(row, n) for row in rows for n, word in enumerate(row.fields["tokens"]) if not word.startswith(prefix)]
        raise UserError(
            f"{records.place(*odd[0])}: {len(odd)} of {total} words do not begin with {prefix!r} as the others do; "
            "remove the prefix from all words, or add it to these"
        )
    for row in rows:
        for place, word in enumerate(row.fields["tokens"]):
            if word == prefix:
                raise UserError(
                    f"{records.place(row, place)}: no word after the language prefix {prefix!r}; remove the line"
                )
    records.counts[f"words with the prefix {prefix!r}, which was removed"] += count
    return [[word.removeprefix(prefix) for word in words] for words in sentences]
