"""The vocabulary of a model built here: unigram pieces with byte fallback, the same share of text per language."""

import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError

SENTINELS = 100
"""As many as T5 and mT5 have: `<extra_id_0>` to `<extra_id_99>`."""
LABEL_PIECES = "0123456789abcdefghijklmnopqrstuvwxyz"
"""Characters that always are pieces of their own, so that each label of a task can be one token."""


def list_sentinels(tokenizer: Any) -> list[int]:
    """Return the ids of the sentinels in order, whose place differs between tokenizers; none where some are missing.

    mT5's own vocabulary has them as pieces with a mark of a word's start, and not as special tokens.
    """
    vocabulary = tokenizer.get_vocab()
    for form in ("<extra_id_{}>", "▁<extra_id_{}>"):
        names = [form.format(index) for index in range(SENTINELS)]
        if all(name in vocabulary for name in names):
            return [vocabulary[name] for name in names]
    return []


def take_equal_text(text: Mapping[str, Sequence[str]], seed: int = 0) -> list[str]:
    """Return lines of every language, as many characters of each as the one with the least text has.

    text: language -> lines. Lines are taken in a shuffled order; the last is cut where the share ends.
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
    """Train a tokenizer of at most `size` pieces, sentinels among them, and save it in Hugging Face form in `folder`.

    No text is normalised: zero-width characters are real. What no piece covers falls back to bytes, so no input
    is ever unknown. Raises UserError when the text does not hold that many pieces.
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
            f"vocabulary of {size}: cannot be trained on {len(lines)} lines ({reason}); ask for another size"
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
    # A sentinel takes the space before it along: else each would cost one more token, a bare word mark.
    tokenizer.add_special_tokens([AddedToken(text, lstrip=True, normalized=False) for text in sentinels])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=sentinels,
        model_max_length=1024,
    ).save_pretrained(folder)
