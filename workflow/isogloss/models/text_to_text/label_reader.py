"""Labels in one pass: the decoder is given the sentinels only, and a label is read at each of them; or its start only,
and one label is read there. mBART's decoder is given its start and the code of the language in either case.

Only the logits of the labels are computed (`h @ W[ids].T`): of mT5's 250,000 logits seven matter.
"""

from collections.abc import Sequence
from typing import Any

import torch

from isogloss.common.errors import UserError
from isogloss.models.vocabulary.vocabulary import LABEL_PIECES, SENTINELS, list_sentinels
from isogloss.training.batch_plan import IGNORED
from isogloss.training.softmax import read_hidden


class LabelReader(torch.nn.Module):
    """A sequence-to-sequence model that reads one of a few labels at each decoder position."""

    def __init__(self, network: torch.nn.Module, label_tokens: Sequence[int]):
        super().__init__()
        self.network = network
        self.register_buffer("label_tokens", torch.tensor(label_tokens, device=network.device), persistent=False)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        decoder_input_ids: torch.Tensor,
        labels: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        """Return `logits` (batch, decoder inputs, labels) and, where `labels` are given, their mean `loss`."""
        # What the output embeddings are given: some models scale it on the way (T5 and umT5 where both are tied).
        every = torch.ones_like(decoder_input_ids, dtype=torch.bool)
        inputs = {"attention_mask": attention_mask, "decoder_input_ids": decoder_input_ids, "use_cache": False}
        hidden = read_hidden(self.network, every, input_ids=input_ids, **inputs).unflatten(0, every.shape)
        logits = hidden @ self.network.get_output_embeddings().weight[self.label_tokens].T
        bias = getattr(self.network, "final_logits_bias", None)  # mBART has one
        if bias is not None:
            logits = logits + bias[0, self.label_tokens]
        if labels is None:
            return {"logits": logits}
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED)
        return {"loss": loss, "logits": logits}


def find_sentinels(tokenizer: Any) -> list[int]:
    """Return the ids of the sentinels, in order; a UserError where some are missing."""
    tokens = list_sentinels(tokenizer)
    if not tokens:
        raise UserError(
            f"training.*.format: the model's vocabulary lacks some of <extra_id_0> to <extra_id_{SENTINELS - 1}>; "
            "use format spans, a model of the T5 kind or mBART"
        )
    return tokens


def find_start(network: Any) -> int:
    """Return the token that the network's decoder starts with."""
    start = network.generation_config.decoder_start_token_id
    return network.config.decoder_start_token_id if start is None else start


def find_label_tokens(tokenizer: Any, labels: Sequence[str]) -> list[int]:
    """Return one token a label: the first, second, ... of the characters 0-9 and a-z, in the order of the labels.

    A label such as B-PER is several pieces in most vocabularies; one character is one piece in every one of them.
    """
    tokens = tokenizer.convert_tokens_to_ids(list(LABEL_PIECES[: len(labels)]))
    unknown = {None, tokenizer.unk_token_id} & {*tokens}
    if unknown or len(set(tokens)) < len(labels) or len(labels) > len(LABEL_PIECES):
        raise UserError(
            f"training.*.format: the model's vocabulary has no single tokens for {len(labels)} labels; use format spans"
        )
    return tokens
