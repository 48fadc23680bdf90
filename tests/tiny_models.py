"""Tiny random models with tokenizers of each kind, and artificial sentences for them."""

import random
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from isogloss.common.examples import TaggedSentence
from isogloss.models.pretraining.small_start import make_model
from isogloss.models.vocabulary.vocabulary import build_tokenizer

PEOPLE = ("Ada Byron", "Grace", "Alan Turing", "Emmy Noether", "Edsger", "Barbara Liskov", "Kurt", "Sofia Kovalevskaya")
PLACES = ("Rome", "New Delhi", "Dar es Salaam", "Helsinki", "Oslo", "Kazan", "La Paz", "Dhaka")
FIRMS = ("Acme", "Orbit Works", "Blue Mill Company", "Nordic Rail", "Delta Foods", "Zenit", "Vox", "Kite and Sons")
PATTERNS = ("{} lives in {} and works for {} .", "In {1} , {0} met {2} .", "{2} of {1} hired {0} last year")
SIZES = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}


def draw_sentences(count: int, seed: int) -> list[TaggedSentence]:
    """Draw tagged sentences with one person, one place and one firm each. The names do not depend on the seed."""
    rng = random.Random(seed)
    return [write_sentence(rng, f"en-{seed}-{number}") for number in range(count)]


def write_sentence(rng: random.Random, name: str) -> TaggedSentence:
    entities = [(rng.choice(PEOPLE), "PER"), (rng.choice(PLACES), "LOC"), (rng.choice(FIRMS), "ORG")]
    tokens, tags = [], []
    for part in rng.choice(PATTERNS).format("0_", "1_", "2_").split():
        text, kind = entities[int(part[0])] if part.endswith("_") else (part, None)
        words = text.split()
        tokens += words
        tags += ["O"] if kind is None else [f"B-{kind}", *[f"I-{kind}"] * (len(words) - 1)]
    return TaggedSentence(name, "en", tuple(tokens), tuple(tags))


def list_lines() -> list[str]:
    """Return the text for training tokenizers: the given sentences and some additional text."""
    own = [" ".join(one.tokens) for one in draw_sentences(200, seed=0)]
    return [*own, *["Der schnelle braune Fuchs", "springt über den faulen Hund", "солнце светит ярко"] * 20]


def build_unigram(folder: Path) -> PreTrainedTokenizerFast:
    """Return unigram subwords of up to five characters after a word mark, as in XLM-R."""
    words = sorted({f"▁{word}" for line in list_lines() for word in line.split()})
    parts = sorted({word[start : start + 5] for word in words for start in range(0, len(word), 5)})
    special = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    pieces = [(piece, -4 - 0.01 * place) for place, piece in enumerate(parts) if len(piece) > 1]
    characters = [(character, -9.0) for character in sorted({character for word in words for character in word})]
    tokenizer = Tokenizer(models.Unigram([*special, *pieces, *characters, ("<mask>", 0.0)], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    return _save(tokenizer, "<s>", "</s>", {"unk": "<unk>", "pad": "<pad>", "mask": "<mask>"}, folder)


def build_wordpiece(folder: Path) -> PreTrainedTokenizerFast:
    """Return WordPiece subwords as in mBERT; the normaliser removes zero-width characters."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=800, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(list_lines(), trainer)
    return _save(tokenizer, "[CLS]", "[SEP]", {"unk": "[UNK]", "pad": "[PAD]", "mask": "[MASK]"}, folder, second=1)


def build_bpe(folder: Path) -> PreTrainedTokenizerFast:
    """Return byte-level BPE subwords as in RoBERTa."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(list_lines(), trainer)
    return _save(tokenizer, "<s>", "</s>", {"unk": "<unk>", "pad": "<pad>", "mask": "<mask>"}, folder)


def _save(
    tokenizer: Tokenizer, start: str, end: str, named: dict[str, str], folder: Path, second: int = 0
) -> PreTrainedTokenizerFast:
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} $B:{second} {end}:{second}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (start, end)],
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token=start,
        sep_token=end,
        model_max_length=128,
        **({"model_input_names": ["input_ids", "token_type_ids", "attention_mask"]} if second else {}),
        **{f"{name}_token": token for name, token in named.items()},
    )
    fast.save_pretrained(folder)
    return fast


KINDS = {
    "xlm-roberta": (build_unigram, XLMRobertaConfig, XLMRobertaForMaskedLM),
    "bert": (build_wordpiece, BertConfig, BertForMaskedLM),
    "roberta": (build_bpe, RobertaConfig, RobertaForMaskedLM),
}


def build_encoder(folder: Path, kind: str = "xlm-roberta") -> Path:
    """Build a random encoder of a kind, with a masked-language-model head, in a new folder and return the folder."""
    folder.mkdir(parents=True)
    build_tokenizer, config, network = KINDS[kind]
    tokenizer = build_tokenizer(folder)
    torch.manual_seed(0)
    network(
        config(
            **SIZES,
            vocab_size=len(tokenizer) + 7,  # real models also have rows without a subword
            max_position_embeddings=130,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.cls_token_id,
            eos_token_id=tokenizer.sep_token_id,
            initializer_range=0.1,
            hidden_dropout_prob=0.0,  # a model this small does not learn with dropout
            attention_probs_dropout_prob=0.0,
        )
    ).save_pretrained(folder)
    return folder


def build_mt5(folder: Path) -> Path:
    """Write a small untrained MT5 with a tokenizer that covers the sentences' words to a folder; return the folder."""
    build_tokenizer(list_lines(), 700, folder)
    torch.manual_seed(0)
    make_model(len(AutoTokenizer.from_pretrained(folder))).save_pretrained(folder)
    return folder
