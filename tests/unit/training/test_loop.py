"""The training loop: any division of a step gives the same gradient, and memory options do not change the model."""

import pytest
import torch
from transformers import MT5ForConditionalGeneration

from isogloss.models.pretraining.small_start import make_model
from isogloss.training import loop as training
from isogloss.training.collate import collate_text
from isogloss.training.loop import Parts, save_memory, train
from isogloss.training.threads import limit_threads

EXAMPLES = [
    {"input_ids": [3 + place % 7] * (2 + place % 5), "labels": [4 + place % 3] * (1 + place % 4)} for place in range(24)
]


def fit(**settings) -> tuple[MT5ForConditionalGeneration, float]:
    """Train a small model on EXAMPLES for six optimiser steps."""
    torch.manual_seed(0)
    model = make_model(40)
    settings = {"steps": 6, "batch_size": 8, "learning_rate": 1e-3, "seed": 1, **settings}
    loss = train(model, EXAMPLES, lambda batch: collate_text(batch, 0), **settings)
    return model, loss


def compare(one: torch.nn.Module, other: torch.nn.Module) -> float:
    """Return the distance between two models divided by the distance between the first model and its initial weights.

    The largest difference of a weight is not suitable, because Adam makes steps of full size even if a gradient is only
    a rounding error.
    """
    torch.manual_seed(0)
    start, one, other = (
        torch.nn.utils.parameters_to_vector(model.parameters()).detach() for model in (make_model(40), one, other)
    )
    return ((one - other).norm() / (one - start).norm()).item()


def test_the_loss_is_the_mean_over_the_labels_of_a_step_however_it_is_cut():
    whole, loss = fit()
    for accumulation in (2, 3, 20):
        cut, loss_of_cut = fit(accumulation=accumulation)
        assert loss_of_cut == pytest.approx(loss, rel=1e-4)
        assert compare(whole, cut) < 0.005
    assert compare(whole, fit(seed=2)[0]) > 0.1


def test_the_parts_of_a_step_weigh_what_they_have_labels():
    parts = Parts(EXAMPLES, lambda batch: collate_text(batch, 0), [[0, 1, 2], [3]], 2)
    assert len(parts) == 4
    assert [parts[place]["weight"] for place in range(4)] == [2 * 1 / 6, 2 * 5 / 6, 0.0, 2.0]
    assert parts[1]["inputs"]["labels"].tolist() == [[5, 5, -100], [6, 6, 6]]


def test_a_frozen_weight_stays_and_the_model_is_left_for_use():
    torch.manual_seed(0)
    model = make_model(40)
    model.shared.weight.requires_grad_(False)
    before = model.shared.weight.clone()
    train(model, EXAMPLES, lambda batch: collate_text(batch, 0), steps=2, batch_size=8, learning_rate=1e-3, seed=1)
    assert torch.equal(model.shared.weight, before)
    assert not model.training


def test_activations_computed_again_give_the_same_model_and_are_only_computed_again_in_training():
    plain, _ = fit()
    torch.manual_seed(0)
    model = make_model(40)
    with save_memory(model, True):
        assert model.is_activation_checkpointing
        train(model, EXAMPLES, lambda batch: collate_text(batch, 0), steps=6, batch_size=8, learning_rate=1e-3, seed=1)
    assert not model.is_activation_checkpointing
    assert compare(plain, model) < 0.005


class Stop(Exception):
    """Raised instead of using a GPU."""


@pytest.mark.parametrize(
    ("gpu", "bfloat16", "wanted"), [(False, True, False), (True, True, True), (True, False, False)]
)
def test_bfloat16_is_for_gpus_that_have_it(monkeypatch, gpu, bfloat16, wanted):
    """The arguments of the Trainer are checked with a simulated GPU."""
    asked = {}

    def ask(**settings):
        asked.update(settings)
        raise Stop

    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bfloat16)
    monkeypatch.setattr(training, "TrainingArguments", ask)
    with pytest.raises(Stop):
        fit()
    assert (asked["bf16"], asked["use_cpu"], asked["dataloader_pin_memory"]) == (wanted, not gpu, gpu)
    assert asked["optim"] == "adamw_torch_fused" and "fp16" not in asked


def test_several_gpus_that_would_each_take_a_batch_of_the_step_are_an_error():
    """Batches are planned for one GPU. The batch of a second GPU would be dropped silently."""
    with pytest.raises(ValueError, match="too many values to unpack"):
        training._take_only([{"weight": 1.0}, {"weight": 1.0}])


def test_tensors_have_the_threads_of_the_rule():
    before = torch.get_num_threads()
    for threads in (2, 1):
        limit_threads(threads)
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
