"""Building a corpus: load it, audit it, write it."""

from collections.abc import Mapping
from pathlib import Path

from isogloss.corpora import choose_corpus
from isogloss.corpora.audit import audit, refuse_shortage
from isogloss.examples import SPLITS, TaggedSentence, write_examples
from isogloss.files import write_json


def build_corpus(corpus: Mapping[str, object], language: str, kind: str, out: Path, need: int = 0) -> None:
    """Write the audited corpus of a language: out/{train,validation,test}.parquet and out/audit.json.

    corpus: the config's entry, `{"synthetic": {...}}` or `{"local": FOLDER}`. kind: the task's kind (`ner`).
    need: the most training sentences that any run takes. A UserError tells what the corpus cannot deliver, and then
    nothing is written.
    """
    chosen, options = choose_corpus(corpus)
    splits, report = audit(chosen.load(options, language, kind))
    refuse_shortage(language, need, len(splits["train"]), "by a run")
    for split in SPLITS:
        write_examples(Path(out) / f"{split}.parquet", splits[split], TaggedSentence)
    write_json(Path(out) / "audit.json", report)
