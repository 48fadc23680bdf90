"""Loss and most probable token over a large vocabulary (250,000 in mT5), computed in chunks to limit memory."""

from typing import Any

import torch

CELLS = 2**24
"""Maximum number of logits per chunk: 64 MiB in single precision, 67 positions with the vocabulary of mT5."""


def read_hidden(network: Any, wanted: torch.Tensor, **inputs: torch.Tensor) -> torch.Tensor:
    """Return the input of the output layer of a Hugging Face network at selected positions: (positions, width).

    wanted: mask of shape (batch, positions) over the output of the network. inputs: arguments of its forward method,
    without labels. The output layer itself gets an empty input, so no logits are computed.
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
    """Return the loss, -ln P(label), and the most probable token at each position: two tensors (positions,).

    hidden: the result of read_hidden, (positions, width). labels: token ids, (positions,). cells: maximum number of
    logits per chunk; a chunk has at least one position.
    """
    output = network.get_output_embeddings()
    bias = getattr(network, "final_logits_bias", None)  # mBART adds this bias after its output layer
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
