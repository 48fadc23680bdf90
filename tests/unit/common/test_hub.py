"""The hub's own client against a local server: what is downloaded, what is cached, and the error messages."""

import logging

import pytest
from huggingface_hub import constants
from loopback_hub import Fault, Hub, point_to, serve

from isogloss.common import hub as library
from isogloss.common.errors import UserError
from isogloss.common.hub import fetch_snapshot, is_pinned

FIRST, SECOND = "1" * 40, "2" * 40
FILES = {"a/one.json": b"one " * 100, "a/two.json": b"two " * 5000, "b/three.json": b"three"}
NAME = "datasets/lab/corpus"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with serve(Hub({NAME: {FIRST: FILES}})) as running:
        point_to(monkeypatch, running.endpoint, tmp_path)
        # Messages of the client about new attempts belong in a log.
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        yield running


@pytest.fixture(autouse=True)
def pauses(monkeypatch) -> list[float]:
    """Return the pauses, in seconds, that the client and the library request; the tests do not wait."""
    made: list[float] = []
    monkeypatch.setattr(library.time, "sleep", made.append)
    return made


def fetch(revision: str = "main", patterns=("a/*.json",), name: str = "lab/corpus"):
    return fetch_snapshot(name, revision, patterns, kind="dataset")


def refuse(*words: str, **arguments) -> None:
    """Assert that the download fails with a one-line message that contains these words."""
    with pytest.raises(UserError) as refused:
        fetch(**arguments)
    line = str(refused.value)
    assert "\n" not in line
    assert [word for word in words if word not in line] == []


def test_the_files_that_match_arrive_with_the_commit_that_the_revision_stands_for(hub):
    snapshot = fetch()
    assert {name: path.read_bytes() for name, path in snapshot.files.items()} == {
        name: FILES[name] for name in ("a/one.json", "a/two.json")
    }
    assert snapshot.describe() == {
        "repository": "lab/corpus",
        "revision": "main",
        "commit": FIRST,
        "files": {"a/one.json": 400, "a/two.json": 20000},
    }
    assert sorted(hub.list_downloads()) == ["a/one.json", "a/two.json"]


def test_a_commit_in_the_cache_is_read_without_a_hub(hub, monkeypatch):
    fetch(FIRST)
    asked = len(hub.requests)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert sorted(fetch(FIRST).files) == ["a/one.json", "a/two.json"]
    assert len(hub.requests) == asked


def test_a_file_of_another_language_in_the_cache_is_not_taken_for_one_s_own(hub):
    fetch(FIRST, ("b/*.json",))
    assert sorted(fetch(FIRST).files) == ["a/one.json", "a/two.json"]


def test_a_dropped_connection_is_taken_up_where_it_broke_off(hub):
    hub.faults = [Fault("a/two.json", cut=7000, times=1)]
    assert fetch().files["a/two.json"].read_bytes() == FILES["a/two.json"]
    assert hub.list_downloads().count("a/two.json") == 2


def test_a_truncated_file_is_never_kept_and_the_next_run_fetches_only_it(hub, tmp_path):
    broken = Fault("a/two.json", cut=7000)
    hub.faults = [broken]
    refuse("the download of dataset lab/corpus at main is incomplete", "rerun the same command")
    kept = [path.stat().st_size for path in (tmp_path / "cache").rglob("blobs/*") if path.is_file()]
    assert kept == [400]
    hub.faults, hub.requests = [], []
    assert fetch().files["a/two.json"].read_bytes() == FILES["a/two.json"]
    assert hub.list_downloads() == ["a/two.json"]


@pytest.mark.parametrize(
    ("fault", "paused"),
    [
        (Fault("/revision/", 429, {"Retry-After": "7"}, times=1), [7]),
        (Fault("a/two.json", 429, {"Retry-After": "7"}, times=1), [8]),  # by the client itself, which adds a second
        (Fault("a/two.json", 429, {"Retry-After": "7"}, times=2, method="HEAD"), [8]),
    ],
)
def test_a_busy_hub_is_asked_again_after_the_pause_that_it_names(hub, pauses, fault, paused):
    hub.faults = [fault]
    assert sorted(fetch().files) == ["a/one.json", "a/two.json"]
    assert pauses == paused


