"""Warm workers, server side: import the heavy libraries once, then fork a process for every job.

The server itself creates no tensor because neither torch's threads nor a GPU context survive a fork. Each job is a
process group. It ends when it is done, when its client ends, or when the server ends. The server reports the end of the
job to the client. The server exits when it has been idle for some time or when its workflow has ended.
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from isogloss.families import FAMILIES
from isogloss.figures.contents import FIGURES
from isogloss.warm import FORWARDED, check_peer, hash_code, lock, name_process

ANALYSIS = (
    *("isogloss.analysis.run", "isogloss.features.table", "isogloss.figures.gallery", "isogloss.figures.report"),
    "isogloss.analysis.files.own_languages",
    *(figure.draw.partition(":")[0] for figure in FIGURES.own.values()),
    "matplotlib.backends.backend_svg",
)
"""Modules that analysis jobs import lazily, in addition to the imports at the top of their modules."""

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL for a job whose client died."""
_PR_SET_PDEATHSIG = 1


@dataclass
class Job:
    """A running job. pidfd: readable when the job has ended. doomed: time at which to kill it; None to let it run."""

    pid: int
    pidfd: int
    connection: socket.socket
    out_of_memory: int
    doomed: float | None = None


@dataclass
class Server:
    """What the server watches: its socket, its workflow and its jobs by process number."""

    listening: socket.socket
    code: str
    watch: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    jobs: dict[int, Job] = field(default_factory=dict)


def serve(preload: str, path: Path, workflow: str, listening: socket.socket, idle: float) -> None:
    """Serve until the process named `workflow` has ended or no job has arrived for `idle` seconds.

    listening: a listening socket that is bound to `path`. The server removes `path` when it exits.
    """
    server = Server(listening, hash_code())
    try:
        pid = int(workflow.partition(".")[0])
        workflow_end = os.pidfd_open(pid)
        if name_process(pid) != workflow:
            return
        _prepare(preload)
        gc.collect()
        gc.freeze()  # otherwise the garbage collector writes to pages that forks share, which copies them
        server.watch.register(listening, selectors.EVENT_READ, lambda: _accept(server))
        server.watch.register(workflow_end, selectors.EVENT_READ, None)
        listening.setblocking(False)
        _loop(server, path, idle)
    finally:
        with lock(path.parent):
            path.unlink(missing_ok=True)
        listening.close()


def _prepare(preload: str) -> None:
    """Do the work that all jobs with the modules `preload` have in common, without creating a tensor."""
    modules = ["pyarrow.dataset"]  # pandas imports it when it reads or writes its first file
    if preload == "analysis":
        modules += ANALYSIS
    elif preload in FAMILIES:
        family = FAMILIES.find(preload)
        modules += [*family.preloads, "isogloss.runs.transfer", family.module, "seqeval.metrics", "seqeval.scheme"]
    for module in modules:
        importlib.import_module(module)
    if "transformers" in sys.modules:
        from transformers.conversion_mapping import get_checkpoint_conversion_mapping

        get_checkpoint_conversion_mapping("mt5")  # builds a table of all models once per process


def _loop(server: Server, path: Path, idle: float) -> None:
    last = time.monotonic()
    while True:
        ready = server.watch.select(timeout=1.0)
        now = time.monotonic()
        for key, _ in ready:
            if key.data is not None and key.fileobj in server.watch.get_map():
                key.data()
        if any(key.data is None for key, _ in ready):
            server.watch.unregister(next(key.fileobj for key, _ in ready if key.data is None))
            idle = 0.0  # the workflow has ended; jobs that still run may finish
        for job in server.jobs.values():
            if job.doomed is not None and now > job.doomed:
                _signal(job, signal.SIGKILL)
        if ready or server.jobs:
            last = now
        if not server.jobs and now - last >= idle:
            with lock(path.parent):  # clients connect under this lock, so none can connect now
                if not _accept(server):
                    path.unlink(missing_ok=True)
                    return


