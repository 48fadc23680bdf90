"""Language codes of mBART: the same codes and positions as its tokenizers, and none for other tokenizers."""

import pytest
import tiny_mbart
import tiny_models
import torch
from transformers import AutoTokenizer, ByT5Tokenizer
from transformers.models.mbart.modeling_mbart import shift_tokens_right

from isogloss.common.errors import UserError
from isogloss.models.text_to_text.language_codes import MBART_CODES, find_codes
from isogloss.models.text_to_text.tokens import open_tokens

LINES = tiny_models.list_lines()
TEXTS = [LINES[0], "springt über den Hund", LINES[1], "солнце светит", LINES[0]]
TEN = {"ar": "ar_AR", "bn": "bn_IN", "de": "de_DE", "en": "en_XX", "es": "es_XX"}
TEN |= {"fi": "fi_FI", "hi": "hi_IN", "id": "id_ID", "ru": "ru_RU", "sw": "sw_KE"}


@pytest.fixture(scope="module", params=tiny_mbart.KINDS)
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    tiny_mbart.build_tokenizer(request.param, LINES, folder)
    return folder


def test_the_table_has_the_codes_of_mbart_50_and_made_ones_for_languages_that_it_lacks():
    codes = MBART_CODES
    assert TEN.items() <= codes.items()
    own = set(tiny_mbart.CODES_50)
    assert {code for code in codes if codes[code] not in own} == {
        *("bg", "bs", "ca", "da", "el", "eu", "hu", "jv", "ms", "no", "sk", "sq", "yo")
    }
    for language, code in codes.items():
        assert code in own or code == f"{language}_XX"
        assert code[:3] == f"{language}_"
    assert {code for code in TEN.values() if code not in tiny_mbart.CODES_25} == {"bn_IN", "id_ID", "sw_KE"}


def test_a_language_without_a_code_is_an_error(folder):
    with pytest.raises(UserError, match=r"^language 'am': mBART has no code for it; use"):
        find_codes(AutoTokenizer.from_pretrained(folder)).frame("am")


def test_a_script_or_a_region_does_not_change_the_code_of_a_language(folder):
    codes = find_codes(AutoTokenizer.from_pretrained(folder))
    assert codes.frame("de-AT") == codes.frame("de")
    assert codes.frame("ru-Latn-RU") == codes.frame("ru") != codes.frame("de")
    with pytest.raises(UserError, match=r"^language 'am-Ethi': mBART has no code for it"):
        codes.frame("am-Ethi")


def test_texts_are_marked_as_their_tokenizer_marks_them(folder, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    codes = find_codes(tokenizer)
    languages = ["en", "de", "en", "ru", "fi"]
    expected = []
    for text, language in zip(TEXTS, languages, strict=True):
        own = AutoTokenizer.from_pretrained(folder, src_lang=TEN[language])
        expected.append(own(text, truncation=True, max_length=12)["input_ids"])
        # Targets are tokenised like inputs.
        assert own(text_target=text, truncation=True, max_length=12)["input_ids"] == expected[-1]
    for store in (None, tmp_path, tmp_path):
        tokens = open_tokens(tokenizer, folder, store, codes)
        assert tokens.encode(TEXTS, languages, 12) == expected
    assert max(map(len, expected)) == 12
    assert expected[0] != expected[4]  # the same text with two language codes


def test_the_decoder_starts_as_a_target_is_shifted(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    codes = find_codes(tokenizer)
    behind = "mbart-25" in folder.name
    for language in ("de", "ru"):
        code = tokenizer.convert_tokens_to_ids(TEN[language])
        assert codes.start(language) == ([code] if behind else [tokenizer.eos_token_id, code])
        target = codes.mark(tokenizer("Ada lives in Rome")["input_ids"], language)
        shifted = shift_tokens_right(torch.tensor([target]), tokenizer.pad_token_id)[0].tolist()
        assert shifted[: len(codes.start(language))] == codes.start(language)
    assert ("sw" in codes.ids) is not behind
    assert len(codes.ids) == (22 if behind else 43)


def test_other_tokenizers_have_no_codes(tmp_path):
    tiny_models.build_mt5(tmp_path)
    assert find_codes(AutoTokenizer.from_pretrained(tmp_path)) is None
    assert find_codes(ByT5Tokenizer()) is None
