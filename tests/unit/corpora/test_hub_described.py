"""Datasets of the hub that a study describes, and layouts that need a revision, over a loopback hub."""

import json

import pytest
from loopback_hub import Hub, make_rows, point_to, serve, write_jsonl, write_parquet

from isogloss.common import hub as library
from isogloss.common.annotation import Annotation
from isogloss.common.errors import UserError
from isogloss.common.examples import SPLITS, read_examples
from isogloss.common.files import read_json
from isogloss.corpora import hub as corpus
from isogloss.corpora.build import build_corpus, download_corpus
from isogloss.corpora.layouts import ENTITY_TAGS, LAYOUTS

PIN = "5" * 40
SIZES = {"train": 6, "validation": 3, "test": 4}
PAIRS = "language\tgold_label\tsentence1\tsentence2\n" + "".join(
    f"{code}\t{label}\tA{number} {{split}}\tB\n"
    for number, label in enumerate(("e", "c", "-", "n"))
    for code in ("sw", "de")
)


def make_lines(language: str, paths: str, **more: object) -> dict[str, bytes]:
    """Return the splits of a language as JSON lines with columns of other names, in paths with the split."""
    files = {}
    for split in SPLITS:
        rows = make_rows(language, split, SIZES[split])
        lines = [
            {"text": tokens, "entities": tags, **more}
            for tokens, tags in zip(rows["tokens"], rows["ner_tags"], strict=True)
        ]
        files[paths.format(split)] = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return files


def make_conll(paths: str) -> dict[str, bytes]:
    """Return splits in the form of MultiCoNER: comments, four columns, types of its own."""
    return {
        paths.format(split): f"# id 1 d=en\n{split} _ _ O\nmo _ _ B-OtherPER\n\n# id 2 d=en\ny _ _ O\n".encode()
        for split in ("train", "dev", "test")
    }


def make_conllu(paths: str) -> dict[str, bytes]:
    return {
        paths.format(split): f"# text = x\n1\t{split}\tx\tNOUN\tN\t_\t0\troot\t_\t_\n\n".encode()
        for split in ("train", "dev", "test")
    }


@pytest.fixture
def hub(tmp_path, monkeypatch):
    rows = {split: make_rows("sw", split, SIZES[split], ("B-DATE", "O", "B-PER")) for split in SPLITS}
    names = ("O", "B-DATE", "I-DATE", "B-PER")
    repositories = {
        "lab/words": make_lines("sw", "data/swa/{}.jsonl") | make_lines("de", "data/deu/{}.jsonl"),
        "lab/numbers": {f"sw/{split}-0.parquet": write_parquet(rows[split], names) for split in SPLITS},
        "lab/unnamed": {f"sw/{split}.jsonl": write_jsonl(rows[split], names) for split in SPLITS},
        "lab/pairs": {
            f"all/{split}.tsv": PAIRS.replace("{split}", split).encode() for split in ("train", "dev", "test")
        },
        "lab/short": {f"sw/{split}.txt": f"{split} O\n".encode() for split in ("fit", "tune", "gold")},
        "MultiCoNER/multiconer_v2": make_conll("EN-English/en_{}.conll"),
        "universal-dependencies/universal_dependencies": make_conllu("en_ewt/{}.conllu"),
        "masakhane/masakhaner": make_lines("am", "amh/{}.jsonl"),
    }
    commits = {name: (LAYOUTS[name].revision if name in LAYOUTS else "") or PIN for name in repositories}
    served = Hub({f"datasets/{name}": {commits[name]: files} for name, files in repositories.items()})
    monkeypatch.setattr(library.time, "sleep", lambda seconds: None)
    with serve(served) as running:
        point_to(monkeypatch, running.endpoint, tmp_path)
        yield running


def build(tmp_path, annotation: Annotation, language: str = "sw", **options: object):
    """Return the splits and the audit of a dataset with these options, after its download."""
    entry = {"hub": corpus.complete({"revision": PIN, **options}, "tasks.x.corpus.hub")}
    assert corpus.check(entry["hub"], [language], annotation) == {}
    download_corpus(entry, language, SPLITS, tmp_path / "down", annotation.kind)
    build_corpus(entry, language, annotation, tmp_path / "built", folder=tmp_path / "down")
    splits = {split: read_examples(tmp_path / "built" / f"{split}.parquet") for split in SPLITS}
    return splits, read_json(tmp_path / "built" / "audit.json")


@pytest.mark.parametrize("config", ["data/{iso639_3}", {"sw": "data/swa", "de": "data/deu"}])
def test_a_dataset_with_other_columns_is_described_in_the_study(hub, tmp_path, config):
    columns = {"tokens": "text", "tags": "entities"}
    described = {"dataset": "lab/words", "config": config, "columns": columns}
    splits, audit = build(tmp_path, Annotation("ner"), **described)
    assert {split: len(examples) for split, examples in splits.items()} == SIZES
    assert splits["test"][0].tokens == ("Adasw0", "mettest", "Oslo") and splits["test"][0].tags == (
        "B-PER",
        "O",
        "B-LOC",
    )
    assert audit["source"]["commit"] == PIN and audit["source"]["labels"] == []
    assert all(path.startswith("data/swa/") for path in hub.list_downloads())
    covered = ["sw", "fi", "de"] if isinstance(config, str) else ["sw", "de"]
    assert corpus.covers(described, ["sw", "fi", "de"]) == covered


