"""Warm workers with real servers, forks, sockets and signals. Only the jobs are toys (tests/toy_server.py)."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from squares import tabulate_scores
from studies import PROJECT

from isogloss import warm
from isogloss.families import FAMILIES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm workers need Linux")
PATIENCE = 30
COLD = "this job runs in its own process"


def heed_signals() -> None:
    """Reset the handling of every signal, because a background job of a shell inherits ignored signals."""
    for number in warm.FORWARDED:
        signal.signal(number, signal.SIG_DFL)


@dataclass(frozen=True)
class Shop:
    """A private folder with one toy server. Jobs are started in it in the same way as rules start them."""

    folder: Path
    environment: dict[str, str]

    @property
    def sockets(self) -> Path:
        return self.folder / f"isogloss-{os.getuid()}"

    def start(self, *what: str, **settings) -> subprocess.Popen:
        """Start a job."""
        settings = {"stdin": subprocess.DEVNULL, "cwd": self.folder, "env": self.environment, **settings}
        return subprocess.Popen(
            [sys.executable, "-m", "isogloss", "analyse", *map(str, what)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_signals,
            **settings,
        )

    def run(self, *what: str, **settings) -> tuple[int, str, str]:
        """Run a job to its end and return exit status, stdout and stderr."""
        job = self.start(*what, **settings)
        out, err = job.communicate(timeout=PATIENCE)
        return job.returncode, out, err

    def wait_in(self, what: str = "wait") -> tuple[subprocess.Popen, int]:
        """Start a job that waits; return its client process and the job's own process number."""
        mark = self.folder / "pid"
        caller = self.start(what, mark)
        wait_for(lambda: mark.exists() and mark.read_text())
        return caller, int(mark.read_text())


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def find_servers(place: Path) -> list[int]:
    """Return the processes that serve on a socket in a folder."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"isogloss.warm_server" in (words := line.read_bytes()) and bytes(place) in words:
                found.append(int(line.parent.name))
    return found


def open_shop(monkeypatch: pytest.MonkeyPatch, folder: Path, workflow: int, idle: float = 60.0, **toys: str) -> tuple:
    """Start a toy server where jobs of `workflow` look for one. Return the shop and the server's process."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    library = os.pathsep.join([str(PROJECT / "workflow"), str(PROJECT / "tests")])
    for name, value in {"PYTHONPATH": library, "TMPDIR": str(folder), **toys}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(warm.WORKFLOW, warm.name_process(workflow))
    monkeypatch.delenv(warm.SWITCH, raising=False)
    shop = Shop(folder, dict(os.environ))
    path = warm.place_socket(warm.open_folder(), "analysis")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        server = subprocess.Popen(
            [
                *(sys.executable, PROJECT / "tests" / "toy_server.py", "analysis", path, os.environ[warm.WORKFLOW]),
                *(str(listening.fileno()), str(idle)),
            ],
            pass_fds=[listening.fileno()],
            env=shop.environment,
        )
    return shop, server


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="warm-", dir="/tmp"))  # the path of a socket has at most 107 characters
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def shop(monkeypatch, place, request) -> Iterator[Shop]:
    shop, server = open_shop(monkeypatch, place, os.getpid(), **getattr(request, "param", {}))
    yield shop
    server.terminate()
    server.wait(PATIENCE)


def test_a_job_has_its_caller_s_arguments_folder_environment_mask_and_streams(shop, place):
    inside = place / "inside"
    inside.mkdir()
    with (place / "in").open("w+") as given:
        given.write("a line\n")
        given.seek(0)
        status, out, err = shop.run(
            "tell", "ä b", cwd=inside, stdin=given, env={**shop.environment, "TOY_WORD": "x=1\n2"}, umask=0o027
        )
    assert (status, err) == (7, "to stderr\n")
    assert json.loads(out) == {
        "arguments": ["analyse", "tell", "ä b"],
        "folder": str(inside),
        "word": "x=1\n2",
        "umask": 0o027,
        "stdin": "a line\n",
        "own_group": True,
    }


def test_jobs_run_side_by_side_and_end_with_their_own_status(shop):
    waiting, pid = shop.wait_in()
    assert shop.run("tell")[0] == 7
    assert shop.run("exit")[0] == 2
    status, _, err = shop.run("raise")
    assert status == 1
    assert err.endswith("RuntimeError: a failure of ours\n")
    assert waiting.poll() is None
    os.kill(pid, signal.SIGKILL)
    assert waiting.wait(PATIENCE) == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", warm.FORWARDED)
