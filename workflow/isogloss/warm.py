"""Warm workers, the caller's side: a job is a fork of a server that has imported the heavy libraries once.

Importing torch and transformers takes seconds and a small job takes one. The first job of a workflow that needs them
starts a server (isogloss.warm_server); each job sends it its arguments, working directory, environment and its own
stdin, stdout and stderr, and waits for its exit status. Whatever is odd, the job runs in its own process instead and
says so on stderr, which is its log. Standard library only: this is imported by every job.
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
"""`0` turns warm workers off."""
WORKFLOW = "ISOGLOSS_WORKFLOW"
"""Names the process whose jobs may share a server, as name_process does; set where jobs are started by the hundred."""

ROOMS = {
    **dict.fromkeys(("build-model", "pretrain-model"), "text-to-text"),
    **dict.fromkeys(("features", "scores", "analyse", "draw", "report"), "analysis"),
}
"""What a verb needs imported, where the family in its recipe does not tell. Other verbs run where they are called."""

IDLE = 60.0
"""Seconds without a job after which a server leaves."""
PATIENCE = 120.0
"""Seconds that a job waits for its server's imports: on a cold network drive they take that long."""
FOREIGN = "the server does not speak as ours does"
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_AT_IMPORT = ("PYTHON", "LD_", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "TORCH", "PYTORCH_", "HF_", "TRANSFORMERS_")
"""Variables that libraries read when they are imported: jobs that differ in one of them have a server each."""


class Odd(Exception):
    """Why a job cannot be left to a server."""


def name_process(pid: int) -> str:
    """Return `pid.start` of a process that runs, so that a later process with its number is not taken for it."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    return f"{pid}.{after_name.split()[19]}"


def announce_workflow(many: bool) -> None:
    """Let the jobs that this process will start share a server, if they are many; else each runs by itself."""
    os.environ.pop(WORKFLOW, None)
    if many and sys.platform == "linux":
        os.environ[WORKFLOW] = name_process(os.getpid())


def count_target_jobs(command: Sequence[str]) -> int:
    """Return how many jobs a command line of snakemake names: those that one job of a cluster has to carry out."""
    after = takewhile(lambda word: not word.startswith("-"), command[command.index("--target-jobs") + 1 :])
    return len([*after])


def hash_code() -> str:
    """Return a hash of the library's files by name, size and time, and of the Python that runs them."""
    package = Path(__file__).parent
    files = sorted(package.rglob("*.py"))
    listed = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return _hash([sys.prefix, sys.version, listed])


def run(arguments: Sequence[str]) -> int | None:
    """Have a server run the job and return its exit status; None where the caller must run it itself."""
    room = find_room(arguments)
    if room is None or WORKFLOW not in os.environ or os.environ.get(SWITCH) == "0":
        return None
    try:
        with _connect(room) as connection:
            return _hand_over(connection, arguments)
    except (Odd, OSError, ValueError) as reason:
        print(f"isogloss: no warm worker ({reason}); this job runs by itself", file=sys.stderr, flush=True)
        return None


def find_room(arguments: Sequence[str]) -> str | None:
    """Return what a job needs imported: the name of its family, or `analysis`; None for a job not worth a server."""
    if not arguments:
        return None
    if arguments[0] in ("finetune", "transfer", "language-model") and "--recipe" in arguments[:-1]:
        with suppress(ValueError, KeyError, TypeError):
            return str(json.loads(arguments[arguments.index("--recipe") + 1])["family"])
    return ROOMS.get(arguments[0])


def open_folder() -> Path:
    """Return this user's own folder for sockets, made if need be; Odd if it is anybody else's or open to others."""
    folder = Path(tempfile.gettempdir(), f"isogloss-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700:
        raise Odd(f"{folder} is not a folder of yours alone")
    return folder


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the lock under which servers are started, reached and closed."""
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def check_peer(connection: socket.socket) -> None:
    """Raise Odd unless the process on the other side is of the same user."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", peer)[1] != os.getuid():
        raise Odd("the socket is another user's")


def place_socket(folder: Path, room: str) -> Path:
    """Return where the server of this workflow, environment and room listens."""
    environment = sorted((name, value) for name, value in os.environ.items() if name.startswith(_AT_IMPORT))
    name = _hash([socket.gethostname(), os.environ[WORKFLOW], sys.executable, room, environment])[:24]
    return folder / f"{name}.socket"


def _connect(room: str) -> socket.socket:
    """Return a connection to the server of a room, started if there is none."""
    folder = open_folder()
    path = place_socket(folder, room)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(PATIENCE)
        with lock(folder):
            try:
                connection.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                path.unlink(missing_ok=True)  # of a server that was killed
                _start_server(path, room)
                connection.connect(str(path))
        check_peer(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _start_server(path: Path, room: str) -> None:
    """Start a server on a socket that is bound here: callers can queue at it while it imports."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen(256)
        with path.with_suffix(".log").open("wb") as log:
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "isogloss.warm_server", room, str(path), os.environ[WORKFLOW]),
                    *(str(listening.fileno()), str(IDLE)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                pass_fds=[listening.fileno()],
                # Threads of these libraries would not survive the fork; jobs set torch's own afterwards.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
            )


def _hand_over(connection: socket.socket, arguments: Sequence[str]) -> int:
    """Send the job once the server is ready for it, pass signals on to it, and return its exit status."""
    replies = connection.makefile("rb")
    if _read(replies).get("code") != hash_code():
        raise Odd("the server was started with other code")
    mask = os.umask(0o077)
    os.umask(mask)
    job = {"arguments": list(arguments), "folder": os.getcwd(), "environment": dict(os.environ), "umask": mask}
    socket.send_fds(connection, [_encode(job)], [0, 1, 2])
    # From here on the server has the job. Should this process die before it can pass signals on, the job dies too.
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
        "; the kernel was out of memory: give the job more (mem_mb) or run fewer at a time" if end.get("memory") else ""
    )
    print(f"isogloss: the job was killed by {number.name}{why}", file=sys.stderr)
    return 128 + number


def _encode(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _read(replies: Any) -> dict[str, Any]:
    line = replies.readline()
    if not line.endswith(b"\n"):
        raise Odd("the server left; its log lies beside its socket")
    reply = json.loads(line)
    if not isinstance(reply, dict):
        raise Odd(FOREIGN)
    return reply


def _hash(parts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
