"""Number of torch threads."""

import torch


def limit_threads(threads: int) -> None:
    """Set the number of torch threads; jobs slow each other down if together they use more threads than cores."""
    torch.set_num_threads(threads)
