"""A new small MT5 that learns within hundreds of optimiser steps: its dimensions and the initialisation of its weights.

The initialisation of T5 is designed for millions of steps. A small model is trained for a few hundred steps, in which
Adam moves no weight by more than a few tenths. The functions in this module therefore set initial weights that the
model would otherwise spend most of its steps learning. `benchmarks/small_start.py` measures the effect of each function
(see docs/using/tiny-mt5.md).
"""

from collections.abc import Callable, Sequence

import torch
from transformers import MT5Config, MT5ForConditionalGeneration

EMBEDDING_SCALE = 0.3
BRANCH_SCALE = 0.1
MATCH_SCALE = 0.5
OTHER_SIDE = -4.0
"""Attention bias of an encoder head for tokens on the side that the head does not attend to."""

Start = Callable[[MT5ForConditionalGeneration], None]
"""A function that changes the initial weights of a model in place."""


def shrink_embedding(model: MT5ForConditionalGeneration) -> None:
    """Scale down the shared embedding.

    MT5 ties it to the output layer and does not scale the output of the decoder. With the default scale, a new model
    starts at a loss of 64 to 77, whereas the logarithm of the vocabulary size is 8.
    """
    model.shared.weight.mul_(EMBEDDING_SCALE)


def shrink_branches(model: MT5ForConditionalGeneration) -> None:
    """Scale down what each layer adds to the residual stream, so that the top layer still contains the embedding."""
    for name, weight in model.named_parameters():
        if name.endswith((".o.weight", ".wo.weight")):
            weight.mul_(BRANCH_SCALE)


def match_tokens(model: MT5ForConditionalGeneration) -> None:
    """Set the cross-attention queries to the keys of the encoder, so that a sentinel attends to itself in the input."""
    for block in model.decoder.block:
        attention = block.layer[1].EncDecAttention
        attention.q.weight.copy_(attention.k.weight * MATCH_SCALE)


def look_nearby(model: MT5ForConditionalGeneration) -> None:
    """Set the position bias so that it decreases with distance, with a different slope per head.

    This follows ALiBi (Press et al. 2022, arXiv 2108.12409). In the encoder, heads alternate between attending to the
    left and to the right.
    """
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
    """Return a new model for a vocabulary of this size; with 4,000 subwords it has 0.9 million parameters.

    The weights depend on the random state of torch. start: functions that change the weights after the initialisation
    of T5.
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
