"""Tiny random mBARTs of both generations, each with its own kind of tokenizer, trained on given lines."""

import io
from collections.abc import Sequence
from pathlib import Path

import sentencepiece
import torch
from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration, MBartTokenizer
from transformers.models.mbart.tokenization_mbart import FAIRSEQ_LANGUAGE_CODES as CODES_25
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as CODES_50

from isogloss.models.vocabulary.vocabulary import LABEL_PIECES

KINDS = {"mbart-25": (MBartTokenizer, CODES_25), "mbart-50": (MBart50Tokenizer, CODES_50)}


def build_tokenizer(kind: str, lines: Sequence[str], folder: Path, size: int = 400) -> MBartTokenizer:
    """Train unigram subwords and save a tokenizer in the hub's layout: special tokens, subwords, codes and the mask."""
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=trained,
        vocab_size=size,
        hard_vocab_limit=False,
        required_chars=LABEL_PIECES,
        num_threads=1,
        minloglevel=2,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    learnt = [(pieces.id_to_piece(place), pieces.get_score(place)) for place in range(3, pieces.get_piece_size())]
    of_kind, codes = KINDS[kind]
    named = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")]
    tokenizer = of_kind(vocab=[*named, *learnt, *((code, 0.0) for code in codes), ("<mask>", 0.0)])
    tokenizer.save_pretrained(folder)
    return tokenizer


def build_mbart(kind: str, lines: Sequence[str], folder: Path, **settings: object) -> Path:
    """Save a small random mBART in a new or empty folder and return the folder.

    settings: arguments of MBartConfig. As in the real models, the output embeddings are tied and embeddings are scaled.
    The bias of the logits, however, is not 0.
    """
    size = len(build_tokenizer(kind, lines, folder))
    sizes = {"d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128}
    sizes |= {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "max_position_embeddings": 256}
    start = {"decoder_start_token_id": 2} if kind == "mbart-50" else {}
    torch.manual_seed(0)
    config = MBartConfig(
        vocab_size=size, **sizes | start | {"scale_embedding": True, "dropout": 0.0, "init_std": 0.1} | settings
    )
    network = MBartForConditionalGeneration(config)
    with torch.no_grad():
        network.final_logits_bias.normal_(std=0.1)
    network.save_pretrained(folder)
    return folder
