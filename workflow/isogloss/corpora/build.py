"""Build a corpus: load it, audit it and write it. A test corpus is built from its test split only."""

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

    corpus: the entry in the config, `{"synthetic": {...}}`, `{"local": FOLDER}` or `{"hub": {...}}`. kind: the kind of
    the task (`ner`, `nli` or `qa`). need: the largest number of training sentences that a run draws. folder: the folder
    to which `download_corpus` downloaded the language. Raises UserError, and writes nothing, if the corpus cannot
    provide what is asked for.
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
    """Write an additional test set in one language: out/test.parquet and out/audit.json.

    train: the training split, in the same language, of the corpus that the models are trained on, or None if that
    corpus does not have the language. Test sentences that occur in it are counted, not removed.
    """
    chosen, options = _open_corpus(corpus, folder)
    test = load_part(chosen.load)(options, language, kind, ("test",))["test"]
    report = audit_test(test, read_examples(train) if train else [])
    write_examples(Path(out) / "test.parquet", test, type(test[0]))
    write_json(Path(out) / "audit.json", {**report, **chosen.describe(options)})


def download_corpus(corpus: Mapping[str, object], language: str, splits: Sequence[str], out: Path) -> None:
    """Download splits of a corpus in one language into the folder `out`. Raises UserError if this is not possible."""
    chosen, options = choose_corpus(corpus)
    if not chosen.download:
        raise UserError(
            f"corpus {next(iter(corpus))}: this corpus is not downloaded; build it directly, without the download step"
        )
    load_part(chosen.download)(options, language, splits, out)


def _open_corpus(corpus: Mapping[str, object], folder: Path | None) -> tuple[Corpus, object]:
    """Return a corpus and its options, which include the download folder if the corpus has to be downloaded."""
    chosen, options = choose_corpus(corpus)
    if not chosen.download:
        return chosen, options
    if folder is None:
        raise UserError(
            f"corpus {next(iter(corpus))}: must be downloaded before it is built; download it and name its folder"
        )
    return chosen, {**options, "folder": str(folder)}
