"""Training to generate text, without computing logits at padding.

Most of the computation of a decoder is the logits of the vocabulary (250,000 in mT5). The lengths of targets vary more
than those of inputs, so a batch of targets contains much padding.
"""

import torch

from isogloss.training.batch_plan import IGNORED


class TextLearner(torch.nn.Module):
    """A Hugging Face sequence-to-sequence model, with the same loss at lower cost."""

    def __init__(self, network: torch.nn.Module):
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return `loss`, the mean cross-entropy over the labels that are not padding, with teacher forcing.

        input_ids, attention_mask: (batch, longest input). labels: (batch, longest target), with IGNORED at padding. The
        loss equals the loss of the network.
        """
        wanted = labels != IGNORED
        output = self.network.get_output_embeddings()
        hook = output.register_forward_pre_hook(lambda _, inputs: (inputs[0][wanted],))
        try:
            logits = self.network(
                input_ids=input_ids,
                attention_mask=attention_mask,
                decoder_input_ids=self.network.prepare_decoder_input_ids_from_labels(labels),
                use_cache=False,
            ).logits
        finally:
            hook.remove()
        return {"loss": torch.nn.functional.cross_entropy(logits.float(), labels[wanted])}
