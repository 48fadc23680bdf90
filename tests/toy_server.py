"""A warm server with toy commands. test_warm.py starts it in the same way as isogloss.warm starts the real one."""

import itertools
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from isogloss import cli, warm_server


def run(arguments: list[str]) -> int:
    """Do what the second argument says, as a job."""
    what, *rest = arguments[1:]
    if what == "tell":
        mask = os.umask(0)
        told = {
            "arguments": arguments,
            "folder": os.getcwd(),
            "word": os.environ.get("TOY_WORD"),
            "umask": mask,
            "stdin": sys.stdin.read(),
            "own_group": os.getpgid(0) == os.getpid(),
        }
        print(json.dumps(told))
        print("to stderr", file=sys.stderr)
        return 7
    if what in ("wait", "stay"):
        if what == "stay":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path(rest[0]).write_text(str(os.getpid()), encoding="ascii")
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            print("interrupted")
            return 130
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "exit":
        sys.exit(2)
    raise RuntimeError("a failure of ours")


cli.run = run
warm_server.ANALYSIS = ()
warm_server.GRACE = 0.5
if "TOY_CUDA" in os.environ:
    sys.modules["torch"] = SimpleNamespace(cuda=SimpleNamespace(is_initialized=lambda: True))
if "TOY_MEMORY" in os.environ:
    warm_server._count_out_of_memory = itertools.count().__next__
if "TOY_CODE" in os.environ:
    warm_server.hash_code = lambda: "of yesterday"
if "TOY_ANSWER" in os.environ:
    warm_server._send = lambda connection, message: connection.sendall(os.environ["TOY_ANSWER"].encode() + b"\n")
if "TOY_END" in os.environ:
    send = warm_server._send
    warm_server._send = lambda connection, message: send(connection, message if "code" in message else {})
warm_server.main()
