"""Compare learning rates and numbers of epochs for training on a source, by the score on its validation set.

    python benchmarks/learning_rates.py STUDY MODEL FOLDER LANGUAGE N

STUDY is a study file with one task whose corpus is available. MODEL is one of its models, and FOLDER is the folder of
this model. N is the number of labelled examples to train on. Only the validation set of LANGUAGE, the source, is used.
"""

import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from isogloss.common.examples import read_examples
from isogloss.corpora.build import build_corpus
from isogloss.corpora.sampling import draw_source
from isogloss.families import import_family
from isogloss.families.steps import count_steps
from isogloss.study.check import check_study
from isogloss.study.reading.yaml_file import read_config

RATES = (5e-5, 1e-4, 2e-4)
EPOCHS = (2, 4)
SEED = 1


def main(study: str, model: str, start: Path, language: str, n: int) -> None:
    """Print the table of scores."""
    parsed, _, _ = check_study(read_config(Path(study)), Path())
    (task,) = parsed.tasks.values()
    kind, family = task.task, import_family(parsed.models[model].family)
    recipe = {**parsed.models[model].recipe, **({"max_length": task.max_length} if task.max_length else {})}
    print(f"| {kind.metric} on {language} |", *(f"{rate:.1e} |" for rate in RATES))
    print("|---|" + "---|" * len(RATES))
    with tempfile.TemporaryDirectory() as folder:
        build_corpus(task.corpus.entry, language, task.annotation, Path(folder))
        train = read_examples(Path(folder, "train.parquet"), kind.example)
        held_out = read_examples(Path(folder, "validation.parquet"), kind.example)
        examples = draw_source(train, n, task=task.name, language=language, seed=SEED)
        for epochs in EPOCHS:
            found = []
            for rate in RATES:
                own = {**recipe, "learning_rate": rate, "epochs": epochs}
                steps = count_steps(own, n)
                with redirect_stdout(sys.stderr):  # keeps the training log out of the table
                    trained, _ = family.fit(family.load(start), kind, examples, own, steps=steps, seed=SEED, threads=1)
                answers = family.predict(trained, kind, held_out, own, threads=1)
                found.append(kind.score(held_out, answers, frozenset())["scores"][kind.metric])
                print(epochs, rate, found[-1], file=sys.stderr, flush=True)
            print(f"| {epochs} epochs |", *(f"{score:.3f} |" for score in found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
