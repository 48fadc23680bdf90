"""The `bilstm-crf` family: bidirectional LSTMs over words and characters with a CRF layer, without pre-training.

This is the tagger of Lample et al. 2016 (arXiv 1603.01360), which Rahimi et al. 2019 (arXiv 1902.00193) used on
WikiANN. A word is represented by its embedding and by the last states of a bidirectional character LSTM. A
bidirectional LSTM reads the words of the sentence. A linear-chain CRF scores the label sequence. All weights are
initialised at random.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence, pad_sequence

from isogloss.common.errors import UserError
from isogloss.families.weights import WEIGHTS, read_header
from isogloss.models.crf.label_chain import LabelChain
from isogloss.tasks.base import Tagging, Task
from isogloss.training.batch_plan import IGNORED
from isogloss.training.prediction import predict_batches
from isogloss.training.threads import limit_threads

WORD_SIZE, WORD_STATES = 100, 100
CHARACTER_SIZE, CHARACTER_STATES = 25, 25
"""Dimensions of the embeddings and of the LSTM states in one direction, from Lample et al. 2016, section 5.1."""
WORD_DROPOUT, CHARACTER_DROPOUT = 0.5, 0.05
"""Shares of words and characters that are replaced by unknown in training, so that the unknown rows are trained."""
UNKNOWN = 0
"""Embedding row of the unknown word and of the unknown character. Padding has the same id, but is never read."""
PREDICTION_BATCH = 64
VOCABULARY = "vocabulary.json"


@dataclass(frozen=True)
class BilstmCrf:
    """A tagger with its vocabularies.

    words, characters: the entries of the two embeddings, in the order of their rows, after the unknown row. labels: the
    labels of the CRF, in the order of its rows.
    """

    network: "TaggerNetwork"
    words: tuple[str, ...]
    characters: tuple[str, ...]
    labels: tuple[str, ...]


class TaggerNetwork(torch.nn.Module):
    """The network: computes label scores, or the loss, from the ids of words and characters.

    words: (sentences, positions), padded. lengths: number of words of each sentence, (sentences,). characters: (words,
    positions), padded, for the words of all sentences in order. spellings: number of characters of each word, (words,).
    labels: the same shape as `words`, with IGNORED at padding.
    """

    def __init__(self, words: int, characters: int, labels: int):
        super().__init__()
        self.words = _embed(words, WORD_SIZE)
        self.characters = _embed(characters, CHARACTER_SIZE)
        self.spelling = torch.nn.LSTM(CHARACTER_SIZE, CHARACTER_STATES, batch_first=True, bidirectional=True)
        self.dropout = torch.nn.Dropout()
        self.sentence = torch.nn.LSTM(
            WORD_SIZE + 2 * CHARACTER_STATES, WORD_STATES, batch_first=True, bidirectional=True
        )
        self.emission = torch.nn.Linear(2 * WORD_STATES, labels)
        self.chain = LabelChain(labels)

    def forward(
        self,
        words: torch.Tensor,
        lengths: torch.Tensor,
        characters: torch.Tensor,
        spellings: torch.Tensor,
        labels: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """Return `loss`: the negative log-likelihood of the label sequences divided by the number of labels."""
        emissions = self.emit(words, lengths, characters, spellings)
        gold = self.chain.score(emissions, labels.clamp(min=0), lengths)
        return {"loss": (self.chain.measure_partition(emissions, lengths) - gold).sum() / lengths.sum()}

    def emit(
        self, words: torch.Tensor, lengths: torch.Tensor, characters: torch.Tensor, spellings: torch.Tensor
    ) -> torch.Tensor:
        """Return the score of each label for each word: (sentences, positions, labels)."""
        if self.training:
            words, characters = _hide(words, WORD_DROPOUT), _hide(characters, CHARACTER_DROPOUT)
        _, (last, _) = self.spelling(_pack(self.characters(characters), spellings))
        spelt = pad_sequence(torch.cat([last[0], last[1]], 1).split(lengths.tolist()), batch_first=True)
        read = self.dropout(torch.cat([self.words(words), spelt], 2))
        states, _ = pad_packed_sequence(self.sentence(_pack(read, lengths))[0], batch_first=True)
        return self.emission(self.dropout(states)).float()  # half precision is too coarse for sums of exponentials


def _embed(rows: int, size: int) -> torch.nn.Embedding:
    """Return random embeddings with variance 1 / size, so that the initial norm does not depend on the size."""
    bound = (3 / size) ** 0.5
    return torch.nn.Embedding.from_pretrained(torch.empty(rows, size).uniform_(-bound, bound), freeze=False)


def _hide(ids: torch.Tensor, share: float) -> torch.Tensor:
    return torch.where(torch.rand(ids.shape, device=ids.device) < share, UNKNOWN, ids)


def _pack(inputs: torch.Tensor, lengths: torch.Tensor) -> PackedSequence:
    """Pack padded inputs, so that the backward LSTM starts at the last element of each sequence, not in the padding."""
    return pack_padded_sequence(inputs, lengths.cpu(), batch_first=True, enforce_sorted=False)


def load(folder: Path, store: Path | None = None) -> BilstmCrf:
    """Read a model that `save` wrote into a folder; `store` is not used. Raises UserError if its files are damaged."""
    from safetensors.torch import load_file

    read_header(folder / WEIGHTS)
    try:
        rows = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        words, characters, labels = (tuple(rows[name]) for name in ("words", "characters", "labels"))
        network = TaggerNetwork(len(words) + 1, len(characters) + 1, len(labels))
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (ValueError, KeyError, TypeError, RuntimeError):
        raise UserError(
            f"{folder}: {VOCABULARY} does not fit {WEIGHTS}; delete the folder and run the study again"
        ) from None
    return BilstmCrf(network.eval(), words, characters, labels)


def save(model: BilstmCrf, folder: Path) -> None:
    """Write the model into an existing folder: the weights, and the words, characters and labels of their rows."""
    from safetensors.torch import save_file

    rows = {"labels": model.labels, "characters": model.characters, "words": model.words}
    save_file({name: tensor.contiguous() for name, tensor in model.network.state_dict().items()}, folder / WEIGHTS)
    (folder / VOCABULARY).write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")


def fit(
    model: BilstmCrf | None,
    task: Task,
    examples: Sequence[Any],
    recipe: Mapping[str, Any],
    *,
    steps: int,
    seed: int,
    threads: int,
) -> tuple[BilstmCrf, dict[str, Any]]:
    """Train `model` further in place, or train a new model if it is None; return the model with its training budget.

    recipe: learning_rate, batch_size and dropout. Words and characters that are not in the vocabulary of `model` are
    added. Their embeddings start as copies of the unknown row. Raises UserError if `model` has other labels than the
    task.
    """
    # The import of the Trainer takes a second, and prediction does not need it.
    from isogloss.training.loop import train

    limit_threads(threads)
    tagging = task.tagging
    sentences = [tagging.words(example) for example in examples]
    model = _start(sentences, tagging, seed) if model is None else _grow(model, sentences)
    _check_labels(model, task)
    model.network.dropout.p = recipe["dropout"]
    places = {label: place for place, label in enumerate(tagging.labels)}
    encoded = [
        {**row, "labels": [places[label] for label in tagging.gold(example)]}
        for row, example in zip(_encode(model, sentences), examples, strict=True)
    ]
    loss = train(
        model.network,
        encoded,
        lambda batch: {**_collate(batch), "labels": _pad([row["labels"] for row in batch], IGNORED)},
        steps=steps,
        batch_size=recipe["batch_size"],
        learning_rate=recipe["learning_rate"],
        seed=seed,
    )
    return model, {"steps": steps, "subword_tokens": None, "mean_loss": loss}


def predict(
    model: BilstmCrf, task: Task, examples: Sequence[Any], recipe: Mapping[str, Any], *, threads: int
) -> list[Any]:
    """Return the most probable labels of each example, by Viterbi decoding; the gold labels are not read.

    Raises UserError if `model` has other labels than the task.
    """
    limit_threads(threads)
    _check_labels(model, task)
    device = model.network.emission.weight.device

    def answer(batch: list[dict[str, Any]]) -> list[list[int]]:
        inputs = {name: tensor.to(device) for name, tensor in _collate(batch).items()}
        return model.network.chain.find_best(model.network.emit(**inputs), inputs["lengths"])

    encoded = _encode(model, [task.tagging.words(example) for example in examples])
    paths = predict_batches(encoded, answer, batch_size=PREDICTION_BATCH)
    return [
        task.tagging.decode(example, [model.labels[label] for label in path], 0, 1)
        for example, path in zip(examples, paths, strict=True)
    ]


def _start(sentences: Sequence[Sequence[str]], tagging: Tagging, seed: int) -> BilstmCrf:
    words, characters = _list_new(_flatten(sentences)), _list_new(_flatten(_flatten(sentences)))
    torch.manual_seed(seed)
    network = TaggerNetwork(len(words) + 1, len(characters) + 1, len(tagging.labels))
    return BilstmCrf(network, words, characters, tuple(tagging.labels))


def _grow(model: BilstmCrf, sentences: Sequence[Sequence[str]]) -> BilstmCrf:
    """Return the model with added rows for new words and characters of `sentences`; its predictions do not change."""
    words = _list_new(_flatten(sentences), model.words)
    characters = _list_new(_flatten(_flatten(sentences)), model.characters)
    network = model.network
    network.words, network.characters = _add_rows(network.words, words), _add_rows(network.characters, characters)
    return BilstmCrf(network, model.words + words, model.characters + characters, model.labels)


def _flatten(parts: Iterable[Iterable[str]]) -> Iterator[str]:
    return chain.from_iterable(parts)


def _list_new(found: Iterable[str], known: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(sorted(set(found).difference(known)))


def _add_rows(embedding: torch.nn.Embedding, new: Sequence[str]) -> torch.nn.Embedding:
    old = embedding.weight.detach()
    return torch.nn.Embedding.from_pretrained(torch.cat([old, old[[UNKNOWN] * len(new)]]), freeze=False)


def _encode(model: BilstmCrf, sentences: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Return, for each sentence, the rows of its words (`input_ids`) and of the characters of each word."""
    words, characters = (
        {entry: row for row, entry in enumerate(entries, start=UNKNOWN + 1)}
        for entries in (model.words, model.characters)
    )
    return [
        {
            "input_ids": [words.get(word, UNKNOWN) for word in sentence],
            # An empty word is represented by one unknown character, because an LSTM cannot read an empty sequence.
            "characters": [[characters.get(char, UNKNOWN) for char in word] or [UNKNOWN] for word in sentence],
        }
        for sentence in sentences
    ]


def _collate(batch: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    spelt = [characters for row in batch for characters in row["characters"]]
    return {
        "words": _pad([row["input_ids"] for row in batch], UNKNOWN),
        "lengths": torch.tensor([len(row["input_ids"]) for row in batch]),
        "characters": _pad(spelt, UNKNOWN),
        "spellings": torch.tensor([len(characters) for characters in spelt]),
    }


def _pad(rows: Sequence[Sequence[int]], padding: int) -> torch.Tensor:
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=padding)


def _check_labels(model: BilstmCrf, task: Task) -> None:
    if model.labels != tuple(task.tagging.labels):
        raise UserError(
            f"task {task.kind}: the bilstm-crf model was trained for the labels {', '.join(model.labels)}, "
            f"but the task has {', '.join(task.tagging.labels)}; train a model for this task"
        )
