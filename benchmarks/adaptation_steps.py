"""Compare numbers of adaptation steps on the shots, by F1 on the English validation set.

    python benchmarks/adaptation_steps.py STUDY MODEL FOLDER SHOTS [SHOTS ...]

STUDY is a study file with an available NER corpus. MODEL is one of its models, whose recipe is used, and FOLDER is the
folder of this model. Training starts without a source and from German. The `adaptation_steps` of a study must be chosen
before any target is used. English represents all targets here, and its validation sentences determine the choice. A
study that uses such a choice must therefore also report its results without English.
"""

import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from isogloss.common.annotation import Annotation
from isogloss.common.examples import read_examples
from isogloss.corpora.build import build_corpus
from isogloss.corpora.sampling import draw_shots, draw_source
from isogloss.families import import_family
from isogloss.families.steps import count_steps
from isogloss.study.check import check_study
from isogloss.study.reading.yaml_file import read_config
from isogloss.tasks import find_task

TARGET, SOURCE, SENTENCES = "en", "de", 600
STEPS = (10, 20, 40, 80, 160)
SEEDS = (1, 2)


def main(study: str, model: str, start: Path, shots: list[int]) -> None:
    """Print one row for each seed, start and number of shots, with the F1 after each number of steps."""
    parsed, _, _ = check_study(read_config(Path(study)), Path())
    recipe, kind = parsed.models[model].recipe, find_task("ner")
    family = import_family(parsed.models[model].family)
    print("| seed | start | shots |", *(f"{steps} steps |" for steps in STEPS))
    print("|---|---|---|" + "---|" * len(STEPS))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for code in (TARGET, SOURCE):
            build_corpus(parsed.tasks["ner"].corpus.entry, code, Annotation("ner"), folder / code)
        read = {
            (code, split): read_examples(folder / code / f"{split}.parquet", kind.example)
            for code in (TARGET, SOURCE)
            for split in ("train", "validation")
        }

        def fit(begin: Path, examples: list, steps: int, seed: int) -> Any:
            with redirect_stdout(sys.stderr):  # keeps the training log out of the table
                return family.fit(family.load(begin), kind, examples, recipe, steps=steps, seed=seed, threads=1)[0]

        for seed in SEEDS:
            labelled = draw_source(read[SOURCE, "train"], SENTENCES, task="ner", language=SOURCE, seed=seed)
            trained = folder / f"trained-{seed}"
            trained.mkdir()
            family.save(fit(start, labelled, count_steps(recipe, SENTENCES), seed), trained)
            for name, begin in (("none", start), (SOURCE, trained)):
                for k in shots:
                    own = draw_shots(read[TARGET, "train"], k, task="ner", target=TARGET, seed=seed)
                    found = []
                    for steps in STEPS:
                        held_out = read[TARGET, "validation"]
                        tags = family.predict(fit(begin, own, steps, seed), kind, held_out, recipe, threads=1)
                        found.append(kind.score(held_out, tags, frozenset())["scores"]["f1"])
                    print(f"| {seed} | {name} | {k} |", *(f"{f1:.2f} |" for f1 in found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), [int(k) for k in sys.argv[4:]])
