"""Vocabularies of models that are built here: unigram subwords with byte fallback, equal text per language."""

import io
import random
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError

SENTINELS = 100
"""Number of sentinels, `<extra_id_0>` to `<extra_id_99>`, as in T5 and mT5."""
LABEL_PIECES = "0123456789abcdefghijklmnopqrstuvwxyz"
"""Characters that are always subwords by themselves, so that each label of a task can be one token."""
FURTHER_PIECES = (*string.ascii_uppercase, *string.punctuation, *(f"<0x{byte:02X}>" for byte in range(256)))
"""Subwords for the labels of a task that has more labels than LABEL_PIECES; many vocabularies lack some of them."""


def list_sentinels(tokenizer: Any) -> list[int]:
    """Return the ids of the sentinels in order, or an empty list if any sentinel is missing.

    The ids differ between tokenizers. The vocabulary of mT5 stores the sentinels as subwords with a word-start mark,
    not as special tokens.
    """
    vocabulary = tokenizer.get_vocab()
    for form in ("<extra_id_{}>", "▁<extra_id_{}>"):
        names = [form.format(index) for index in range(SENTINELS)]
        if all(name in vocabulary for name in names):
            return [vocabulary[name] for name in names]
    return []


def take_equal_text(text: Mapping[str, Sequence[str]], seed: int = 0) -> list[str]:
    """Return lines of every language with the same number of characters each, that of the language with least text.

    text: language -> lines. Lines are taken in random order, and the last one is cut to reach the number exactly.
    """
    share = min(sum(map(len, lines)) for lines in text.values())
    taken = []
    for language in sorted(text):
        left = share
        for line in random.Random(f"vocabulary {language} {seed}").sample(text[language], len(text[language])):
            taken.append(line[:left])
            left -= len(taken[-1])
            if not left:
                break
    return taken


def build_tokenizer(lines: Sequence[str], size: int, folder: Path) -> None:
    """Train a tokenizer of at most `size` subwords, including sentinels, and save it in Hugging Face format.

    Text is not normalised, because zero-width characters carry information. Characters that no subword covers are
    split into bytes, so no input is unknown. Raises UserError if sentencepiece cannot train this vocabulary on `lines`.
    """
    import sentencepiece
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    trained = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=trained,
            model_type="unigram",
            vocab_size=size - SENTINELS,
            hard_vocab_limit=False,
            byte_fallback=True,
            character_coverage=0.9999,
            required_chars=LABEL_PIECES,
            normalization_rule_name="identity",
            num_threads=1,
            pad_id=0,
            eos_id=1,
            unk_id=2,
            bos_id=-1,
            minloglevel=2,
        )
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"models.*.vocabulary: a vocabulary of {size} subwords cannot be trained on {len(lines)} lines ({reason}); "
            "set another size"
        ) from None
    pieces = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    vocabulary = [(pieces.id_to_piece(i), pieces.get_score(i)) for i in range(pieces.get_piece_size())]

    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=2, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always"), decoders.Fuse()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    sentinels = [f"<extra_id_{index}>" for index in range(SENTINELS)]
    # A sentinel includes the space before it. Otherwise each one would need a further token, a bare word-start mark.
    tokenizer.add_special_tokens([AddedToken(text, lstrip=True, normalized=False) for text in sentinels])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=sentinels,
        model_max_length=1024,
    ).save_pretrained(folder)