def test_numbered_labels_have_the_names_of_the_file_or_of_the_study(hub, tmp_path):
    annotation = Annotation("ner", labels=("DATE", "PER"))
    splits, audit = build(tmp_path / "a", annotation, dataset="lab/numbers", config="{language}")
    assert splits["test"][0].tags == ("B-DATE", "O", "B-PER")
    assert audit["source"]["labels"] == ["O", "B-DATE", "I-DATE", "B-PER"]
    labels = ["O", "B-DATE", "I-DATE", "B-PER"]
    splits, _ = build(tmp_path / "b", annotation, dataset="lab/unnamed", config="{language}", labels=labels)
    assert splits["test"][0].tags == ("B-DATE", "O", "B-PER")
    with pytest.raises(UserError, match="the file has the tags O B-DATE I-DATE B-PER, not O B-PER"):
        build(tmp_path / "c", annotation, dataset="lab/numbers", config="{language}", labels=["O", "B-PER"])


def test_all_languages_in_one_file_and_labels_in_letters(hub, tmp_path):
    mapped = {"e": "entailment", "c": "contradiction", "n": "neutral"}
    splits, audit = build(tmp_path, Annotation("nli", map=mapped), dataset="lab/pairs", config="all")
    assert [pair.label for pair in splits["test"]] == ["entailment", "contradiction", "neutral"]
    assert audit["changes"]["test"] == {"entries in de": 4, "pairs without label": 1}


def test_split_names_are_words_in_file_names(hub, tmp_path):
    names = {"train": "fit", "validation": "tune", "test": "gold"}
    splits, _ = build(tmp_path, Annotation("ner"), dataset="lab/short", config="{language}", split_names=names)
    assert [splits[split][0].tokens for split in SPLITS] == [("fit",), ("tune",), ("gold",)]
    assert sorted(hub.list_downloads()) == ["sw/fit.txt", "sw/gold.txt", "sw/tune.txt"]
    with pytest.raises(UserError, match="lab/short has no train split and can only be used for testing"):
        options = {"dataset": "lab/short", "config": "{language}", "split_names": {"test": "gold"}}
        corpus.check(options, ["sw"], Annotation("ner"))


def test_multiconer_is_read_from_its_files_with_its_types_mapped(hub, tmp_path):
    annotation = Annotation("ner", map={"OtherPER": "PER"})
    options = {"dataset": "MultiCoNER/multiconer_v2", "revision": LAYOUTS["MultiCoNER/multiconer_v2"].revision}
    splits, audit = build(tmp_path, annotation, "en", **options)
    assert splits["test"][0].tokens == ("test", "mo") and splits["test"][0].tags == ("O", "B-PER")
    assert audit["changes"]["test"] == {"comment lines": 2}


def test_universal_dependencies_give_parts_of_speech(hub, tmp_path):
    splits, _ = build(tmp_path, Annotation("pos"), "en", dataset="universal-dependencies/universal_dependencies")
    assert (splits["test"][0].tokens, splits["test"][0].tags) == (("test",), ("NOUN",))


def test_a_layout_without_a_known_commit_needs_a_revision():
    unknown = [name for name, layout in LAYOUTS.items() if not layout.revision]
    assert len(unknown) == 4
    for name in unknown:
        with pytest.raises(UserError) as refused:
            corpus.complete({"dataset": name}, "tasks.ner.corpus.hub")
        line = str(refused.value)
        assert line.startswith(
            f"tasks.ner.corpus.hub.revision: no commit with the files of {name} is known; set a full"
        )
        assert "\n" not in line and len(line) <= 300
        assert corpus.complete({"dataset": name, "revision": PIN}, "x")["revision"] == PIN
    with pytest.raises(
        UserError, match=r"x\.revision: no commit with the files of lab/words is known; set a full commit"
    ):
        corpus.complete({"dataset": "lab/words", "config": "{language}"}, "x")


def test_masakhaner_has_amharic_and_its_dates_only_if_the_task_names_them(hub, tmp_path):
    options = {"dataset": "masakhane/masakhaner", "columns": {"tokens": "text", "tags": "entities"}}
    splits, _ = build(tmp_path, Annotation("ner"), "am", **options)
    assert len(splits["test"]) == 4
    assert LAYOUTS["masakhane/masakhaner"].labels == (*ENTITY_TAGS, "B-DATE", "I-DATE")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"dataset": "lab/words", "config": "other/{language}"},
            r"no train split of sw \(other/sw/\*train\*\) in",
        ),
        (
            {"dataset": "lab/words", "config": "data/{iso639_3}"},
            "no column 'tokens', only text, entities; write",
        ),
        (
            {"dataset": "lab/words", "config": {"de": "data/deu"}},
            "lab/words does not have language 'sw', only de; l",
        ),
        ({"dataset": "lab/nothing", "config": "{language}"}, "lab/nothing"),
        (
            {"dataset": "lab/words", "config": "x", "revision": "main"},
            "'main' of lab/words may move; set a full",
        ),
    ],
)
def test_a_description_that_does_not_fit_is_refused_in_one_line(hub, tmp_path, options, message):
    with pytest.raises(UserError, match=message) as refused:
        build(tmp_path, Annotation("ner"), **options)
    assert "\n" not in str(refused.value) and len(str(refused.value)) <= 300
    assert not (tmp_path / "down").exists() or list((tmp_path / "down").iterdir()) == []