def test_a_hub_that_stays_busy_is_told_after_three_tries(hub, pauses):
    hub.faults = [Fault("/revision/", 429, {"Retry-After": "7"})]
    refuse("limits requests (429)", "asks for a pause of 7 s")
    assert pauses == [7, 7]
    assert len(hub.requests) == 3
    hub.faults = [Fault("/revision/", 429, {"Retry-After": "600"})]
    refuse("limits requests (429)", "asks for a pause of 600 s")
    assert len(hub.requests) == 4
    hub.faults = [Fault("a/two.json", 429, {"Retry-After": "7"}, method="HEAD")]
    refuse("limits requests (429)", "asks for a pause of 7 s")


def test_a_hub_that_fails_is_told_with_its_status(hub, pauses):
    hub.faults = [Fault("/revision/", 503)]
    refuse("returned status 503 for dataset lab/corpus at main")
    assert pauses == [2, 4]


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_repository_says_how_to_get_in(hub, status):
    hub.faults = [
        Fault("lab/corpus", status, {"X-Error-Code": "GatedRepo"}, method=method) for method in ("GET", "HEAD")
    ]
    refuse("dataset lab/corpus is gated", "accept its conditions", "hf auth login")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("path", ["/revision/", "a/two.json"])
def test_a_token_that_is_missing_or_bad_is_named(hub, pauses, status, path):
    hub.faults = [Fault(path, status, method=method) for method in ("GET", "HEAD")]
    refuse(
        f"{hub.endpoint} does not allow you to read dataset lab/corpus at main ({status})",
        "set a valid token (HF_TOKEN, or `hf auth login`), and request access on its page if it is gated",
    )
    assert pauses == []


def test_a_repository_that_is_not_there(hub):
    refuse("dataset 'lab/nowhere' does not exist or is private", name="lab/nowhere")
    refuse("dataset 'not an id' does not exist or is private", name="not an id")


def test_a_revision_that_is_gone(hub):
    refuse(f"dataset lab/corpus has no revision {SECOND!r}", "may have been moved or deleted", revision=SECOND)


def test_a_name_that_is_held_to_a_commit_is_refused_when_it_moved(hub):
    pinned = f"main@{FIRST[:7]}"
    snapshot = fetch(pinned)
    assert (snapshot.revision, snapshot.commit, sorted(snapshot.files)) == (pinned, FIRST, ["a/one.json", "a/two.json"])
    hub.repositories[NAME] = {FIRST: FILES, SECOND: FILES}
    refuse(
        f"main of dataset lab/corpus moved from 1111111 to {SECOND}",
        f"set `revision: {SECOND}` in the config",
        revision=pinned,
    )
    assert fetch(FIRST).commit == FIRST
    assert fetch("main").commit == SECOND


@pytest.mark.parametrize(
    ("revision", "pinned"),
    [
        (FIRST, True),
        (FIRST[:7], False),  # the hub accepts only a full commit
        ("main", False),
        ("refs/pr/5", False),
        ("refs/pr/5@78f6d82", True),
        (f"main@{FIRST}", True),
        ("main@78f6d8", False),
        ("main@release", False),
        ("", False),
    ],
)
def test_what_can_stand_for_one_commit_only(revision, pinned):
    assert is_pinned(revision) == pinned


def test_no_network_and_no_cache(hub, tmp_path, monkeypatch):
    point_to(monkeypatch, "http://127.0.0.1:9", tmp_path)
    refuse(
        "cannot connect to http://127.0.0.1:9, and dataset lab/corpus at main is not complete in the cache",
        "HF_ENDPOINT",
    )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refuse("HF_HUB_OFFLINE is set, but dataset lab/corpus at main is not complete in the cache")


def test_half_of_a_snapshot_is_not_taken_for_the_whole_without_a_network(hub, monkeypatch):
    hub.faults = [Fault("a/two.json", cut=7000)]
    refuse(f"the download of dataset lab/corpus at {FIRST} is incomplete", revision=FIRST)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refuse("HF_HUB_OFFLINE is set", revision=FIRST)
