"""The `crf` family: a linear-chain conditional random field (python-crfsuite) without pre-training.

It is a baseline for pre-trained models. A trained CRF cannot be trained further. With target shots its adaptation is
therefore `joint`: a new model is trained on source sentences and shots together.
"""

import math
import re
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.examples import TaggedSentence
from isogloss.models.crf.crfsuite_file import FILE, read_model, write_model
from isogloss.tasks.base import Task

# c1 and c2 are the coefficients of the L1 and L2 penalties in the loss that L-BFGS minimises. The defaults were chosen
# in-language on PAN-X validation sets, with 600 training sentences. Other values, from 0 to 0.2 for c1 and c2 and from
# 40 to 100 iterations, give an F1 within 0.025 of theirs.
PENALTIES = ("c1", "c2", "max_iterations")
ADVICE = "use the default of c1 and c2 (training.MODEL), or look for damage in the corpus"


@dataclass(frozen=True)
class CrfModel:
    """A trained model, as the bytes of a crfsuite model file."""

    data: bytes


def load(folder: Path, store: Path | None = None) -> CrfModel:
    """Read a model that `save` wrote into a folder; `store` is not used. Raises UserError if its file is damaged."""
    return CrfModel(read_model(folder))


def save(model: CrfModel, folder: Path) -> None:
    """Write the model as `model.crfsuite`, and a digest of it, into an existing folder."""
    write_model(folder, model.data)


def fit(
    model: CrfModel | None,
    task: Task,
    examples: Sequence[TaggedSentence],
    recipe: Mapping[str, Any],
    *,
    steps: int | None,
    seed: int,
    threads: int,
) -> tuple[CrfModel, dict[str, int | None]]:
    """Train a new model on the examples and return it with its training budget.

    recipe: `c1`, `c2`, `max_iterations`. Training is deterministic and uses one thread. The arguments `model`, `steps`,
    `seed` and `threads`, which all families take, are not used. Raises UserError if the loss or the weights are not
    finite.
    """
    import pycrfsuite

    options = {name: recipe[name] for name in PENALTIES}
    trainer = pycrfsuite.Trainer(
        algorithm="lbfgs", params={**options, "feature.possible_transitions": True}, verbose=False
    )
    for example in examples:
        trainer.append(list_features(example.tokens), task.tagging.gold(example))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        trainer.train(str(path))
        check_training(trainer.logparser.iterations, "".join(trainer.logparser.log))
        data = path.read_bytes()
    return CrfModel(data), {"steps": len(trainer.logparser.iterations), "subword_tokens": None}


def check_training(iterations: Sequence[Mapping[str, Any]], log: str) -> None:
    """Raise UserError if crfsuite reports a loss or weights that are not finite, or if it could make no iteration.

    iterations, log: as pycrfsuite parses them. The parser skips a number that is not finite. L-BFGS returns a negative
    error code if it fails. After some iterations this is usual and harmless: no better weights were found.
    """
    for iteration in iterations:
        for what in ("loss", "feature_norm"):
            if not math.isfinite(math.nan if iteration.get(what) is None else iteration[what]):
                raise UserError(
                    f"training: the {'loss' if what == 'loss' else 'norm of the weights'} of the CRF is not finite at "
                    f"iteration {iteration['num']}; {ADVICE}"
                )
    failed = re.search(r"L-BFGS terminated with error code \((-\d+)\)", log)
    if failed and not iterations:
        raise UserError(f"training: L-BFGS could not train the CRF at iteration 1 (error {failed[1]}); {ADVICE}")


def predict(
    model: CrfModel,
    task: Task,
    examples: Sequence[TaggedSentence],
    recipe: Mapping[str, Any],
    *,
    threads: int,
) -> list[Any]:
    """Return the most probable tag sequence of each example, by Viterbi decoding; the gold tags are not read."""
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(model.data)
    return [task.tagging.decode(example, tagger.tag(list_features(example.tokens)), 0, 1) for example in examples]


def list_features(tokens: Sequence[str]) -> list[list[str]]:
    """Return the features of each token: its own, those of two neighbours on each side, and sentence boundaries.

    The features of the token itself are the word, its casefolded form, prefixes and suffixes of one to four characters,
    its shape and its script. The features of a neighbour are its casefolded form, shape and script.
    """
    own = [_describe_word(token) for token in tokens]
    near = [_describe_neighbour(token) for token in tokens]
    last = len(tokens) - 1
    rows = []
    for position, features in enumerate(own):
        row = ["bias", *features]
        for offset in (-2, -1, 1, 2):
            if 0 <= position + offset <= last:
                row += [f"{offset}:{feature}" for feature in near[position + offset]]
        if position == 0:
            row.append("begin")
        if position == last:
            row.append("end")
        rows.append(row)
    return rows


@cache
def _describe_word(word: str) -> tuple[str, ...]:
    folded = word.casefold()
    lengths = range(1, min(4, len(folded)) + 1)
    prefixes = (f"prefix={folded[:length]}" for length in lengths)
    suffixes = (f"suffix={folded[-length:]}" for length in lengths)
    return (f"word={word}", *_describe_neighbour(word), *prefixes, *suffixes)


@cache
def _describe_neighbour(word: str) -> tuple[str, ...]:
    return (f"folded={word.casefold()}", f"shape={write_shape(word)}", f"script={name_script(word)}")


def write_shape(word: str) -> str:
    """Return the shape of a word: the class of each character, repetitions removed (`Xx` for `Rome`, `d-d` for `1-2`).

    The classes are X for an uppercase or titlecase letter, x for a lowercase letter, c for a letter without case, and d
    for a digit or another number. Combining marks are ignored. Any other character is its own class.
    """
    classes = (_classify(char) for char in word if unicodedata.category(char)[0] != "M")
    return "".join(kind for kind, _ in groupby(classes))


def _classify(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "L":
        return {"Lu": "X", "Lt": "X", "Ll": "x"}.get(category, "c")
    return "d" if category[0] == "N" else char


def name_script(word: str) -> str:
    """Return the script of the first letter (the first word of its Unicode name), or `none` if there is no letter."""
    letter = next((char for char in word if char.isalpha()), None)
    return unicodedata.name(letter, "none").split()[0] if letter else "none"
