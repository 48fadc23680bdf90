"""Measure the effect of each part of the initialisation of tiny-mt5, and of its pre-training.

    python benchmarks/small_start.py [LANGUAGE ...]

Prints one row per initialisation: the loss of the new model, and the test F1 in each language after training on 600
sentences. Corpus and recipe are those of the default study. The last row includes pre-training.
"""

import copy
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers import AutoTokenizer, set_seed

from isogloss.corpora.sampling import draw_source
from isogloss.corpora.synthetic.synthetic import load
from isogloss.families.steps import count_steps
from isogloss.models.pretraining import tiny_mt5
from isogloss.models.pretraining.small_start import START, make_model
from isogloss.models.text_to_text import text_to_text
from isogloss.models.text_to_text.tokens import Tokens
from isogloss.models.vocabulary.vocabulary import build_tokenizer, take_equal_text
from isogloss.study.config import parse_study
from isogloss.tasks import find_task

STUDY = parse_study(yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8")))
RECIPE = STUDY.models["tiny-mt5"].recipe
SIZES, ANNOTATION = STUDY.tasks["ner"].corpus.options, STUDY.tasks["ner"].annotation
NER = find_task("ner")


def score(model: text_to_text.TextToText, language: str) -> float:
    """Return the in-language test F1 of a model after training."""
    corpus = load(SIZES, language, ANNOTATION).splits
    train = draw_source(corpus["train"], 600, task="ner", language=language, seed=1)
    model, _ = text_to_text.fit(model, NER, train, RECIPE, steps=count_steps(RECIPE, len(train)), seed=1, threads=1)
    predictions = text_to_text.predict(model, NER, corpus["test"], RECIPE, threads=1)
    return NER.score(corpus["test"], predictions, frozenset())["scores"]["f1"]


def measure_fresh_loss(network: Any, tokenizer: Any, lines: list[str]) -> float:
    """Return the loss of a new model on the task of copying some lines."""
    ids = tokenizer(lines, padding=True, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        return network(input_ids=ids, labels=ids.masked_fill(ids == tokenizer.pad_token_id, -100)).loss.item()


def main(languages: list[str]) -> None:
    """Print the table."""
    origin = STUDY.models["tiny-mt5"].origin
    text = {
        code: [" ".join(one.tokens) for one in load(SIZES, code, ANNOTATION).splits["train"]]
        for code in origin.languages
    }
    with tempfile.TemporaryDirectory() as folder:
        build_tokenizer(take_equal_text(text, seed=tiny_mt5.SEED), origin.vocabulary, Path(folder))
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    variants = {
        "initialisation of T5": ((), 0),
        "only shrink_embedding": (START[:1], 0),
        **{f"all except {part.__name__}": (tuple(one for one in START if one is not part), 0) for part in START[1:]},
        "all": (START, 0),
        f"all, then {origin.steps} steps of span corruption": (START, origin.steps),
    }
    print("| initialisation | loss of the new model |", " | ".join(f"F1 {code}" for code in languages), "|")
    print("|---|---|" + "---|" * len(languages))
    for name, (start, steps) in variants.items():
        set_seed(tiny_mt5.SEED)
        network = make_model(len(tokenizer), start)
        fresh = measure_fresh_loss(network, tokenizer, text["en"][:32])
        if steps:
            tiny_mt5.pretrain(network, tokenizer, text, steps)
        scores = [
            score(text_to_text.TextToText(copy.deepcopy(network), Tokens(tokenizer, "", None)), code)
            for code in languages
        ]
        print(f"| {name} | {fresh:.1f} |", " | ".join(f"{f1:.2f}" for f1 in scores), "|", flush=True)
    print(f"\nlogarithm of the vocabulary size: {math.log(len(tokenizer)):.1f}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["en", "hi"])
