"""The linear chain of a conditional random field over labels, in torch: its partition function and its best path.

It is written here because the libraries of it are not kept up: pytorch-crf, the one in common use, had its last release
in 2019, TorchCRF in 2020, torch-struct in 2021. Notation and recursions after Lample et al. 2016 (arXiv 1603.01360),
section 2.2, which are those of Lafferty et al. 2001.
"""

import torch


class LabelChain(torch.nn.Module):
    """Scores of a labelling: s(y) = start[y1] + sum of e[t, yt] + sum of A[yt-1, yt] + end[yT].

    e: emissions, the scores of each label at each place; (sentences, places, labels) in every method. lengths: places
    of each sentence, at least 1; what stands beyond them is padding and counts for nothing.
    """

    def __init__(self, labels: int):
        super().__init__()
        self.start = torch.nn.Parameter(torch.zeros(labels))
        self.end = torch.nn.Parameter(torch.zeros(labels))
        self.transitions = torch.nn.Parameter(torch.zeros(labels, labels))

    def score(self, emissions: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return s(y) of one labelling of each sentence. labels: (sentences, places), any label where there is none."""
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
        """Return the log of the sum of exp s(y) over every labelling of each sentence, by the forward algorithm."""
        forward = self.start + emissions[:, 0]
        for place in range(1, emissions.shape[1]):
            longer = torch.logsumexp(forward[:, :, None] + self.transitions, 1) + emissions[:, place]
            forward = torch.where((place < lengths)[:, None], longer, forward)
        return torch.logsumexp(forward + self.end, 1)

    def find_best(self, emissions: torch.Tensor, lengths: torch.Tensor) -> list[list[int]]:
        """Return the labelling of each sentence with the highest s(y), by the Viterbi algorithm."""
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
