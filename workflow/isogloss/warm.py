"""Warm workers, client side: a job runs in a fork of a server that has already imported the heavy libraries.

Importing torch and transformers takes seconds, but a small job takes only one second. The first job of a workflow that
needs these libraries starts a server (isogloss.warm_server). Each job sends the server its arguments, working
directory, environment, stdin, stdout and stderr, and waits for its exit status. If anything unexpected happens, the job
runs in its own process and reports the reason on stderr (the log of the job). Every job imports this module, so it uses
only the standard library.
"""

import fcntl
import hashlib
import json
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

SWITCH = "ISOGLOSS_WARM"
"""Name of the environment variable that disables warm workers if it is `0`."""
WORKFLOW = "ISOGLOSS_WORKFLOW"
"""Name of the environment variable with the process whose jobs share a server (see name_process). It is set only where
one process starts many jobs."""

PRELOADS = {
    **dict.fromkeys(("build-model", "pretrain-model"), "text-to-text"),
    **dict.fromkeys(("features", "scores", "analyse", "draw", "page"), "analysis"),
}
"""Command -> modules that its server imports, if its recipe names no family. Other commands use no server."""

IDLE = 60.0
"""Seconds without a job after which a server exits."""
PATIENCE = 120.0
"""Seconds that a job waits for the imports of its server. On a slow network drive they take this long."""
FOREIGN = "unexpected reply from the server"
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_AT_IMPORT = ("PYTHON", "LD_", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "TORCH", "PYTORCH_", "HF_", "TRANSFORMERS_")
"""Prefixes of variables that libraries read at import. Jobs that differ in one of them use different servers."""


class Odd(Exception):
    """The reason why a server cannot run a job."""


def name_process(pid: int) -> str:
    """Return `pid.start` of a running process. The start time excludes a later process with the same number."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    return f"{pid}.{after_name.split()[19]}"


def announce_workflow(many: bool) -> None:
    """Let the jobs that this process starts share a server if `many`; otherwise each job runs in its own process."""
    os.environ.pop(WORKFLOW, None)
    if many and sys.platform == "linux":
        os.environ[WORKFLOW] = name_process(os.getpid())


def count_target_jobs(command: Sequence[str]) -> int:
    """Return the number of target jobs on a command line of snakemake, that is, the jobs of one cluster job."""
    after = takewhile(lambda word: not word.startswith("-"), command[command.index("--target-jobs") + 1 :])
    return len([*after])


def hash_code() -> str:
    """Return a hash of the Python installation and of the names, sizes and times of the library's files."""
    package = Path(__file__).parent
    files = sorted(package.rglob("*.py"))
    listed = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return _hash([sys.prefix, sys.version, listed])


def run(arguments: Sequence[str]) -> int | None:
    """Run the job on a server and return its exit status; None if the caller must run it in its own process."""
    preload = find_preload(arguments)
    if preload is None or WORKFLOW not in os.environ or os.environ.get(SWITCH) == "0":
        return None
    try:
        with _connect(preload) as connection:
            return _hand_over(connection, arguments)
    except (Odd, OSError, ValueError) as reason:
        print(f"isogloss: no warm worker ({reason}); this job runs in its own process", file=sys.stderr, flush=True)
        return None


def find_preload(arguments: Sequence[str]) -> str | None:
    """Return which modules a job needs: the name of its family, or `analysis`; None if the job uses no server."""
    if not arguments:
        return None
    if arguments[0] in ("finetune", "transfer", "language-model") and "--recipe" in arguments[:-1]:
        with suppress(ValueError, KeyError, TypeError):
            return str(json.loads(arguments[arguments.index("--recipe") + 1])["family"])
    return PRELOADS.get(arguments[0])


def open_folder() -> Path:
    """Return this user's folder for sockets and create it if necessary. Raises Odd if other users can access it."""
    folder = Path(tempfile.gettempdir(), f"isogloss-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700:
        raise Odd(f"the socket folder {folder} must be a folder that you own, with mode 0700")
    return folder


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the lock under which servers are started, contacted and closed."""
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def check_peer(connection: socket.socket) -> None:
    """Raise Odd if the process at the other end of the connection belongs to another user."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", peer)[1] != os.getuid():
        raise Odd("the socket belongs to another user")


def place_socket(folder: Path, preload: str) -> Path:
    """Return the socket path of the server for this workflow, this environment and the modules `preload`."""
    environment = sorted((name, value) for name, value in os.environ.items() if name.startswith(_AT_IMPORT))
    name = _hash([socket.gethostname(), os.environ[WORKFLOW], sys.executable, preload, environment])[:24]
    return folder / f"{name}.socket"


def _connect(preload: str) -> socket.socket:
    """Return a connection to the server with the modules `preload`; start the server if there is none."""
    folder = open_folder()
    path = place_socket(folder, preload)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(PATIENCE)
        with lock(folder):
            try:
                connection.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                path.unlink(missing_ok=True)  # a server that was killed leaves its socket
                _start_server(path, preload)
                connection.connect(str(path))
        check_peer(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _start_server(path: Path, preload: str) -> None:
    """Start a server on a socket that this process binds, so that jobs can queue while the server imports."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen(256)
        with path.with_suffix(".log").open("wb") as log:
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "isogloss.warm_server", preload, str(path), os.environ[WORKFLOW]),
                    *(str(listening.fileno()), str(IDLE)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                pass_fds=[listening.fileno()],
                # Threads of these libraries do not survive a fork. Jobs set the number of torch's threads later.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
            )


def _hand_over(connection: socket.socket, arguments: Sequence[str]) -> int:
    """Send the job to the server when it is ready, forward signals, and return the exit status of the job."""
    replies = connection.makefile("rb")
    if _read(replies).get("code") != hash_code():
        raise Odd("the server was started from another version of the code")
    mask = os.umask(0o077)
    os.umask(mask)
    job = {"arguments": list(arguments), "folder": os.getcwd(), "environment": dict(os.environ), "umask": mask}
    socket.send_fds(connection, [_encode(job)], [0, 1, 2])
    # From here the server owns the job. If this process dies before it can forward signals, the job dies too.
    before = {number: signal.getsignal(number) for number in FORWARDED}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, lambda number, _: connection.sendall(_encode({"signal": number})))
    connection.settimeout(None)
    try:
        answer = _read(replies)
        if "refused" in answer:
            raise Odd(answer["refused"])
        return _report_end(answer)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report_end(end: Mapping[str, Any]) -> int:
    if "status" in end:
        return end["status"]
    if "signal" not in end:
        raise Odd(FOREIGN)
    number = signal.Signals(end["signal"])
    why = (
        " because the machine ran out of memory; increase its mem_mb or run fewer jobs at a time"
        if end.get("memory")
        else ""
    )
    print(f"isogloss: the job was killed by {number.name}{why}", file=sys.stderr)
    return 128 + number


def _encode(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _read(replies: Any) -> dict[str, Any]:
    line = replies.readline()
    if not line.endswith(b"\n"):
        raise Odd("the server ended without a reply; see the .log file next to its socket")
    reply = json.loads(line)
    if not isinstance(reply, dict):
        raise Odd(FOREIGN)
    return reply


def _hash(parts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
