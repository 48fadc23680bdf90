"""The softmax over a vocabulary, a bounded number of its rows at a time: mT5's has 250,000 columns."""

from typing import Any

import torch

CELLS = 2**24
"""Logits that are there at a time: 64 MiB in single precision, 67 rows of mT5's vocabulary."""


def read_hidden(network: Any, wanted: torch.Tensor, **inputs: torch.Tensor) -> torch.Tensor:
    """Return what a Hugging Face network gives its output embeddings at some positions: (positions, width).

    wanted: a mask over (batch, positions) of the network's output. inputs: of its forward, no labels among them. The
    output embeddings are given nothing, so no logits are computed.
    """
    read: list[torch.Tensor] = []

    def take(_: torch.nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        read.append(inputs[0][wanted])
        return (read[0][:0],)

    hook = network.get_output_embeddings().register_forward_pre_hook(take)
    try:
        network(**inputs)
    finally:
        hook.remove()
    return read[0]


def score_tokens(
    network: Any, hidden: torch.Tensor, labels: torch.Tensor, cells: int = CELLS
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss, -ln P(label), and the most probable token of each position: two tensors of (positions,).

    hidden: as read_hidden returns it. cells: logits that are there at a time, but for one row at the least.
    """
    output = network.get_output_embeddings()
    bias = getattr(network, "final_logits_bias", None)  # mBART adds it after its output embeddings
    rows = max(1, cells // output.weight.shape[0])
    losses, best = [], []
    for start in range(0, len(hidden), rows):
        logits = output(hidden[start : start + rows]).float()
        if bias is not None:
            logits += bias
        gold = logits.gather(1, labels[start : start + rows, None])[:, 0]
        losses.append(logits.logsumexp(1) - gold)
        best.append(logits.argmax(1))
    return torch.cat(losses), torch.cat(best)
