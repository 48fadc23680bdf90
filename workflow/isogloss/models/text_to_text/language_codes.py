"""The language codes of mBART: tokens that mark the language of an input, of a target and of generated text.

mBART-25 puts the code after the end token of a text (`... </s> en_XX`; Liu et al. 2020, section 2.2). mBART-50 puts it
before the text (`en_XX ... </s>`; Tang et al. 2020). The output of the tokenizer shows which of the two a model uses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isogloss.common.errors import UserError
from isogloss.models.language_model.statistics import find_frame

# fmt: off
MBART_CODES = {
    "af": "af_ZA", "ar": "ar_AR", "bg": "bg_XX", "bn": "bn_IN", "bs": "bs_XX", "ca": "ca_XX",
    "cs": "cs_CZ", "da": "da_XX", "de": "de_DE", "el": "el_XX", "en": "en_XX", "es": "es_XX",
    "et": "et_EE", "eu": "eu_XX", "fa": "fa_IR", "fi": "fi_FI", "fr": "fr_XX", "he": "he_IL",
    "hi": "hi_IN", "hr": "hr_HR", "hu": "hu_XX", "id": "id_ID", "it": "it_IT", "ja": "ja_XX",
    "jv": "jv_XX", "ka": "ka_GE", "kk": "kk_KZ", "ko": "ko_KR", "lt": "lt_LT", "lv": "lv_LV",
    "mk": "mk_MK", "ml": "ml_IN", "mr": "mr_IN", "ms": "ms_XX", "my": "my_MM", "nl": "nl_XX",
    "no": "no_XX", "pl": "pl_PL", "pt": "pt_XX", "ro": "ro_RO", "ru": "ru_RU", "sk": "sk_XX",
    "sl": "sl_SI", "sq": "sq_XX", "sv": "sv_SE", "sw": "sw_KE", "ta": "ta_IN", "te": "te_IN",
    "th": "th_TH", "tl": "tl_XX", "tr": "tr_TR", "uk": "uk_UA", "ur": "ur_PK", "vi": "vi_VN",
    "yo": "yo_XX", "zh": "zh_CN",
}
# fmt: on
"""Language -> its code in mBART-50 (Tang et al. 2020). A language without one has a code of the same form, with XX."""


@dataclass(frozen=True)
class LanguageCodes:
    """The language codes of a tokenizer and their position.

    before: whether the code is before the text, and not after its end token. end: id of the end token. ids: language ->
    id of its code.
    """

    before: bool
    end: int
    ids: Mapping[str, int]

    def find(self, language: str) -> int | None:
        """Return the id of the code of a language, or None. `pt-BR` and `zh-Hans` have the codes of pt and zh."""
        return self.ids.get(language, self.ids.get(language.partition("-")[0]))

    def frame(self, language: str) -> tuple[list[int], list[int]]:
        """Return the ids of the special tokens before and after a text of this language.

        Raises UserError for a language without a code.
        """
        code = self.find(language)
        if code is None:
            raise UserError(
                f"language {language!r}: mBART has no code for it; use another model, or remove "
                "the language from the tasks of this model"
            )
        return ([code], [self.end]) if self.before else ([], [self.end, code])

    def start(self, language: str) -> list[int]:
        """Return the ids of the decoder input before it generates a text of this language.

        They are the last token of a target, which transformers shifts to the front, and the code if it precedes the
        text.
        """
        before, after = self.frame(language)
        return [after[-1], *before]

    def mark(self, tokens: Sequence[int], language: str) -> list[int]:
        """Return the tokens of a text with the code of this language in place of any other code."""
        before, after = self.frame(language)
        return [*before, *tokens[len(before) : len(tokens) - len(after)], *after]


def find_codes(tokenizer: Any) -> LanguageCodes | None:
    """Return the codes of a tokenizer that adds a language code to each text, or None if it adds no code."""
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
    """Return language -> id of its code, for all codes of MBART_CODES in the vocabulary."""
    found = tokenizer.convert_tokens_to_ids([*MBART_CODES.values()])
    return {
        code: one for code, one in zip(MBART_CODES, found, strict=True) if one not in (None, tokenizer.unk_token_id)
    }
