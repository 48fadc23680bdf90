"""Faster kernels: the same function and gradients, and the same saved folder."""

import copy

import pytest
import torch
from transformers import MT5Config, MT5ForConditionalGeneration, T5Config, T5ForConditionalGeneration
from transformers.activations import NewGELUActivation

from isogloss.models.pretraining import tiny_mt5
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.kernels import choose_kernels

SMALL = {"vocab_size": 50, "d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "dropout_rate": 0.0}
SMALL |= {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
BATCH = {
    "input_ids": torch.tensor([[5, 6, 7, 8, 9, 1], [9, 8, 1, 0, 0, 0]]),
    "attention_mask": torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]]),
    "labels": torch.tensor([[11, 12, 13, 1], [14, 1, -100, -100]]),
}


def make(kind: str):
    torch.manual_seed(0)
    if kind == "t5":  # the first version of T5 uses ReLU, which needs no other kernel
        return T5ForConditionalGeneration(T5Config(**SMALL)).eval()
    return MT5ForConditionalGeneration(MT5Config(**SMALL)).eval()


@pytest.mark.parametrize("kind", ["mt5", "t5"])
def test_the_function_and_its_gradients_are_those_of_the_network_as_it_was(kind):
    stock, ours = make(kind), make(kind)
    choose_kernels(ours)
    for network in (stock, ours):
        network(**BATCH).loss.backward()
    torch.testing.assert_close(ours(**BATCH).logits, stock(**BATCH).logits, rtol=1e-5, atol=1e-5)
    for (name, weight), (_, other) in zip(ours.named_parameters(), stock.named_parameters(), strict=True):
        torch.testing.assert_close(weight.grad, other.grad, rtol=1e-4, atol=1e-6, msg=name)


def test_only_attention_with_a_learnt_bias_on_a_cpu_is_computed_in_parts():
    network = make("mt5")

    def count_activations() -> int:
        return sum(isinstance(module, NewGELUActivation) for module in network.modules())

    assert (network.config._attn_implementation, count_activations()) == ("sdpa", 4)
    choose_kernels(network)
    assert (network.config._attn_implementation, count_activations()) == ("eager", 0)
    elsewhere = make("mt5").to("meta")
    choose_kernels(elsewhere)
    assert elsewhere.config._attn_implementation == "sdpa"


def test_a_saved_model_does_not_remember_its_kernels(tmp_path):
    stock, ours = make("mt5"), make("mt5")
    choose_kernels(ours)
    for name, network in (("stock", stock), ("ours", ours)):
        network.save_pretrained(tmp_path / name)
    for file in ("config.json", "model.safetensors"):
        assert (tmp_path / "ours" / file).read_bytes() == (tmp_path / "stock" / file).read_bytes()


def test_models_that_are_loaded_and_models_that_are_built_have_them(tmp_path, monkeypatch):
    seen = []
    for module in (text_to_text, tiny_mt5):
        monkeypatch.setattr(module, "choose_kernels", lambda network: seen.append(copy.copy(network.config.d_model)))
    tiny_mt5.build_model({"en": ["one two three"] * 200}, tmp_path, vocabulary=400, steps=0, threads=1)
    text_to_text.load(tmp_path)
    assert seen == [96, 96]
