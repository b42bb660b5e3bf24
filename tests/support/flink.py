"""Flink for tests: JobManager and TaskManagers as processes, with configuration and state in one folder."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from monitor.cluster.settings import JobSettings
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, free_port

PATIENCE = 300.0
HOME = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "pyflink"


class FlinkServers:
    """A JobManager with any number of TaskManagers of one slot each.

    Args:
        folder: for configuration, logs, checkpoints and savepoints.
        is_standing_by: whether ZooKeeper keeps what a JobManager needs that takes the place of another.

    """

    def __init__(self, folder: Path, *, is_standing_by: bool = False) -> None:
        self._folder = folder
        self._rpc, self._rest = free_port(), free_port()
        self._manager: subprocess.Popen[bytes] | None = None
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._started = 0
        self._keeper: subprocess.Popen[bytes] | None = None
        self._keeper_ports = (free_port(), free_port(), free_port()) if is_standing_by else ()
        self.code = ROOT
        """The checkout whose code processes run that are started from now on."""

    @property
    def address(self) -> str:
        """The address of the JobManager's web server."""
        return f"http://{HOST}:{self._rest}"

    def start(self) -> None:
        """Start a JobManager, and ZooKeeper before it if that is wanted."""
        self._configure()
        if self._keeper_ports:
            self._keeper = self._open("zookeeper.sh", "zookeeper", "1")
        self.start_manager()

    def have_workers(self, count: int) -> list[int]:
        """Start TaskManagers until there are so many with a free slot; return the numbers of all."""
        while len(self._workers) < count:
            self.start_worker()
        self.wait_for(lambda: self.overview()["slots-available"] >= count, f"{count} TaskManagers")
        return [*self._workers]

    def start_manager(self) -> None:
        """Start the JobManager."""
        self._manager = self._open("jobmanager.sh", "jobmanager")

    def start_worker(self) -> int:
        """Start a TaskManager; return its number."""
        self._started += 1
        self._workers[self._started] = self._open("taskmanager.sh", f"taskmanager-{self._started}")
        return self._started

    def kill_worker(self, number: int) -> None:
        """Kill a TaskManager, as a power cut would."""
        _kill(self._workers.pop(number))

    def process_of(self, number: int) -> int:
        """Return the process id of a TaskManager."""
        return self._workers[number].pid

    def kill_manager(self) -> None:
        """Kill the JobManager."""
        assert self._manager is not None
        _kill(self._manager)
        self._manager = None

    def stop(self) -> None:
        """End all."""
        for worker in self._workers.values():
            _kill(worker)
        self._workers.clear()
        for process in (self._manager, self._keeper):
            if process is not None:
                _kill(process)
        self._manager = self._keeper = None

    def submit(self, settings: JobSettings, parallelism: int, savepoint: str = "") -> str:
        """Start the job; return its id."""
        begin = ["-s", savepoint] if savepoint else []
        done = subprocess.run(
            [
                str(HOME / "bin" / "flink"), "run", "-d", *begin, "-p", str(parallelism),
                "-m", f"{HOST}:{self._rest}", "-py", str(self.code / "monitor" / "cluster" / "flink_job.py"),
                msgspec.json.encode(settings).decode(),
            ],
            env=self._environment(), capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        job = done.stdout.split("JobID ")[1].split()[0]
        self.wait_for(lambda: self.is_running(job), "the job")
        return job

    def is_running(self, job: str) -> bool:
        """Return whether all tasks of a job run."""
        found = self._get(f"/jobs/{job}")
        return all(row["status"] == "RUNNING" for row in found["vertices"])

    def checkpoints(self, job: str) -> int:
        """Return how many checkpoints of a job are complete."""
        count: int = self._get(f"/jobs/{job}/checkpoints")["counts"]["completed"]
        return count

    def checkpoint_sizes(self, job: str) -> list[tuple[int, int, int]]:
        """Return of each complete checkpoint the bytes of all state, those that were written, and its milliseconds."""
        rows = self._get(f"/jobs/{job}/checkpoints")["history"]
        return [
            (row["state_size"], row["checkpointed_size"], row["end_to_end_duration"])
            for row in rows
            if row["status"] == "COMPLETED"
        ]

    def running(self) -> list[str]:
        """Return the ids of the jobs that have not ended."""
        over = ("CANCELED", "FAILED", "FINISHED")
        return [row["id"] for row in self._get("/jobs")["jobs"] if row["status"] not in over]

    def cancel(self, job: str) -> None:
        """End a job; what it has done since its last checkpoint is not committed."""
        request = urllib.request.Request(self._url(f"/jobs/{job}?mode=cancel"), method="PATCH")  # noqa: S310 - our own address
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
        self.wait_for(lambda: job not in self.running(), "the end of the job")

    def stop_with_savepoint(self, job: str) -> str:
        """Stop a job after everything that it has done is committed; return its savepoint."""
        body = {"targetDirectory": (self._folder / "savepoints").as_uri(), "drain": False}
        request = self._get(f"/jobs/{job}/stop", body)["request-id"]
        found: dict[str, Any] = {}

        def is_done() -> bool:
            nonlocal found
            found = self._get(f"/jobs/{job}/savepoints/{request}")
            return bool(found["status"]["id"] == "COMPLETED")

        self.wait_for(is_done, "the savepoint")
        assert "location" in found["operation"], found
        location: str = found["operation"]["location"]
        return location

    def overview(self) -> dict[str, Any]:
        """Return what is known of the cluster."""
        return self._get("/overview")

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something, with room for a busy machine."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if holds():
                    return
            except (OSError, KeyError):
                pass
            assert time.monotonic() < deadline, f"{what} not there; see {self._folder}"
            time.sleep(0.1)

    def _url(self, path: str) -> str:
        return f"{self.address}{path}"

    def _get(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url(path), data, headers)  # noqa: S310 - our own address
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
            found: dict[str, Any] = json.load(answer)
        return found

    def _open(self, script: str, name: str, *more: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(HOME / "bin" / script), "start-foreground", *more],
                env=self._environment(),
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FLINK_CONF_DIR": str(self._folder / "conf"),
            "FLINK_HOME": str(HOME),
            "PYTHONPATH": str(self.code),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def _configure(self) -> None:
        conf = self._folder / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        stock = (HOME / "conf" / "config.yaml").read_text()
        opens = next(row for row in stock.splitlines() if row.strip().startswith("all: --add"))
        settings = {
            "env.java.opts.all": opens.strip().removeprefix("all: "),
            "jobmanager.rpc.address": HOST,
            "jobmanager.rpc.port": self._rpc,
            "jobmanager.bind-host": HOST,
            "jobmanager.memory.process.size": "1000m",
            "rest.address": HOST,
            "rest.bind-address": HOST,
            "rest.port": self._rest,
            "taskmanager.host": HOST,
            "taskmanager.bind-host": HOST,
            "taskmanager.numberOfTaskSlots": 1,
            "taskmanager.memory.process.size": "1500m",
            "taskmanager.memory.managed.size": "64m",
            "taskmanager.memory.network.max": "64m",
            "python.execution-mode": "thread",
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            "pipeline.max-parallelism": 512,
            "execution.checkpointing.interval": "1s",
            "execution.checkpointing.mode": "EXACTLY_ONCE",
            "state.backend.type": "rocksdb",
            "execution.checkpointing.incremental": "true",
            "execution.checkpointing.dir": (self._folder / "checkpoints").as_uri(),
            "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": 1000,
            "restart-strategy.fixed-delay.delay": "200ms",
            "heartbeat.interval": 1000,
            "heartbeat.timeout": 5000,
            "slot.request.timeout": 60000,
            **self._keeping(),
        }
        body = "".join(f"{key}: {value}\n" for key, value in settings.items())
        (conf / "config.yaml").write_text(body)
        for name in ("log4j.properties", "log4j-console.properties", "log4j-cli.properties"):
            (conf / name).write_text((HOME / "conf" / name).read_text())

    def _keeping(self) -> dict[str, Any]:
        """Configure ZooKeeper, if it is wanted; return what Flink has to know of it."""
        if not self._keeper_ports:
            return {}
        client, *peers = self._keeper_ports
        data = self._folder / "zookeeper"
        data.mkdir()
        (self._folder / "conf" / "zoo.cfg").write_text(
            f"tickTime=500\ninitLimit=10\nsyncLimit=5\ndataDir={data}\nclientPort={client}\n"
            f"admin.enableServer=false\nserver.1={HOST}:{peers[0]}:{peers[1]}\n"
        )
        return {
            "high-availability.type": "zookeeper",
            "high-availability.zookeeper.quorum": f"{HOST}:{client}",
            "high-availability.storageDir": (self._folder / "ha").as_uri(),
            "high-availability.zookeeper.client.session-timeout": 10000,
        }


def _kill(process: subprocess.Popen[bytes]) -> None:
    # Not every script of Flink becomes the server that it starts; each has a session of its own.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
