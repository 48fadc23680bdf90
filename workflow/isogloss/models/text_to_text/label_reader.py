"""Read labels from a text-to-text model in one decoder pass.

The input of the decoder is either the sentinels, with one label read at each sentinel, or only the start token, with
one label read there. For mBART, the input also begins with the start token and the language code.

Only the logits of the labels are computed (`h @ W[ids].T`). For NER with three entity types, these are seven of the
250,000 logits of mT5.
"""

from collections.abc import Sequence
from typing import Any

import torch

from isogloss.common.errors import UserError
from isogloss.models.vocabulary.vocabulary import FURTHER_PIECES, LABEL_PIECES, SENTINELS, list_sentinels
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
        """Return `logits` (batch, decoder inputs, labels) and, if `labels` are given, the mean cross-entropy `loss`.

        input_ids, attention_mask: (batch, tokens). decoder_input_ids, labels: (batch, decoder inputs). Positions with
        the label IGNORED do not count.
        """
        # The input of the output layer is read, because some models scale it before (T5 and umT5 with tied weights).
        every = torch.ones_like(decoder_input_ids, dtype=torch.bool)
        inputs = {"attention_mask": attention_mask, "decoder_input_ids": decoder_input_ids, "use_cache": False}
        hidden = read_hidden(self.network, every, input_ids=input_ids, **inputs).unflatten(0, every.shape)
        logits = hidden @ self.network.get_output_embeddings().weight[self.label_tokens].T
        bias = getattr(self.network, "final_logits_bias", None)  # in mBART
        if bias is not None:
            logits = logits + bias[0, self.label_tokens]
        if labels is None:
            return {"logits": logits}
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED)
        return {"loss": loss, "logits": logits}


def find_sentinels(tokenizer: Any) -> list[int]:
    """Return the ids of the sentinels in order; raise UserError if any sentinel is missing."""
    tokens = list_sentinels(tokenizer)
    if not tokens:
        raise UserError(
            f"training.*.format: the vocabulary of {tokenizer.name_or_path} lacks some of <extra_id_0> to "
            f"<extra_id_{SENTINELS - 1}>; use format spans, or a T5 or mBART model"
        )
    return tokens


def find_start(network: Any) -> int:
    """Return the id of the start token of the decoder."""
    start = network.generation_config.decoder_start_token_id
    return network.config.decoder_start_token_id if start is None else start


def find_label_tokens(tokenizer: Any, labels: Sequence[str]) -> list[int]:
    """Return one token id per label: the ids of the characters 0-9 and a-z, in the order of the labels.

    A label such as B-PER consists of several subwords in most vocabularies, whereas a single character is one subword.
    Labels after the 36th get those of FURTHER_PIECES that the vocabulary has. Raises UserError if the vocabulary has no
    distinct single token for every label.
    """
    tokens = tokenizer.convert_tokens_to_ids(list(LABEL_PIECES[: len(labels)]))
    nothing = {None, tokenizer.unk_token_id}
    if len(labels) > len(tokens):
        further = dict.fromkeys(tokenizer.convert_tokens_to_ids(list(FURTHER_PIECES)))
        known = [token for token in further if token not in nothing.union(tokens)]
        tokens += known[: len(labels) - len(tokens)]
    if nothing & {*tokens} or len(set(tokens)) < len(labels):
        raise UserError(
            f"training.*.format: the vocabulary of {tokenizer.name_or_path} has no distinct single tokens for "
            f"{len(labels)} labels; use another model, or format spans for ner"
        )
    return tokens
