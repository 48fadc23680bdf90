"""The linear-chain CRF: its recursions are compared with an enumeration of all label sequences."""

from itertools import pairwise, product

import pytest
import torch

from isogloss.models.crf.label_chain import LabelChain

LABELS = 3
LENGTHS = torch.tensor([4, 1, 3, 5, 2])


@pytest.fixture
def chain() -> LabelChain:
    chain = LabelChain(LABELS).double()
    generator = torch.Generator().manual_seed(1)
    for weights in chain.parameters():
        torch.nn.init.normal_(weights, generator=generator)
    return chain


@pytest.fixture
def emissions() -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(len(LENGTHS), 5, LABELS, generator=generator, dtype=torch.double)


def enumerate_scores(chain: LabelChain, emissions: torch.Tensor, length: int) -> dict[tuple[int, ...], float]:
    """Return s(y) of every label sequence of one sentence, summed term by term."""
    scores = {}
    for labelling in product(range(LABELS), repeat=length):
        score = chain.start[labelling[0]] + chain.end[labelling[-1]]
        score = score + sum(emissions[place, label] for place, label in enumerate(labelling))
        score = score + sum(chain.transitions[pair] for pair in pairwise(labelling))
        scores[labelling] = score.item()
    return scores


def test_partition_score_and_best_path_are_those_of_enumeration(chain, emissions):
    partitions = chain.measure_partition(emissions, LENGTHS)
    best = chain.find_best(emissions, LENGTHS)
    for sentence, length in enumerate(LENGTHS.tolist()):
        scores = enumerate_scores(chain, emissions[sentence], length)
        assert len(scores) == LABELS**length
        every = torch.tensor(list(scores.values()), dtype=torch.double)
        assert partitions[sentence].item() == pytest.approx(torch.logsumexp(every, 0).item(), abs=1e-10)
        assert best[sentence] == list(max(scores, key=scores.get))
        padded = torch.zeros(len(LENGTHS), 5, dtype=torch.long)
        for labelling in list(scores)[:: max(1, len(scores) // 7)]:
            padded[sentence, :length] = torch.tensor(labelling)
            found = chain.score(emissions, padded, LENGTHS)[sentence].item()
            assert found == pytest.approx(scores[labelling], abs=1e-10)


def test_the_gradient_of_the_partition_is_the_marginal_probability_of_a_label(chain, emissions):
    emissions.requires_grad_()
    chain.measure_partition(emissions, LENGTHS).sum().backward()
    scores = enumerate_scores(chain, emissions[2].detach(), 3)
    weights = torch.tensor(list(scores.values()), dtype=torch.double).softmax(0)
    for place, label in product(range(3), range(LABELS)):
        share = sum(w.item() for labelling, w in zip(scores, weights, strict=True) if labelling[place] == label)
        assert emissions.grad[2, place, label].item() == pytest.approx(share, abs=1e-10)
    assert emissions.grad[2, 3:].abs().max() == 0  # padding does not affect the partition function
