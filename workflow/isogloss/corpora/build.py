"""Build a corpus: load it, audit it and write it. A test corpus is built from its test split only."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, read_examples, write_examples
from isogloss.common.files import write_json
from isogloss.common.registry import load_part
from isogloss.corpora import choose_corpus
from isogloss.corpora.audit import audit, audit_test, refuse_shortage
from isogloss.corpora.base import Corpus, Loaded
from isogloss.corpora.normal_form import normalise_loaded
from isogloss.provenance.digests import digest_file
from isogloss.provenance.inputs import Inputs
from isogloss.provenance.seal import AUDIT


def build_corpus(
    corpus: Mapping[str, object],
    language: str,
    annotation: Annotation,
    out: Path,
    need: int = 0,
    folder: Path | None = None,
) -> None:
    """Write the audited corpus of a language: out/{train,validation,test}.parquet and out/audit.json.

    corpus: the entry in the config, `{"synthetic": {...}}`, `{"local": FOLDER}` or `{"hub": {...}}`. annotation: the
    kind of the task and its labels. need: the largest number of training sentences that a run draws. folder: the folder
    to which `download_corpus` downloaded the language. A corpus with only a test split gets empty files for the other
    splits. Raises UserError, and writes nothing, if the corpus cannot provide what is asked for.
    """
    chosen, options = _open_corpus(corpus, folder)
    loaded = load_examples(chosen, options, language, annotation)
    splits, report = audit(loaded.splits)
    refuse_shortage(language, need, len(splits["train"]), "by a run")
    for split in SPLITS:
        write_examples(Path(out) / f"{split}.parquet", splits[split], type(splits["test"][0]))
    described = {"language": language, **report, "changes": loaded.changes, **chosen.describe(options)}
    write_json(Path(out) / AUDIT, described)


def build_test_corpus(
    corpus: Mapping[str, object],
    language: str,
    annotation: Annotation,
    train: Path | None,
    out: Path,
    folder: Path | None = None,
) -> None:
    """Write an additional test set in one language: out/test.parquet and out/audit.json.

    train: the training split, in the same language, of the corpus that the models are trained on, or None if that
    corpus does not have the language. Test sentences that occur in it are counted, not removed.
    """
    chosen, options = _open_corpus(corpus, folder)
    loaded = load_examples(chosen, options, language, annotation, ("test",))
    test = loaded.splits["test"]
    report = audit_test(test, read_examples(train) if train else [])
    write_examples(Path(out) / "test.parquet", test, type(test[0]))
    described = {"language": language, **report, "changes": loaded.changes, **chosen.describe(options)}
    write_json(Path(out) / AUDIT, described)


def load_examples(
    chosen: Corpus, options: object, language: str, annotation: Annotation, splits: Sequence[str] = SPLITS
) -> Loaded:
    """Return the examples of a corpus in the normal form of the task, and what was left out or corrected."""
    return normalise_loaded(load_part(chosen.load)(options, language, annotation, splits), annotation.normal_form)


def download_corpus(corpus: Mapping[str, object], language: str, splits: Sequence[str], out: Path, kind: str) -> None:
    """Download splits of a corpus in one language into the folder `out`, for a kind of task.

    Raises UserError if this is not possible.
    """
    chosen, options = choose_corpus(corpus)
    if not chosen.download:
        raise UserError(
            f"corpus {next(iter(corpus))}: this corpus is not downloaded; build it directly, without the download step"
        )
    load_part(chosen.download)(options, language, splits, out, kind)


def note_files(
    corpus: Mapping[str, object], language: str, splits: Sequence[str], root: Path, folder: Path | None = None
) -> dict[str, str | None]:
    """Return the digests of the files from which a corpus is built: the downloaded files, or the user's.

    root: the folder of the study. folder: as in `build_corpus`; its files are checked.
    """
    chosen, options = choose_corpus(corpus)
    if folder is None:
        return {str(path): digest_file(path) for path in chosen.files(options, language, splits)}
    return Inputs(root).note(folder)


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
