"""Training without logits at padding: the loss and the gradients equal those of the network."""

import pytest
import torch
from transformers import MBartConfig, MBartForConditionalGeneration, T5Config, T5ForConditionalGeneration

from isogloss.models.pretraining.small_start import make_model
from isogloss.models.text_to_text.text_learner import TextLearner
from isogloss.training.collate import collate_text

EXAMPLES = [{"input_ids": [3 + place] * (2 + place), "labels": [5 + place] * (1 + 3 * place)} for place in range(5)]
SMALL = {"vocab_size": 50, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}


def make_t5() -> T5ForConditionalGeneration:
    """Return a T5 with tied embeddings, which scales the input of its output layer."""
    return T5ForConditionalGeneration(T5Config(**SMALL, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2))


def make_mbart() -> MBartForConditionalGeneration:
    """Return an mBART, which adds a bias to its logits."""
    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    config = MBartConfig(**SMALL, **sizes, encoder_attention_heads=2, decoder_attention_heads=2)
    return MBartForConditionalGeneration(config)


@pytest.mark.parametrize("make", [lambda: make_model(50), make_t5, make_mbart], ids=["mt5", "t5", "mbart"])
def test_the_loss_and_its_gradient_are_the_network_s_own(make):
    torch.manual_seed(0)
    network = make().eval()
    batch = collate_text(EXAMPLES, 0)
    own = network(**batch).loss
    own.backward()
    gradients = [weight.grad.clone() for weight in network.parameters() if weight.grad is not None]
    network.zero_grad()
    loss = TextLearner(network)(**batch)["loss"]
    loss.backward()
    assert loss.item() == pytest.approx(own.item(), rel=1e-6)
    for weight, gradient in zip((w for w in network.parameters() if w.grad is not None), gradients, strict=True):
        torch.testing.assert_close(weight.grad, gradient, rtol=1e-3, atol=1e-6)


def test_no_logits_are_computed_at_padding_and_the_network_is_left_as_it_was():
    network = make_model(50)
    rows = []
    output = network.get_output_embeddings()
    output.register_forward_hook(lambda _, inputs, logits: rows.append(logits.shape[:-1].numel()))
    batch = collate_text(EXAMPLES, 0)
    TextLearner(network)(**batch)
    network(**batch)
    assert rows == [sum(len(example["labels"]) for example in EXAMPLES), batch["labels"].numel()]
    assert rows[0] < rows[1]
