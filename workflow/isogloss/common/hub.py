"""Repositories of the Hugging Face hub, or of a mirror (HF_ENDPOINT): the files of one commit, by the hub's own client.

Whole files are kept in the client's cache (HF_HUB_CACHE), so that a download that was cut off carries on with the files
that are missing, and a commit that is in the cache is read without a network (HF_HUB_OFFLINE).

A branch, a tag or `refs/pr/5` may come to stand for another commit. A revision is pinned where it is a commit, or
NAME@COMMIT: a name with the first digits, seven or more, of the commit that it has to stand for.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError

TRIES = 3
LONGEST_WAIT = 60
"""Seconds. A hub that asks for a longer pause is told to the user instead."""


@dataclass(frozen=True)
class Snapshot:
    """Files of a repository at one commit.

    revision: as it was asked for, a commit, a branch, a tag, or NAME@COMMIT; commit: what the hub made of it. files:
    path within the repository -> the file in the cache.
    """

    repository: str
    revision: str
    commit: str
    files: dict[str, Path]

    def describe(self) -> dict[str, Any]:
        """Return what is recorded of it: repository, revision, commit, and the size of each file in bytes."""
        sizes = {name: path.stat().st_size for name, path in sorted(self.files.items())}
        return {"repository": self.repository, "revision": self.revision, "commit": self.commit, "files": sizes}


def is_pinned(revision: str) -> bool:
    """Whether a revision can only ever stand for one commit."""
    return bool(_split_revision(revision)[1] or re.fullmatch("[0-9a-f]{40}", revision))


def _split_revision(revision: str) -> tuple[str, str]:
    """Return the name that the hub is asked for, and how its commit has to begin; empty where any will do."""
    found = re.fullmatch("(.+)@([0-9a-f]{7,40})", revision)
    return (found[1], found[2]) if found else (revision, "")


def fetch_snapshot(repository: str, revision: str, patterns: Sequence[str], *, kind: str) -> Snapshot:
    """Return the files of a repository that match one of the patterns, downloaded unless the cache has them.

    kind: `model` or `dataset`. patterns: as fnmatch has them (`*` matches `/` too); files may be none. A hub that is
    busy (429, 5xx) is asked TRIES times, after the pause that it names. A UserError says in one line why the files
    cannot be had, or that the name of NAME@COMMIT stands for another commit.
    """
    from huggingface_hub import errors, snapshot_download

    name, pin = _split_revision(revision)
    for attempt in range(1, TRIES + 1):
        try:
            folder = Path(snapshot_download(repository, repo_type=kind, revision=name, allow_patterns=list(patterns)))
        except (errors.HTTPError, OSError, ValueError, RuntimeError) as error:
            pause = _find_pause(error, attempt)
            if pause is None or attempt == TRIES or pause > LONGEST_WAIT:
                raise UserError(_explain(error, repository, name, kind, pause)) from error
            time.sleep(pause)
        else:
            if not folder.name.startswith(pin):
                raise UserError(
                    f"hub: {name} of {kind} {repository} moved from {pin} to {folder.name}: give `revision: "
                    f"{folder.name}` in the config to take what it is now, or the commit {pin} in full to stay"
                )
            paths = (path for path in folder.rglob("*") if path.is_file())
            found = {path.relative_to(folder).as_posix(): path for path in paths}
            files = {file: path for file, path in found.items() if any(fnmatch(file, one) for one in patterns)}
            return Snapshot(repository, revision, folder.name, files)
    raise AssertionError("the last attempt returns or raises")


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it: the client wraps the hub's answer into what it found in the cache."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


def _find_status(error: BaseException) -> tuple[int | None, str]:
    """Return the status of the hub's answer and its Retry-After, if the hub answered at all."""
    for cause in _list_causes(error):
        response = getattr(cause, "response", None)
        if response is not None:
            return response.status_code, response.headers.get("Retry-After", "")
    return None, ""


def _find_pause(error: BaseException, attempt: int) -> float | None:
    """Return the seconds after which asking again makes sense; None where it does not."""
    status, wait = _find_status(error)
    if status is None or not (status == 429 or status >= 500):
        return None
    return float(wait) if wait.isdigit() else 2.0**attempt


def _explain(error: BaseException, repository: str, revision: str, kind: str, pause: float | None) -> str:
    from huggingface_hub import constants, errors

    causes = list(_list_causes(error))
    names = {type(cause).__name__ for cause in causes}
    status, _ = _find_status(error)
    what = f"{kind} {repository} at {revision}"
    if any(isinstance(cause, errors.GatedRepoError) for cause in causes):
        return (
            f"hub: {kind} {repository} is gated: accept its conditions at {constants.ENDPOINT}, then log in "
            "(`hf auth login`, or HF_TOKEN)"
        )
    if any(isinstance(cause, errors.RevisionNotFoundError) for cause in causes):
        return (
            f"hub: {kind} {repository} has no revision {revision!r}; it moved or was deleted: give another in the "
            "config"
        )
    if any(isinstance(cause, errors.RepositoryNotFoundError | errors.HFValidationError) for cause in causes):
        return f"hub: there is no {kind} {repository!r} that you may read; correct its id, or log in if it is private"
    if constants.is_offline_mode():
        return (
            f"hub: HF_HUB_OFFLINE is set and {what} is not whole in the cache {constants.HF_HUB_CACHE}; fetch it once "
            "with a network"
        )
    if status in (401, 403):
        return (
            f"hub: {constants.ENDPOINT} does not let you read {what} ({status}): give a valid token (HF_TOKEN, or "
            "`hf auth login`), and ask for access on its page if it is gated"
        )
    if status == 429:
        return f"hub: {constants.ENDPOINT} asks for fewer requests (429) and a pause of {pause:.0f} s; try again later"
    if status is not None:
        return f"hub: {constants.ENDPOINT} answers {status} for {what}; try again later"
    if names & {"ConnectError", "ConnectTimeout"}:
        return (
            f"hub: {constants.ENDPOINT} cannot be reached and {what} is not whole in the cache "
            f"{constants.HF_HUB_CACHE}; check the network or HF_ENDPOINT"
        )
    reason = " ".join(str(causes[-1]).split())[:160]
    return (
        f"hub: {what} did not arrive whole ({reason}); the files that did are kept: give the same command again to "
        "fetch the rest"
    )
