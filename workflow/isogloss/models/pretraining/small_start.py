"""A fresh small MT5 that learns within hundreds of steps: its shape, and how its weights start.

T5's own initialiser is made for millions of steps. A small model has a few hundred, in which Adam moves no weight
further than a few tenths, so what it would need most of its steps to find is where it starts instead. docs/using/tiny-mt5.md
has each part of the start measured.
"""

from collections.abc import Callable, Sequence

import torch
from transformers import MT5Config, MT5ForConditionalGeneration

EMBEDDING_SCALE = 0.3
BRANCH_SCALE = 0.1
MATCH_SCALE = 0.5
OTHER_SIDE = -4.0
"""Attention logit of an encoder head for the side of a token that it does not look to."""

Start = Callable[[MT5ForConditionalGeneration], None]


def shrink_embedding(model: MT5ForConditionalGeneration) -> None:
    """Make the shared embedding smaller. MT5 ties it to the output and does not scale the decoder's output: at the
    initialiser's own scale a fresh model starts at a loss of 64 to 77, where the logarithm of the vocabulary is 8."""
    model.shared.weight.mul_(EMBEDDING_SCALE)


def shrink_branches(model: MT5ForConditionalGeneration) -> None:
    """Make what each layer adds to the stream smaller, so that a token's own embedding is still found at the top."""
    for name, weight in model.named_parameters():
        if name.endswith((".o.weight", ".wo.weight")):
            weight.mul_(BRANCH_SCALE)


def match_tokens(model: MT5ForConditionalGeneration) -> None:
    """Start the decoder's queries as the keys that they meet in the encoder: a sentinel finds itself in the input."""
    for block in model.decoder.block:
        attention = block.layer[1].EncDecAttention
        attention.q.weight.copy_(attention.k.weight * MATCH_SCALE)


def look_nearby(model: MT5ForConditionalGeneration) -> None:
    """Start the position bias as a fall with distance, steeper in some heads than in others, as ALiBi has it (Press
    et al. 2022, arXiv 2108.12409); of each two heads of the encoder one looks to the left and one to the right."""
    _set_bias(model.encoder.block[0].layer[0].SelfAttention, bidirectional=True)
    _set_bias(model.decoder.block[0].layer[0].SelfAttention, bidirectional=False)


def _set_bias(attention: torch.nn.Module, *, bidirectional: bool) -> None:
    distances = torch.arange(-attention.relative_attention_max_distance, attention.relative_attention_max_distance + 1)
    buckets = attention._relative_position_bucket(
        distances,
        bidirectional=bidirectional,
        num_buckets=attention.relative_attention_num_buckets,
        max_distance=attention.relative_attention_max_distance,
    )
    for bucket in buckets.unique():
        inside = distances[buckets == bucket].float()
        far, side = inside.abs().mean(), inside.mean().sign()
        for head in range(attention.n_heads):
            slope = 0.5 ** (head // 2 if bidirectional else head)
            looks = -1 if head % 2 else 1
            away = OTHER_SIDE if bidirectional and side == -looks else 0.0
            attention.relative_attention_bias.weight[bucket, head] = away - slope * far


START: tuple[Start, ...] = (shrink_embedding, shrink_branches, match_tokens, look_nearby)


def make_model(vocabulary: int, start: Sequence[Start] = START) -> MT5ForConditionalGeneration:
    """Return a fresh model for so many pieces, of 0.9 million parameters at 4,000; torch's seed decides its weights.

    start: what is done to the weights that T5's initialiser gives.
    """
    config = MT5Config(
        vocab_size=vocabulary,
        d_model=96,
        d_kv=24,
        d_ff=256,
        num_layers=2,
        num_decoder_layers=2,
        num_heads=4,
        relative_attention_num_buckets=32,
        relative_attention_max_distance=64,
        dropout_rate=0.0,
        initializer_factor=1.0,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )
    model = MT5ForConditionalGeneration(config)
    with torch.no_grad():
        for change in start:
            change(model)
    return model
