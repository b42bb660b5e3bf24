"""systemd is notified of the state of the service, on a real datagram socket."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from monitor.runtime.systemd import notify, watchdog


@pytest.fixture(params=["file", "abstract"])
def wire(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd opens it, and its name as the service gets it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        name = str(tmp_path / "notify") if request.param == "file" else f"@{uuid4()}"
        sock.bind(name.replace("@", "\0", 1) if request.param == "abstract" else name)
        sock.settimeout(5)
        yield sock, name


def test_the_message_arrives(wire: tuple[socket.socket, str]) -> None:
    """Each message arrives unchanged, as one datagram."""
    sock, name = wire
    for message in ("READY=1", "WATCHDOG=1"):
        notify(message, {"NOTIFY_SOCKET": name})
    assert [sock.recv(100), sock.recv(100)] == [b"READY=1", b"WATCHDOG=1"]


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}])
def test_without_systemd_nothing_happens(environ: dict[str, str]) -> None:
    """Without systemd, notifying does nothing and the monitor still runs."""
    with capture_logs() as logs:
        notify("READY=1", environ)
    assert logs == []


def test_a_socket_that_is_gone_is_logged_and_no_more(tmp_path: Path) -> None:
    """If the socket is gone, that is logged and the monitor goes on."""
    with capture_logs() as logs:
        notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")})
    (event,) = logs
    assert event["event"] == "systemd_unreachable"
    assert event["socket"] == str(tmp_path / "gone")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"WATCHDOG_USEC": "10000000"}, timedelta(seconds=5)),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=5)),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getppid())}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_told_twice_in_its_time(
    environ: dict[str, str], expected: timedelta | None
) -> None:
    """The interval is half of systemd's limit; there is none without a limit or if it is for another process."""
    assert watchdog(environ) == expected
