"""XNLI, TyDiQA and XQuAD: files as on the hub, served by a loopback hub, become audited splits."""

import io
import json

import pytest
from loopback_hub import Hub, point_to, serve

from isogloss.common import hub as library
from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import RELATIONS, SPLITS, read_examples
from isogloss.corpora import CORPORA
from isogloss.corpora import hub as corpus
from isogloss.corpora.build import build_corpus, build_test_corpus, download_corpus
from isogloss.corpora.layouts import LAYOUTS

TEN = ["ar", "bn", "en", "fi", "id", "ru", "sw", "es", "de", "hi"]
XNLI, TYDIQA, XQUAD = "facebook/xnli", "google-research-datasets/tydiqa", "google/xquad"
NAMES = ("bengali", "finnish", "swahili")


def write_parquet(rows: dict[str, list], **types) -> bytes:
    """Return rows as a parquet file of the hub; columns without a given type are strings."""
    from datasets import Dataset, Features, Value

    features = Features({name: types.get(name, Value("string")) for name in rows})
    into = io.BytesIO()
    Dataset.from_dict(rows, features=features).to_parquet(into)
    return into.getvalue()


def write_pairs(split: str, labels: list[int], names: tuple[str, ...] = RELATIONS) -> bytes:
    from datasets import ClassLabel

    texts = {"premise": [f"{split} {n // 3}" for n in range(len(labels))], "hypothesis": [f"h{n}" for n in labels]}
    return write_parquet({**texts, "label": labels}, label=ClassLabel(names=list(names)))


def write_questions(split: str, count: int, languages=NAMES, start: int = 7) -> bytes:
    """Return questions in several languages, in turn; two questions in a language share a passage."""
    from datasets import List, Value

    ids = [f"{languages[n % len(languages)]}-{n}" for n in range(count * len(languages))]
    passages = [f"{split}{n // (2 * len(languages)):02d} in Oslo" for n in range(len(ids))]
    answers = [{"text": ["Oslo", "Oslo"], "answer_start": [passage.index("Oslo"), start]} for passage in passages]
    rows = {"id": ids, "title": ids, "context": passages, "question": [f"where {one}" for one in ids]}
    shape = {"text": List(Value("string")), "answer_start": List(Value("int32"))}
    return write_parquet({**rows, "answers": answers}, answers=shape)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    labels = [0, 1, 2] * 4
    repositories = {
        XNLI: {
            f"{folder}/{split}-00000-of-00001.parquet": write_pairs(split, labels[: 9 if split == "test" else 12])
            for folder in ("sw", "all_languages")
            for split in SPLITS
        },
        TYDIQA: {
            f"secondary_task/{split}-00000-of-00001.parquet": write_questions(split, count)
            for split, count in (("train", 40), ("validation", 6))
        },
        XQUAD: {"xquad.de/validation-00000-of-00001.parquet": write_questions("xquad", 5, ("5733be28",))},
    }
    served = Hub({f"datasets/{name}": {LAYOUTS[name].revision: files} for name, files in repositories.items()})
    monkeypatch.setattr(library.time, "sleep", lambda seconds: None)
    with serve(served) as running:
        point_to(monkeypatch, running.endpoint, tmp_path)
        yield running


def name_corpus(dataset: str) -> dict:
    return {"hub": {"dataset": dataset, "revision": LAYOUTS[dataset].revision}}


def test_the_ten_languages_are_covered_as_the_literature_says():
    covered = {name: CORPORA["hub"].covers({"dataset": name}, TEN) for name in (XNLI, TYDIQA, XQUAD)}
    assert covered == {
        XNLI: ["ar", "en", "ru", "sw", "es", "de", "hi"],
        TYDIQA: ["ar", "bn", "en", "fi", "id", "ru", "sw"],
        XQUAD: ["ar", "en", "ru", "es", "de", "hi"],
    }
    assert {name: LAYOUTS[name].revision[:7] for name in covered} == {
        XNLI: "b8dd5d7",
        TYDIQA: "da78f23",
        XQUAD: "51adfef",
    }


def test_xnli_becomes_audited_pairs(hub, tmp_path):
    download_corpus(name_corpus(XNLI), "sw", SPLITS, tmp_path / "down" / "sw", "nli")
    assert {path.split("/")[0] for path in hub.list_downloads()} == {"sw"}
    build_corpus(name_corpus(XNLI), "sw", Annotation("nli"), tmp_path / "built", folder=tmp_path / "down" / "sw")
    splits = {split: read_examples(tmp_path / "built" / f"{split}.parquet") for split in SPLITS}
    assert {split: len(pairs) for split, pairs in splits.items()} == {"train": 12, "validation": 12, "test": 9}
    assert [pair.label for pair in splits["test"][:3]] == ["entailment", "neutral", "contradiction"]
    assert splits["test"][4].premise == "test 1" and splits["test"][4].language == "sw"


