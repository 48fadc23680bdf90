"""Learning to write text, with logits only where there is text to learn.

A vocabulary's logits are most of a decoder's work (mT5 has 250,000), and targets differ in length more than inputs do:
at padding none are computed.
"""

import torch

from isogloss.training.batch_plan import IGNORED


class TextLearner(torch.nn.Module):
    """A sequence-to-sequence model of Hugging Face's, with its own loss at less cost."""

    def __init__(self, network: torch.nn.Module):
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return the mean `loss` over the labels (batch, longest) that are not padding, as the network has it."""
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
