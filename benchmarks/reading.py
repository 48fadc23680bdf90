"""Measure the time to read the files of a user: a task's examples of a file, against a loop over its lines."""

import gc
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import Measured

from isogloss.common.annotation import Annotation
from isogloss.common.examples import TaggedSentence
from isogloss.corpora.forms.records import Reading
from isogloss.corpora.readers.files import read_file

SENTENCES, WORDS, ROUNDS = 40_000, 8, 5
TAGS = [*["O"] * 8, "B-PER", "I-PER", "B-LOC", "B-ORG"]


def measure() -> Measured:
    """Read 40,000 sentences in several forms, each in turn with the loop."""
    chance = random.Random(1)
    drawn = [[(f"w{chance.randrange(20_000)}", chance.choice(TAGS)) for _ in range(WORDS)] for _ in range(SENTENCES)]
    forms = {
        "word, TAB, tag": _write_lines(drawn, "{}\t{}\n"),
        "word, space, tag": _write_lines(drawn, "{} {}\n"),
        "four columns (CoNLL 2003)": _write_lines(drawn, "{} NN B-NP {}\n"),
        "index, word, tag": _write_indexed(drawn),
        "JSON lines": "".join(_write_object(one) for one in drawn),
    }
    rows = [("form", "seconds", "ratio to the loop")]
    with tempfile.TemporaryDirectory() as place:
        plain = Path(place, "plain.tsv")
        plain.write_text(forms["word, TAB, tag"], encoding="utf-8")
        for form, content in forms.items():
            path = Path(place, "train.txt")
            path.write_text(content, encoding="utf-8")
            pairs = [(_time(lambda file=path: _read(file)), _time(lambda: _loop(plain))) for _ in range(ROUNDS)]
            took = statistics.median(one for one, _ in pairs)
            rows.append((form, f"{took:.2f}", f"{statistics.median(one / loop for one, loop in pairs):.2f}"))
    return Measured(
        f"Reading {SENTENCES:,} sentences of {WORDS} words as examples of NER, against a loop that makes the same "
        "examples of lines with a word, a TAB and a tag and checks nothing (`benchmarks/reading.py`). Medians over "
        f"{ROUNDS} rounds, in which both alternate.",
        rows,
        f"Target: at most 6 times the loop for a word, a TAB and a tag. Measured: {rows[1][2]}.",
    )


def _write_lines(drawn: list[list[tuple[str, str]]], line: str) -> str:
    return "\n".join("".join(line.format(*pair) for pair in one) for one in drawn)


def _write_indexed(drawn: list[list[tuple[str, str]]]) -> str:
    return "\n".join("".join(f"{n}\t{word}\t{tag}\t-\n" for n, (word, tag) in enumerate(one, 1)) for one in drawn)


def _write_object(pairs: list[tuple[str, str]]) -> str:
    words, tags = zip(*pairs, strict=True)
    return json.dumps({"tokens": words, "ner_tags": tags}) + "\n"


def _time(call: Callable[[], list]) -> float:
    gc.collect()
    start = time.process_time()
    read = call()
    took = time.process_time() - start
    assert len(read) == SENTENCES
    return took


def _read(path: Path) -> list[TaggedSentence]:
    return read_file(path, Reading(), Annotation("ner"), "sw", "train")[0]


def _loop(path: Path) -> list[TaggedSentence]:
    examples, words, tags = [], [], []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line:
            word, tag = line.split("\t")
            words.append(word)
            tags.append(tag)
        elif words:
            examples.append(TaggedSentence(f"sw-train-{len(examples)}", "sw", tuple(words), tuple(tags)))
            words, tags = [], []
    return examples


if __name__ == "__main__":
    print("\n".join(" | ".join(row) for row in measure().rows))
