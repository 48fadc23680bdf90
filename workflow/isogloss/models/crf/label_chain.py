"""A linear-chain conditional random field over labels, in torch: score, partition function and Viterbi decoding.

The project has its own implementation because the available libraries are not maintained. The last releases were in
2019 (pytorch-crf, the most common one), 2020 (TorchCRF) and 2021 (torch-struct). The notation and the recursions follow
Lample et al. 2016 (arXiv 1603.01360), section 2.2, and are those of Lafferty et al. 2001.
"""

import torch


class LabelChain(torch.nn.Module):
    """The score of a label sequence: s(y) = start[y1] + sum of e[t, yt] + sum of A[yt-1, yt] + end[yT].

    In every method, e is `emissions`, the score of each label at each position, of shape (sentences, positions,
    labels). `lengths` is the number of positions of each sentence, at least 1, of shape (sentences,). Positions beyond
    it are padding and do not affect the result.
    """

    def __init__(self, labels: int):
        super().__init__()
        self.start = torch.nn.Parameter(torch.zeros(labels))
        self.end = torch.nn.Parameter(torch.zeros(labels))
        self.transitions = torch.nn.Parameter(torch.zeros(labels, labels))

    def score(self, emissions: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return s(y) for one label sequence of each sentence, of shape (sentences,).

        labels: (sentences, positions), with any valid label at padding.
        """
        inside = torch.arange(labels.shape[1], device=labels.device) < lengths[:, None]
        emitted = emissions.gather(2, labels[:, :, None]).squeeze(2)
        followed = self.transitions[labels[:, :-1], labels[:, 1:]]
        last = labels.gather(1, lengths[:, None] - 1).squeeze(1)
        return (
            self.start[labels[:, 0]]
            + torch.where(inside, emitted, 0.0).sum(1)
            + torch.where(inside[:, 1:], followed, 0.0).sum(1)
            + self.end[last]
        )

    def measure_partition(self, emissions: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the log of the sum of exp s(y) over all label sequences, by the forward algorithm: (sentences,)."""
        forward = self.start + emissions[:, 0]
        for place in range(1, emissions.shape[1]):
            longer = torch.logsumexp(forward[:, :, None] + self.transitions, 1) + emissions[:, place]
            forward = torch.where((place < lengths)[:, None], longer, forward)
        return torch.logsumexp(forward + self.end, 1)

    def find_best(self, emissions: torch.Tensor, lengths: torch.Tensor) -> list[list[int]]:
        """Return the label sequence with the highest s(y) for each sentence, by the Viterbi algorithm."""
        best, origins = self.start + emissions[:, 0], []
        for place in range(1, emissions.shape[1]):
            longer, origin = (best[:, :, None] + self.transitions).max(1)
            best = torch.where((place < lengths)[:, None], longer + emissions[:, place], best)
            origins.append(origin.tolist())
        paths = []
        for sentence, label in enumerate((best + self.end).argmax(1).tolist()):
            path = [label]
            for origin in reversed(origins[: int(lengths[sentence]) - 1]):
                path.append(origin[sentence][path[-1]])
            paths.append(path[::-1])
        return paths