def test_a_signal_to_the_caller_reaches_the_job(shop, number):
    caller, pid = shop.wait_in()
    caller.send_signal(number)
    out, err = caller.communicate(timeout=PATIENCE)
    assert caller.returncode == 128 + number
    assert "interrupted" in out or f"the job was killed by {number.name}" in err
    assert not is_running(pid)


@pytest.mark.parametrize("what", ["wait", "stay"])
def test_a_caller_that_dies_takes_its_job_with_it_even_one_that_will_not_go(shop, what):
    caller, pid = shop.wait_in(what)
    caller.kill()
    caller.communicate(timeout=PATIENCE)
    wait_for(lambda: not is_running(pid))
    assert shop.run("tell")[0] == 7


def test_a_job_that_is_killed_is_reported_as_that(shop):
    status, _, err = shop.run("die")
    assert (status, err) == (128 + signal.SIGKILL, "isogloss: the job was killed by SIGKILL\n")


@pytest.mark.parametrize("shop", [{"TOY_MEMORY": "1"}], indirect=True)
def test_a_job_that_the_kernel_killed_for_memory_is_reported_as_that(shop):
    status, _, err = shop.run("die")
    assert status == 128 + signal.SIGKILL
    assert "killed by SIGKILL because the machine ran out of memory; increase its mem_mb" in err


@pytest.mark.parametrize(
    ("shop", "reason"),
    [
        ({"TOY_CUDA": "1"}, "initialised CUDA"),
        ({"TOY_CODE": "1"}, "was started from another version of the code"),
        ({"TOY_ANSWER": "{}"}, "was started from another version of the code"),
        ({"TOY_ANSWER": "[1]"}, "unexpected reply from the server"),
        ({"TOY_ANSWER": "?"}, "Expecting value"),
        ({"TOY_END": "{}"}, "unexpected reply from the server"),
    ],
    indirect=["shop"],
)
def test_a_server_that_will_not_do_is_left_alone(shop, reason):
    status, _, err = shop.run("--help")
    assert status == 0
    said = err.splitlines()[-1]
    assert said.startswith("isogloss: no warm worker (") and reason in said and COLD in said


def test_a_job_whose_server_is_killed_runs_again_by_itself(monkeypatch, place):
    shop, server = open_shop(monkeypatch, place, os.getpid())
    caller, pid = shop.wait_in()
    server.kill()
    server.wait(PATIENCE)
    _, err = caller.communicate(timeout=PATIENCE)
    assert not is_running(pid)
    assert COLD in err
    assert "usage: isogloss" in err  # printed by the command itself, which does not know `wait`
    assert caller.returncode == 2


def test_a_socket_that_nobody_listens_at_makes_way_for_a_new_server(monkeypatch, place):
    shop, server = open_shop(monkeypatch, place, os.getpid())
    server.kill()
    server.wait(PATIENCE)
    assert [path.suffix for path in shop.sockets.glob("*.socket")] == [".socket"]
    monkeypatch.setattr(warm, "IDLE", 0.0)
    status = warm.run(["scores", "--help"])
    assert status == 0
    wait_for(lambda: [path.name for path in shop.sockets.iterdir()] == ["lock"])


def test_callers_that_come_at_once_start_one_server(monkeypatch, place):
    shop, server = open_shop(monkeypatch, place, os.getpid())
    server.kill()
    server.wait(PATIENCE)
    callers = [shop.start("--help") for _ in range(4)]
    ends = [caller.communicate(timeout=2 * PATIENCE) for caller in callers]
    servers = find_servers(place)
    for pid in servers:
        os.kill(pid, signal.SIGTERM)
    assert [caller.returncode for caller in callers] == [0] * 4
    assert [err for _, err in ends] == [""] * 4
    assert len(servers) == 1
    wait_for(lambda: not find_servers(place))


def test_the_server_leaves_when_it_is_idle(monkeypatch, place):
    shop, server = open_shop(monkeypatch, place, os.getpid(), idle=0.3)
    assert server.wait(PATIENCE) == 0
    assert [path.name for path in shop.sockets.iterdir()] == ["lock"]


def test_the_server_leaves_when_its_workflow_has_ended_and_its_jobs_are_done(monkeypatch, place):
    workflow = subprocess.Popen(["sleep", "60"])
    shop, server = open_shop(monkeypatch, place, workflow.pid)
    caller, pid = shop.wait_in()
    workflow.kill()
    workflow.wait()
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(1.5)
    os.kill(pid, signal.SIGKILL)
    caller.communicate(timeout=PATIENCE)
    assert server.wait(PATIENCE) == 0


