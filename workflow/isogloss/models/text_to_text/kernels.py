"""The same functions by fewer passes over memory: what a network computes stays as it is, to rounding.

In a small model of the T5 kind on a CPU less than half of a step is matrix products; much of the rest are two things
that transformers writes out in small operations (docs/developing/performance.md has it measured).
"""

import torch
from transformers.activations import NewGELUActivation


def choose_kernels(network: torch.nn.Module) -> None:
    """Give a Hugging Face network, on the device where it stays, the kernels that suit it there.

    mT5's activation is GELU by tanh (Hendrycks & Gimpel 2016) in eight operations, which torch has as one. Attention
    with a learnt bias, as the T5 kind has it, has no fused kernel with gradients on a CPU: torch falls back to its
    parts, and asked for those directly it spares the masks that only a fused kernel needs.
    """
    for module in [*network.modules()]:
        for name, child in module.named_children():
            if isinstance(child, NewGELUActivation):
                setattr(module, name, torch.nn.GELU(approximate="tanh"))
    if network.device.type == "cpu" and hasattr(network.config, "relative_attention_num_buckets"):
        network.set_attn_implementation("eager")
