"""Download the files of one commit from the Hugging Face hub or a mirror (HF_ENDPOINT), with the hub's own client.

The client keeps complete files in its cache (HF_HUB_CACHE). An interrupted download therefore continues with the
missing files, and a commit in the cache can be read without a network (HF_HUB_OFFLINE).

A branch, a tag or `refs/pr/5` can later refer to another commit. A revision is pinned if it is a full commit or
NAME@COMMIT: a name, and at least the first seven digits of the commit to which the name must refer.
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
"""Seconds. If the hub asks for a longer pause, the job fails with a message instead of waiting."""


@dataclass(frozen=True)
class Snapshot:
    """Files of a repository at one commit.

    revision: the requested revision: a commit, a branch, a tag, or NAME@COMMIT. commit: the commit to which the hub
    resolved it. files: path within the repository -> the file in the cache.
    """

    repository: str
    revision: str
    commit: str
    files: dict[str, Path]

    def describe(self) -> dict[str, Any]:
        """Return what records contain: repository, revision, commit, and the size of each file in bytes."""
        sizes = {name: path.stat().st_size for name, path in sorted(self.files.items())}
        return {"repository": self.repository, "revision": self.revision, "commit": self.commit, "files": sizes}


def is_pinned(revision: str) -> bool:
    """Return whether a revision always refers to the same commit."""
    return bool(_split_revision(revision)[1] or re.fullmatch("[0-9a-f]{40}", revision))


def _split_revision(revision: str) -> tuple[str, str]:
    """Return the name to ask the hub for, and the required first digits of its commit; empty if there are none."""
    found = re.fullmatch("(.+)@([0-9a-f]{7,40})", revision)
    return (found[1], found[2]) if found else (revision, "")


def fetch_snapshot(repository: str, revision: str, patterns: Sequence[str], *, kind: str) -> Snapshot:
    """Return the files of a repository that match one of the patterns. Files that are not in the cache are downloaded.

    kind: `model` or `dataset`. patterns: as in fnmatch (`*` also matches `/`); it is no error if no file matches. If
    the hub is busy (429, 5xx), it is asked up to TRIES times, after the pause that it requests. Raises UserError if the
    files are not available, or if the name in NAME@COMMIT refers to another commit.
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
                    f"hub: {name} of {kind} {repository} moved from {pin} to {folder.name}; set `revision: "
                    f"{folder.name}` in the config to use the new commit, or the full hash of {pin} to keep the old one"
                )
            paths = (path for path in folder.rglob("*") if path.is_file())
            found = {path.relative_to(folder).as_posix(): path for path in paths}
            files = {file: path for file, path in found.items() if any(fnmatch(file, one) for one in patterns)}
            return Snapshot(repository, revision, folder.name, files)
    raise AssertionError("the last attempt returns or raises")


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes. The client wraps the hub's answer in an error about its cache."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


def _find_status(error: BaseException) -> tuple[int | None, str]:
    """Return the status of the hub's answer and its Retry-After header; None and "" if there was no answer."""
    for cause in _list_causes(error):
        response = getattr(cause, "response", None)
        if response is not None:
            return response.status_code, response.headers.get("Retry-After", "")
    return None, ""


def _find_pause(error: BaseException, attempt: int) -> float | None:
    """Return the seconds to wait before another attempt; None if another attempt cannot help."""
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
            f"hub: {kind} {repository} is gated; accept its conditions at {constants.ENDPOINT}, then log in "
            "(`hf auth login`, or set HF_TOKEN)"
        )
    if any(isinstance(cause, errors.RevisionNotFoundError) for cause in causes):
        return (
            f"hub: {kind} {repository} has no revision {revision!r}, which may have been moved or deleted; set another "
            "revision in the config"
        )
    if any(isinstance(cause, errors.RepositoryNotFoundError | errors.HFValidationError) for cause in causes):
        return f"hub: {kind} {repository!r} does not exist or is private; correct its id, or log in if it is private"
    if constants.is_offline_mode():
        return (
            f"hub: HF_HUB_OFFLINE is set, but {what} is not complete in the cache {constants.HF_HUB_CACHE}; download "
            "it once with a network connection"
        )
    if status in (401, 403):
        return (
            f"hub: {constants.ENDPOINT} does not allow you to read {what} ({status}); set a valid token (HF_TOKEN, or "
            "`hf auth login`), and request access on its page if it is gated"
        )
    if status == 429:
        return f"hub: {constants.ENDPOINT} limits requests (429) and asks for a pause of {pause:.0f} s; try again later"
    if status is not None:
        return f"hub: {constants.ENDPOINT} returned status {status} for {what}; try again later"
    if names & {"ConnectError", "ConnectTimeout"}:
        return (
            f"hub: cannot connect to {constants.ENDPOINT}, and {what} is not complete in the cache "
            f"{constants.HF_HUB_CACHE}; check the network and HF_ENDPOINT"
        )
    reason = " ".join(str(causes[-1]).split())[:160]
    return (
        f"hub: the download of {what} is incomplete ({reason}); rerun the same command to download the remaining files"
    )
