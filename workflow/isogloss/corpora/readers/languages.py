"""Files with several languages: keep the entries of one, told by a column or by the ids."""

from collections import Counter
from functools import cache

from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES
from isogloss.corpora.forms.records import Record, Records


def keep_language(records: Records, language: str) -> Records:
    """Return the records that are in a language, and count the others.

    A column `language` tells the language of an entry by any of its codes or by its name. Entries without a language
    are left out if the column names other languages. Ids tell it if all of them begin with the English name of a
    language (`arabic-123-0`, as in TyDiQA). Raises UserError if no entry is in the language.
    """
    if records.unit == "word":
        return records
    of_rows = [_read_column(row) for row in records.rows]
    if not any(of_rows):
        of_rows = [_read_id(row) for row in records.rows]
        if not all(of_rows):
            return records
    if not {*of_rows} - {language, ""}:
        return records
    others = Counter(code or "no language" for code in of_rows if code != language)
    if others and language not in of_rows:
        found = ", ".join(f"{code} {count}" for code, count in others.most_common(6))
        raise UserError(
            f"{records.name}: no entry is in {language}; the file says that its languages are {found}; correct the "
            f"folder of the file, or leave {language} out of `languages`"
        )
    records.counts.update({f"entries in {code}": count for code, count in others.items()})
    rows = [row for row, code in zip(records.rows, of_rows, strict=True) if code == language]
    return Records(records.name, rows, records.unit, records.counts, records.labels)


def _read_column(row: Record) -> str:
    """Return the code of the language that the column of an entry names; empty if it names none."""
    named = row.fields.get("language")
    return _name_code(named.strip()) if isinstance(named, str) and named.strip() else ""


def _read_id(row: Record) -> str:
    """Return the code of the language with whose name the id of an entry begins; empty if there is none."""
    first = str(row.fields.get("id", "")).partition("-")[0]
    return _name_english(first) if first.isalpha() and first.islower() and len(first) > 3 else ""


@cache
def _name_code(named: str) -> str:
    """Return the code of this project for a code or an English name; the text itself if it is neither."""
    if named in LANGUAGES:
        return named
    # langcodes takes a while to load, and is needed only for other codes and names.
    import langcodes

    try:
        return langcodes.standardize_tag(named)
    except ValueError:
        return _name_english(named) or named


@cache
def _name_english(name: str) -> str:
    return next((code for code, one in LANGUAGES.items() if one.name.casefold() == name.casefold()), "")
