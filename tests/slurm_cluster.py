"""A Slurm cluster on this machine for tests: two nodes, two GPUs that are no GPUs, and accounting if asked for.

Debian's slurmd can run several nodes on one host. All state is in a temporary folder, and all ports are free ones. Only
the configuration is in /etc/slurm, because job steps read no other place. The daemons need root.
"""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NODES = ("node1", "node2")
CONFIGURATION = Path("/etc/slurm")
FILES = ("slurm.conf", "gres.conf", "slurmdbd.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
ACCOUNTING = ("slurmdbd", "mariadbd", "mariadb-install-db", "mariadb", "sacctmgr")
_MARK = "ISOGLOSS_TEST_NODE"
"""Variable in the environment of a slurmd, which the processes that guard job steps inherit."""

_SLURM = """\
ClusterName={cluster}
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=20
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
MinJobAge=300
KillWait=5
GresTypes=gpu
Prolog={folder}/start.sh
PrologFlags=Alloc
Epilog={folder}/end.sh
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=32000 Gres=gpu:2
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=32000
PartitionName=main Nodes=ALL Default=YES State=UP
"""
_WITHOUT = "AccountingStorageType=accounting_storage/none\n"
_WITH = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={ports[3]}
AccountingStoragePass={folder}/munge.socket
"""
_DATABASE = """\
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={ports[3]}
SlurmUser=root
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={ports[4]}
StorageUser=slurm
StoragePass=slurm
"""


def explain_absence(accounting: bool = False) -> str | None:
    """Return why no cluster can run here; None if one can."""
    if os.geteuid():
        return "Slurm's daemons need root"
    wanted = PROGRAMS + ACCOUNTING * accounting
    if missing := [program for program in wanted if shutil.which(program, path=_path()) is None]:
        packages = "slurm-wlm munge" + " slurmdbd mariadb-server" * accounting
        return f"no {', '.join(missing)}; install the packages {packages}"
    existing = [name for name in FILES if (CONFIGURATION / name).exists()]
    if existing and not _is_left():
        return f"{CONFIGURATION / existing[0]} is the configuration of another cluster"
    with tempfile.TemporaryDirectory() as folder:
        try:
            _make_device(Path(folder, "gpu"))
        except OSError as error:
            return f"no devices can be made that take the place of GPUs: {error.strerror}"
    return None


class Cluster:
    """A running cluster. `gpu_log` lists the start and end of each job with its GPUs, in order of time."""

    def __init__(self, folder: Path, accounting: bool) -> None:
        self.folder, self.accounting = folder, accounting
        self.name = f"isogloss{os.getpid()}"
        self.gpu_log = folder / "gpus.txt"
        self._daemons: dict[str, subprocess.Popen] = {}
        self._ports = _find_ports(5)

    def start(self) -> None:
        """Write the configuration and start the daemons; return when both nodes accept jobs."""
        self._write_files()
        if self.accounting:
            self._start_accounting()
        self._start("munged", "--foreground", "--force", *self._place_munge())
        wait_until(lambda: (self.folder / "munge.socket").exists(), "munged", 10)
        if self.accounting:
            self._start("slurmdbd", "-D")
            wait_until(lambda: run("sacctmgr", "--noheader", "list", "cluster") is not None, "slurmdbd", 60)
            run("sacctmgr", "--immediate", "add", "cluster", self.name)
        self._start("slurmctld", "-D")
        wait_until(lambda: run("scontrol", "ping") is not None, "slurmctld", 30)
        for node in NODES:
            self.start_node(node)

    def start_node(self, node: str) -> None:
        """Start a node, as after a reboot, and return when it accepts jobs."""
        (self.folder / f"spool-{node}").mkdir(exist_ok=True)
        self._start("slurmd", "-D", "-N", node, name=node)
        wait_until(lambda: self.read_state(node) in ("idle", "mixed", "allocated"), node, 60)

    def kill_node(self, node: str) -> None:
        """Kill a node with all its processes, as a loss of power does, and tell the controller."""
        self._daemons.pop(node).kill()
        self._kill_processes(node)
        run("scontrol", "update", f"nodename={node}", "state=down", "reason=power")

    def read_state(self, node: str) -> str:
        """Return the state of a node in lower case, without marks such as `*`."""
        return (run("sinfo", "--noheader", "--format=%T", f"--nodes={node}") or "").strip().rstrip("*~#")

    def stop(self) -> None:
        """Cancel all jobs, end all processes that belong to the cluster, and remove the configuration."""
        if "slurmctld" in self._daemons:
            run("scancel", "--me")
            with suppress(TimeoutError):
                wait_until(lambda: not run("squeue", "--noheader"), "end of all jobs", 20)
        for daemon in reversed(self._daemons.values()):
            daemon.terminate()
        for daemon in self._daemons.values():
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for node in NODES:
            self._kill_processes(node)
        for name in FILES:
            (CONFIGURATION / name).unlink(missing_ok=True)

    def describe(self) -> str:
        """Return the ends of the logs of the daemons."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}: " + "\n".join(log.read_text().splitlines()[-5:]) for log in logs)

    def _write_files(self) -> None:
        (self.folder / "state").mkdir()
        for number in range(len(NODES)):
            _make_device(self.folder / f"gpu{number}")
        for event in ("start", "end"):
            script = self.folder / f"{event}.sh"
            script.write_text(f'#!/bin/sh\necho "{event} $SLURM_JOB_ID $SLURM_JOB_GPUS" >> {self.gpu_log}\n')
            script.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        CONFIGURATION.mkdir(exist_ok=True)
        values = {
            "cluster": self.name,
            "host": socket.gethostname().split(".")[0],
            "folder": self.folder,
            "ports": self._ports,
        }
        text = _SLURM + (_WITH if self.accounting else _WITHOUT)
        (CONFIGURATION / "slurm.conf").write_text(text.format(**values))
        (CONFIGURATION / "gres.conf").write_text(f"NodeName=node1 Name=gpu File={self.folder}/gpu[0-1]\n")
        if self.accounting:
            database = CONFIGURATION / "slurmdbd.conf"
            database.write_text(_DATABASE.format(**values))
            database.chmod(0o600)

    def _start_accounting(self) -> None:
        data, place = self.folder / "data", self.folder / "mariadb.socket"
        shared = ["--no-defaults", f"--datadir={data}", "--user=root"]
        run("mariadb-install-db", *shared, "--auth-root-authentication-method=normal", "--skip-test-db")
        options = ["--bind-address=127.0.0.1", f"--port={self._ports[4]}", f"--pid-file={self.folder}/mariadb.pid"]
        self._start("mariadbd", *shared, f"--socket={place}", *options)
        client = ["mariadb", "--no-defaults", f"--socket={place}", "--execute"]
        wait_until(lambda: run(*client, "select 1") is not None, "mariadbd", 60)
        user = "create user slurm@localhost identified by 'slurm'; grant all on *.* to slurm@localhost;"
        run(*client, user + user.replace("localhost", "127.0.0.1"))

    def _place_munge(self) -> Iterator[str]:
        for option, name in (("socket", "munge.socket"), ("key-file", "munge.key"), ("pid-file", "munge.pid")):
            yield f"--{option}={self.folder / name}"
        for option in ("log-file", "seed-file"):
            yield f"--{option}={self.folder / option}"

    def _start(self, program: str, *arguments: str, name: str | None = None) -> None:
        name = name or program
        with (self.folder / f"{name}.out.log").open("a") as printed:
            self._daemons[name] = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                cwd=self.folder,
                env={**os.environ, "PATH": _path(), _MARK: f"{self.name}.{name}"},
                start_new_session=True,
            )

    def _kill_processes(self, node: str) -> None:
        """Kill the jobs on a node and the processes that guard their steps, before one of them reports an end."""
        found = [*self._list_processes(node)]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _list_processes(self, node: str) -> Iterator[int]:
        of_job = {f"SLURM_CLUSTER_NAME={self.name}".encode(), f"SLURMD_NODENAME={node}".encode()}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                variables = {*(folder / "environ").read_bytes().split(b"\0")}
                if of_job <= variables or f"{_MARK}={self.name}.{node}".encode() in variables:
                    yield int(folder.name)


@contextmanager
def run_cluster(folder: Path, accounting: bool = False) -> Iterator[Cluster]:
    """Start a cluster, yield it, and stop it."""
    cluster = Cluster(folder, accounting)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def run(*command: str) -> str | None:
    """Return what a command prints; None if it fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "PATH": _path()}
    )
    return None if done.returncode else done.stdout


def wait_until(condition: Callable[[], object], name: str, seconds: float) -> None:
    """Wait until a condition is true. Raises TimeoutError with the name after this time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{name} after {seconds} seconds")
        time.sleep(0.2)


def _is_left() -> bool:
    """Return whether a test that was killed has left the configuration."""
    with suppress(FileNotFoundError):
        owner = re.search(r"^ClusterName=isogloss(\d+)$", (CONFIGURATION / FILES[0]).read_text(), re.MULTILINE)
        return owner is not None and not Path("/proc", owner[1]).exists()
    return False


def _make_device(path: Path) -> None:
    """Make a character device like /dev/null. Slurm accepts only devices as GPUs."""
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def _find_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
