"""Threads of tensors."""

import torch


def limit_threads(threads: int) -> None:
    """Use so many threads for tensors: more processes than cores divided by threads slow each other down."""
    torch.set_num_threads(threads)
