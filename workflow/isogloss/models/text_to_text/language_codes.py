"""The codes by which mBART tells languages: of an input, of a target, and of what is to be written.

mBART of 25 languages has the code behind the end of a text (`... </s> en_XX`; Liu et al. 2020, section 2.2), mBART of
50 before it (`en_XX ... </s>`; Tang et al. 2020). Which one a model is, is read from what its tokenizer does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.common.languages import LANGUAGES
from isogloss.models.language_model.statistics import find_frame


@dataclass(frozen=True)
class LanguageCodes:
    """Where codes stand, and which there are. before: the text, not behind its end. end: id of the end of a text.
    ids: language -> id of its code."""

    before: bool
    end: int
    ids: Mapping[str, int]

    def frame(self, language: str) -> tuple[list[int], list[int]]:
        """Return the special tokens before a text of a language and after it."""
        code = self.ids[language]
        return ([code], [self.end]) if self.before else ([], [self.end, code])

    def start(self, language: str) -> list[int]:
        """Return what the decoder is given before it writes a language: the last token of a target, as transformers
        shifts it to the front, and the code."""
        before, after = self.frame(language)
        return [after[-1], *before]

    def mark(self, tokens: Sequence[int], language: str) -> list[int]:
        """Return a text's tokens, which have the code of some language, with that of theirs."""
        before, after = self.frame(language)
        return [*before, *tokens[len(before) : len(tokens) - len(after)], *after]


def find_codes(tokenizer: Any) -> LanguageCodes | None:
    """Return the codes of a tokenizer that puts one to each text; None for another."""
    ids = list_codes(tokenizer)
    if not ids:
        return None
    before, after = find_frame(tokenizer)
    if before and before[0] in ids.values():
        return LanguageCodes(True, tokenizer.eos_token_id, ids)
    if after and after[-1] in ids.values():
        return LanguageCodes(False, tokenizer.eos_token_id, ids)
    return None


def list_codes(tokenizer: Any) -> dict[str, int]:
    """Return the ids of the codes that a vocabulary has of the languages known here."""
    found = tokenizer.convert_tokens_to_ids([language.mbart for language in LANGUAGES.values()])
    return {code: one for code, one in zip(LANGUAGES, found, strict=True) if one not in (None, tokenizer.unk_token_id)}