def _accept(server: Server) -> bool:
    """Start the job of a waiting client, if there is one; return whether there was one."""
    try:
        connection, _ = server.listening.accept()
    except BlockingIOError:
        return False
    connection.settimeout(GRACE)
    try:
        check_peer(connection)
        _send(connection, {"code": server.code})
        request, files = _receive(connection)
    except Exception as problem:
        print(f"refused a client: {problem}", flush=True)
        connection.close()
        return True
    try:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            _send(connection, {"refused": "the server has initialised CUDA, which does not survive a fork"})
            connection.close()
            return True
        _start(server, connection, request, files)
    finally:
        for file in files:
            os.close(file)
    return True


def _receive(connection: socket.socket) -> tuple[dict, list[int]]:
    text, files, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not text.endswith(b"\n"):
        more = connection.recv(1 << 16)
        if not more:
            raise EOFError("it closed the connection")
        text += more
    if len(files) != 3:
        raise ValueError(f"it sent {len(files)} files, not stdin, stdout and stderr")
    return json.loads(text), files


def _start(server: Server, connection: socket.socket, request: dict, files: list[int]) -> None:
    parent = os.getpid()
    out_of_memory = _count_out_of_memory()
    pid = os.fork()
    if pid == 0:
        _become_job(server, connection, request, files, parent)
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)  # both parent and child call it, because either may run first
    job = Job(pid, os.pidfd_open(pid), connection, out_of_memory)
    server.jobs[pid] = job
    server.watch.register(job.pidfd, selectors.EVENT_READ, lambda: _end(server, job))
    server.watch.register(connection, selectors.EVENT_READ, lambda: _listen(server, job))


def _become_job(server: Server, connection: socket.socket, request: dict, files: list[int], parent: int) -> None:
    """Turn this fork into the job, run it and exit; never returns."""
    status = 1
    try:
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        for number in FORWARDED:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for place, file in enumerate(files):
            os.dup2(file, place)
        _close_inherited(server, connection, files)
        os.chdir(request["folder"])
        os.umask(request["umask"])
        os.environ.clear()
        os.environ.update(request["environment"])
        random.seed()  # as in a new process; code that needs a fixed seed sets it
        sys.argv[1:] = request["arguments"]
        sys.stdout.reconfigure(line_buffering=os.isatty(1))
        from isogloss.cli import run

        status = run(request["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _close_inherited(server: Server, connection: socket.socket, files: list[int]) -> None:
    """Close what belongs to the server. A client detects the end of its job because its connection closes."""
    server.watch.close()
    server.listening.close()
    connection.close()
    for job in server.jobs.values():
        job.connection.close()
        os.close(job.pidfd)
    for file in files:
        os.close(file)


def _listen(server: Server, job: Job) -> None:
    """Forward a signal from a client to its job, or end the job if the client died."""
    try:
        text = job.connection.recv(1 << 12)
    except OSError:
        text = b""
    if not text:
        server.watch.unregister(job.connection)
        _signal(job, signal.SIGTERM)
        job.doomed = time.monotonic() + GRACE
    for line in text.splitlines():
        _signal(job, json.loads(line)["signal"])


def _end(server: Server, job: Job) -> None:
    """Report to the client how its job ended, and kill the processes that the job left running."""
    server.watch.unregister(job.pidfd)
    os.close(job.pidfd)
    _, status = os.waitpid(job.pid, 0)
    _signal(job, signal.SIGKILL)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        memory = number == signal.SIGKILL and _count_out_of_memory() > job.out_of_memory
        end = {"signal": number, "memory": memory}
    else:
        end = {"status": os.WEXITSTATUS(status)}
    with suppress(OSError):
        _send(job.connection, end)
    if job.doomed is None:
        server.watch.unregister(job.connection)
    job.connection.close()
    del server.jobs[job.pid]


def _signal(job: Job, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(job.pid, number)


def _send(connection: socket.socket, message: dict) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


def _count_out_of_memory() -> int:
    """Return the number of processes that the kernel has killed for lack of memory since boot; 0 if unknown."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def main() -> None:
    """Run `python -m isogloss.warm_server ROOM SOCKET WORKFLOW FILE IDLE`, as isogloss.warm starts it.

    FILE: number of the file descriptor of the listening socket. IDLE: seconds.
    """
    preload, path, workflow, file, idle = sys.argv[1:]
    serve(preload, Path(path), workflow, socket.socket(fileno=int(file)), float(idle))
    Path(path).with_suffix(".log").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
