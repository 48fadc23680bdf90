"""Building a corpus: load it, audit it, write it. A corpus for tests alone is built of its test split."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, read_examples, write_examples
from isogloss.common.files import write_json
from isogloss.common.registry import load_part
from isogloss.corpora import Corpus, choose_corpus
from isogloss.corpora.audit import audit, audit_test, refuse_shortage


def build_corpus(
    corpus: Mapping[str, object], language: str, kind: str, out: Path, need: int = 0, folder: Path | None = None
) -> None:
    """Write the audited corpus of a language: out/{train,validation,test}.parquet and out/audit.json.

    corpus: the config's entry, `{"synthetic": {...}}`, `{"local": FOLDER}` or `{"hub": {...}}`. kind: the task's kind
    (`ner`, `nli` or `qa`). need: the most training sentences that any run takes. folder: where `download_corpus` put
    the language. A UserError tells what the corpus cannot deliver, and then nothing is written.
    """
    chosen, options = _open_corpus(corpus, folder)
    splits, report = audit(load_part(chosen.load)(options, language, kind))
    refuse_shortage(language, need, len(splits["train"]), "by a run")
    for split in SPLITS:
        write_examples(Path(out) / f"{split}.parquet", splits[split], type(splits["train"][0]))
    write_json(Path(out) / "audit.json", {**report, **chosen.describe(options)})


def build_test_corpus(
    corpus: Mapping[str, object], language: str, kind: str, train: Path | None, out: Path, folder: Path | None = None
) -> None:
    """Write what models are scored on beside their own test set: out/test.parquet and out/audit.json.

    train: the training split, in the same language, of the corpus that models are trained on; its sentences are
    counted in the test set, not removed. None where that corpus does not have the language.
    """
    chosen, options = _open_corpus(corpus, folder)
    test = load_part(chosen.load)(options, language, kind, ("test",))["test"]
    report = audit_test(test, read_examples(train) if train else [])
    write_examples(Path(out) / "test.parquet", test, type(test[0]))
    write_json(Path(out) / "audit.json", {**report, **chosen.describe(options)})


def download_corpus(corpus: Mapping[str, object], language: str, splits: Sequence[str], out: Path) -> None:
    """Fetch splits of a corpus in one language into the folder `out`. A UserError says why they cannot be had."""
    chosen, options = choose_corpus(corpus)
    if not chosen.download:
        raise UserError(f"corpus {next(iter(corpus))} is not downloaded; build it as it is")
    load_part(chosen.download)(options, language, splits, out)


def _open_corpus(corpus: Mapping[str, object], folder: Path | None) -> tuple[Corpus, object]:
    """Return a corpus and its options, with the folder where it was downloaded to if it has to be."""
    chosen, options = choose_corpus(corpus)
    if not chosen.download:
        return chosen, options
    if folder is None:
        raise UserError(f"corpus {next(iter(corpus))} must be downloaded first; name its folder")
    return chosen, {**options, "folder": str(folder)}
