"""What a study says of its languages: facts that come before those of common.languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.languages import LANGUAGES, Language, list_scripts


@dataclass(frozen=True)
class Facts:
    """Facts of a language in a study file. An empty field is looked up.

    name, family: in English. script: the English name of a script. like: the code of the language whose typological
    values stand for those of this language.
    """

    name: str = ""
    script: str = ""
    family: str = ""
    like: str = ""


NOTHING = Facts()
"""The facts of a language of which a study gives only the code."""


def read_facts(form: Mapping[str, Mapping[str, Any]]) -> dict[str, Facts]:
    """Return code -> facts, as isogloss.study.recipes.write_facts wrote them, given as parsed JSON."""
    return {code: Facts(**facts) for code, facts in form.items()}


def list_like(facts: Mapping[str, Facts]) -> dict[str, str]:
    """Return language -> the language whose typological values stand for its own, for the languages that have one."""
    return {code: one.like for code, one in facts.items() if one.like}


def describe_language(code: str, facts: Facts = NOTHING) -> Language:
    """Return a language with the facts of a study in place of those of common.languages.

    A language that common.languages does not have has only the facts of the study and no values. The values of a
    language with `like` are those of the other language.
    """
    known = LANGUAGES.get(code) or Language(code, code, "", True, "", (), {})
    values = LANGUAGES[facts.like].values if facts.like else known.values
    return Language(
        code=code,
        name=facts.name or known.name,
        script=facts.script or known.script,
        assumed=known.assumed and not facts.script,
        family=facts.family or known.family,
        lang2vec=known.lang2vec,
        values=values,
    )


def find_script(text: str) -> str:
    """Return the English name of a script, given by this name or by its ISO 15924 code. Raises UserError otherwise."""
    scripts = list_scripts()
    named = {name.casefold(): name for name in scripts.values()}
    found = scripts.get(text.capitalize()) or named.get(text.casefold())
    if found is None:
        raise UserError(f"unknown script {text!r}; write its ISO 15924 code, such as Latn or Ethi")
    return found
