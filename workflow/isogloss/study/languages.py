"""Parse the config key `languages`: codes, and the facts that a study gives of some languages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.facts import Facts, find_script
from isogloss.common.languages import CODE, LANGUAGES, find_language, resolve_code
from isogloss.study.reading.schema import say_where

COMPARED = "syntax"
"""The values by which strategies compare languages while a study is planned."""


def parse_languages(entries: Sequence[str | Mapping[str, str]]) -> tuple[tuple[str, ...], dict[str, Facts]]:
    """Return the codes of the languages, and the facts of those for which the study gives facts.

    entries: codes, and mappings with `code` and facts. Raises UserError for an unknown code without a name, a code that
    occurs twice, an unknown script, and a language in `like` that has no values.
    """
    facts: dict[str, Facts] = {}
    codes: list[str] = []
    for place, entry in enumerate(entries):
        where = f"languages[{place}]"
        code = entry if isinstance(entry, str) else entry["code"]
        with say_where("languages" if isinstance(entry, str) else f"{where}.code"):
            if code not in LANGUAGES and not (isinstance(entry, Mapping) and _is_own(code, entry)):
                find_language(code)
        if code in codes:
            raise UserError(f"config: {where}: {code} is in the list twice; remove one of them")
        codes.append(code)
        if isinstance(entry, Mapping) and len(entry) > 1:
            facts[code] = _parse_facts(entry, where)
    return tuple(codes), facts


def _is_own(code: str, entry: Mapping[str, Any]) -> bool:
    """Return whether an entry defines a language that no table has. Raises UserError if only its name is missing."""
    if not re.fullmatch(CODE, code) or resolve_code(code):
        return False
    if "name" not in entry:
        raise UserError(f"no language has the code {code!r}; correct it, or add `name` if this code is your own")
    return True


def _parse_facts(entry: Mapping[str, str], where: str) -> Facts:
    facts = {key: value.strip() for key, value in entry.items() if key != "code"}
    if "script" in facts:
        with say_where(f"{where}.script"):
            facts["script"] = find_script(facts["script"])
    if like := facts.get("like"):
        with say_where(f"{where}.like"):
            if like == entry["code"]:
                raise UserError(f"{like} is the language itself; write the code of another language")
            if COMPARED not in find_language(like).values:
                raise UserError(
                    f"lang2vec has no values for {like} ({find_language(like).name}); write a language that it has"
                )
    return Facts(**facts)