def test_a_process_that_has_the_workflow_s_number_is_not_taken_for_it(monkeypatch, place):
    monkeypatch.setattr(warm, "name_process", lambda pid: f"{pid}.1")
    shop, server = open_shop(monkeypatch, place, os.getpid())
    assert server.wait(PATIENCE) == 0
    assert COLD not in shop.run("--help", env={**shop.environment, warm.SWITCH: "0"})[2]


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_folder_that_others_can_enter_is_not_trusted(monkeypatch, place, mode):
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    warm.open_folder().chmod(mode)
    with pytest.raises(warm.Odd, match="must be a folder that you own, with mode 0700"):
        warm.open_folder()


def test_a_folder_that_is_a_link_is_not_trusted(monkeypatch, place):
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    (place / "elsewhere").mkdir(mode=0o700)
    (place / f"isogloss-{os.getuid()}").symlink_to(place / "elsewhere")
    with pytest.raises(warm.Odd, match="must be a folder that you own, with mode 0700"):
        warm.open_folder()


def test_another_user_s_socket_is_not_trusted(monkeypatch):
    one, other = socket.socketpair()
    with one, other:
        warm.check_peer(one)
        monkeypatch.setattr(os, "getuid", lambda: 4242)
        with pytest.raises(warm.Odd, match="the socket belongs to another user"):
            warm.check_peer(one)


def test_no_server_is_asked_where_warm_workers_are_off(shop):
    off = {**shop.environment, warm.SWITCH: "0"}
    none = {name: value for name, value in shop.environment.items() if name != warm.WORKFLOW}
    for environment in (off, none):
        status, out, err = shop.run("--help", env=environment)
        assert (status, err) == (0, "")
        assert out.startswith("usage: isogloss analyse")


def test_a_job_alone_on_a_node_of_a_cluster_starts_no_server(monkeypatch):
    monkeypatch.setenv(warm.WORKFLOW, "1.1")
    warm.announce_workflow(many=False)
    assert warm.WORKFLOW not in os.environ
    warm.announce_workflow(many=True)
    assert os.environ[warm.WORKFLOW] == warm.name_process(os.getpid())


def test_the_jobs_of_a_cluster_job_are_counted():
    command = ["snakemake", "--snakefile", "Snakefile", "--target-jobs", "transfer:n=1", "transfer:n=2", "--force"]
    assert warm.count_target_jobs(command) == 2
    assert warm.count_target_jobs(command[:-2]) == 1


def test_a_job_is_left_to_the_server_of_its_family():
    recipe = json.dumps({"family": "crf"})
    assert warm.find_preload(["transfer", "--recipe", recipe, "--out", "x"]) == "crf"
    assert warm.find_preload(["finetune", "--recipe", recipe]) == "crf"
    assert warm.find_preload(["finetune", "--recipe", "{"]) is None
    assert warm.find_preload(["build-model", "--recipe", "{}"]) == "text-to-text"
    assert warm.find_preload(["page"]) == "analysis"
    assert warm.find_preload(["corpus", "--recipe", "{}"]) is None
    assert warm.find_preload([]) is None


def test_every_room_is_one_that_a_server_knows():
    assert {*warm.PRELOADS.values()} - {*FAMILIES} == {"analysis"}
    assert all(family.preloads for family in FAMILIES.own.values())


def test_the_caller_imports_the_standard_library_alone():
    code = "import sys; from isogloss import __main__; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "workflow")}
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert {*done.stdout.split()} <= {*sys.stdlib_module_names, "isogloss", "__main__"}


LATE = """
import json, sys
from isogloss import warm_server
warm_server._prepare("analysis")
from isogloss.cli import run
before = {*sys.modules}
assert run(sys.argv[1:]) == 0
print(json.dumps(sorted({*sys.modules} - before)))
"""


def test_a_job_that_draws_imports_no_more_than_a_codec_or_two(tmp_path):
    languages = ["de", "en", "hi"]
    tabulate_scores(np.linspace(0.1, 0.9, 9).reshape(3, 3), languages).to_csv(tmp_path / "scores.csv", index=False)
    verb = ["draw", "--figures", "matrix", "--values", "0", "--scores", tmp_path / "scores.csv", "--task", "ner"]
    verb += ["--model", "mini", "--notice", "", "--out", tmp_path]
    command = [sys.executable, "-c", LATE, *map(str, verb)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "workflow")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    late = json.loads(done.stdout.splitlines()[-1])
    assert (tmp_path / "matrix-shots-0.svg").exists()
    heavy = ("matplotlib", "pyarrow", "scipy", "isogloss")
    assert [name for name in late if name.partition(".")[0] in heavy] == []
    assert len(late) < 20
