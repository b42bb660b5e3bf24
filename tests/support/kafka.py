"""Kafka brokers for tests: each a process on free loopback ports, broker and controller in one (KRaft)."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.support.servers import HOST, free_port

CACHE = Path(os.environ.get("VENUE_CLUSTER_CACHE", ""))
"""Where scripts/cluster-test has put the jars; it sets the variable."""
PATIENCE = 300.0
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"
JAVA = ("java", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class KafkaServers:
    """Some brokers that form one cluster; each can be killed and started again.

    Args:
        folder: for configuration, logs and data.
        count: how many.

    """

    def __init__(self, folder: Path, count: int = 1) -> None:
        self.count = count
        """How many."""
        self._folder = folder
        self._ports = [(free_port(), free_port()) for _ in range(count)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def brokers(self) -> str:
        """The addresses, as Kafka's clients want them."""
        return ",".join(f"{HOST}:{port}" for port, _ in self._ports)

    def start(self) -> None:
        """Start all, and wait until they answer."""
        for number in range(1, len(self._ports) + 1):
            self._configure(number)
            self.start_one(number)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = self.admin().list_topics(timeout=5).brokers
            except KafkaException:
                found = {}
            if len(found) == len(self._ports):
                return
            assert time.monotonic() < deadline, f"Kafka does not answer; see {self._folder}"

    def start_one(self, number: int) -> None:
        """Start one broker, counted from 1."""
        log = (self._folder / f"kafka-{number}.log").open("ab")
        with log:
            self._processes[number] = subprocess.Popen(
                [*JAVA, "-cp", _CLASSES, "kafka.Kafka", str(self._file(number))],
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )

    def kill(self, number: int) -> None:
        """Kill one broker, as a power cut would."""
        process = self._processes.pop(number)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End all."""
        for number in list(self._processes):
            self.kill(number)

    def admin(self) -> AdminClient:
        """Return a client to administer them."""
        return AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})

    def leader_of(self, topic: str, partition: int) -> int:
        """Return the number of the broker that leads a partition."""
        found = self.admin().list_topics(topic, timeout=PATIENCE).topics[topic]
        leader: int = found.partitions[partition].leader
        return leader

    def _file(self, number: int) -> Path:
        return self._folder / f"kafka-{number}.properties"

    def _configure(self, number: int) -> None:
        port, controller = self._ports[number - 1]
        voters = ",".join(f"{n}@{HOST}:{row[1]}" for n, row in enumerate(self._ports, 1))
        copies = len(self._ports)
        settings = {
            "process.roles": "broker,controller",
            "node.id": number,
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self._folder / f"kafka-{number}",
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "false",
            # Shorter than usual: tests kill brokers.
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
        }
        self._file(number).write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
        _run(
            [
                *JAVA,
                "-cp",
                _CLASSES,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                CLUSTER_ID,
                "-c",
                str(self._file(number)),
            ],
            self._folder,
        )


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


_CLASSES = str(CACHE / "kafka" / "*")