def test_tydiqa_is_filtered_by_language_and_its_training_passages_cut(hub, tmp_path):
    for language in ("sw", "fi"):
        download_corpus(name_corpus(TYDIQA), language, SPLITS, tmp_path / "down" / language, "qa")
    build_corpus(name_corpus(TYDIQA), "sw", Annotation("qa"), tmp_path / "built", folder=tmp_path / "down" / "sw")
    splits = {split: read_examples(tmp_path / "built" / f"{split}.parquet") for split in SPLITS}
    # There are 20 training passages with two questions each; two passages become the validation split. The validation
    # split of the dataset is the test set.
    assert {split: len(questions) for split, questions in splits.items()} == {"train": 36, "validation": 4, "test": 6}
    contexts = [{question.context for question in questions} for questions in splits.values()]
    assert sum(map(len, contexts)) == len(set.union(*contexts)) == 18 + 2 + 3
    assert all(
        question.question.startswith("where swahili-") for questions in splits.values() for question in questions
    )
    assert all(question.context.startswith("validation") for question in splits["test"])
    # A wrong answer_start is corrected, and the answer is counted.
    assert {question.starts for question in splits["train"]} == {(11, 11)}
    audit = json.loads((tmp_path / "built" / "audit.json").read_text(encoding="utf-8"))
    assert audit["changes"]["train"] == {"answers whose position was corrected": 40}
    again = tmp_path / "again" / "sw"
    download_corpus(name_corpus(TYDIQA), "sw", SPLITS, again, "qa")
    assert (again / "validation.parquet").read_bytes() == (tmp_path / "down" / "sw" / "validation.parquet").read_bytes()


def test_xquad_is_a_test_corpus_and_nothing_else(hub, tmp_path):
    download_corpus(name_corpus(XQUAD), "de", ("test",), tmp_path / "down" / "de", "qa")
    build_test_corpus(
        name_corpus(XQUAD), "de", Annotation("qa"), None, tmp_path / "built", folder=tmp_path / "down" / "de"
    )
    assert len(read_examples(tmp_path / "built" / "test.parquet")) == 5
    options = {"dataset": XQUAD}
    assert corpus.check(options, ["de"], Annotation("qa"), None, ("test",)) == {}
    with pytest.raises(
        UserError,
        match="google/xquad has no train split and can only be used for testing; name it under `test_corpora`",
    ):
        corpus.check(options, ["de"], Annotation("qa"))
    with pytest.raises(UserError, match="google/xquad is for tasks of kind qa, not nli; correct `kind` or `corpus`"):
        corpus.check(options, ["de"], Annotation("nli"), None, ("test",))


@pytest.mark.parametrize(
    ("dataset", "kind", "path", "content", "message"),
    [
        (
            XNLI,
            "nli",
            "sw/test-00000-of-00001.parquet",
            write_pairs("test", [0], ("no", "yes", "maybe")),
            "the file has the tags no yes",
        ),
        (
            XNLI,
            "nli",
            "sw/test-00000-of-00001.parquet",
            write_questions("test", 1),
            "no column 'premise', only id, title, con",
        ),
        (
            TYDIQA,
            "qa",
            "secondary_task/train-00000-of-00001.parquet",
            write_pairs("t", [0]),
            "no column 'context', only premise",
        ),
        (
            TYDIQA,
            "qa",
            "secondary_task/train-00000-of-00001.parquet",
            write_questions("train", 4, ("korean",)),
            "no rows of sw in the train split; choose another revision, or leave sw out",
        ),
    ],
)
def test_files_that_are_not_what_the_layout_says_are_refused(hub, tmp_path, dataset, kind, path, content, message):
    hub.repositories[f"datasets/{dataset}"][LAYOUTS[dataset].revision][path] = content
    with pytest.raises(UserError, match=message) as refused:
        download_corpus(name_corpus(dataset), "sw", SPLITS, tmp_path / "down" / "sw", kind)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "down" / "sw").exists()


def test_a_split_without_usable_examples_is_refused_with_what_was_left_out(hub, tmp_path):
    files = hub.repositories[f"datasets/{XNLI}"][LAYOUTS[XNLI].revision]
    files["sw/test-00000-of-00001.parquet"] = write_pairs("test", [-1, -1])
    download_corpus(name_corpus(XNLI), "sw", SPLITS, tmp_path / "sw", "nli")
    message = r"test of sw: contains no usable examples \(pairs without label 2\); .* leave sw out of `languages`"
    with pytest.raises(UserError, match=message):
        build_corpus(name_corpus(XNLI), "sw", Annotation("nli"), tmp_path / "built", folder=tmp_path / "sw")
    assert not (tmp_path / "built").exists()
