"""``venue-monitor watch`` as people run it, and what it says of a ``watch.toml`` with mistakes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.deadman.settings import load
from monitor.errors import ConfigError
from tests.support.http_stub import Loopback, loopback
from tests.support.mail_recorder import mailbox
from tests.support.monitor_process import PATIENCE
from tests.support.servers import HOST, Mosquitto, eventually, free_port

FILE = (
    'name = "desk"\npages_file = "pages"\n[[monitor]]\ncongress = "congress"\nhost = "127.0.0.1"\n'
)


@pytest.fixture
async def phone() -> AsyncIterator[Loopback]:
    """Where pages arrive."""
    async with loopback() as made:
        yield made


def written(folder: Path, text: str, pages: str) -> Path:
    """A ``watch.toml``, with the file of addresses beside it."""
    (folder / "pages").write_text(pages)
    path = folder / "watch.toml"
    path.write_text(text)
    return path


def start(path: Path, *more: str, notify: str = "") -> subprocess.Popen[bytes]:
    """The program."""
    return subprocess.Popen(
        [sys.executable, "-m", "monitor", "watch", "--file", str(path), *more],
        env=os.environ | ({"NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "200000"} if notify else {}),
    )


async def test_its_life(tmp_path: Path, mosquitto: Mosquitto, phone: Loopback) -> None:
    """Ready and alive for systemd; it pages; killed and started again it says nothing twice; SIGTERM ends it with 0."""
    text = f'{FILE}port = {mosquitto.port}\nsilent_after = "5s"\n'
    path = written(tmp_path, text, f"json://{HOST}:{phone.port}/\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.settimeout(0)
        told: list[bytes] = []

        def said(what: bytes) -> bool:
            try:
                told.append(wire.recv(100))
            except BlockingIOError:
                return False
            return told[-1] == what

        process = start(path, notify=str(tmp_path / "notify"))
        try:
            await eventually(lambda: said(b"READY=1"), PATIENCE)
            await eventually(lambda: said(b"WATCHDOG=1"), PATIENCE)
            state = tmp_path / "watch.state.json"
            # Somebody has to go on reading: what systemd doesn't take holds the sender up.
            await eventually(lambda: said(b"never") or state.exists(), PATIENCE)
            process.kill()
            process.wait()
            process = start(path, notify=str(tmp_path / "notify"))
            await eventually(lambda: said(b"READY=1"), PATIENCE)
            process.send_signal(signal.SIGTERM)
            await eventually(lambda: process.poll() is not None, PATIENCE)
            assert process.returncode == 0
        finally:
            process.kill()
            process.wait()
    (asked,) = phone.asked
    assert json.loads(asked.body)["title"].startswith("Venue monitor congress SILENT since")


async def test_a_test_page_by_mail(tmp_path: Path) -> None:
    """It says that it is a test, by a real SMTP server, and needs no monitor and no broker."""
    with mailbox() as (box, port):
        url = f"mailto://{HOST}:{port}?from=watcher@example.org&to=duty@example.org\n"
        process = start(written(tmp_path, FILE, url), "--test")
        try:
            await eventually(lambda: process.poll() is not None, PATIENCE)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert box.subjects("duty@") == ["TEST of the venue watcher"]


async def test_a_test_page_that_nobody_takes(tmp_path: Path) -> None:
    """Code 1: whoever set it up has to know."""
    process = start(written(tmp_path, FILE, f"json://{HOST}:{free_port()}/"), "--test")
    try:
        await eventually(lambda: process.poll() is not None, PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1


def test_what_a_file_says(tmp_path: Path) -> None:
    """Paths begin at its folder; comments in the file of addresses are none."""
    found = load(written(tmp_path, FILE, "# duty officer\njson://a/\n\njson://b/\n"))
    assert found.urls == ("json://a/", "json://b/")
    assert found.state == tmp_path / "watch.state.json"
    (monitor,) = found.monitors
    assert (monitor.address.host, monitor.address.port) == (HOST, 1883)
    assert monitor.silent_after >= timedelta(seconds=40)
    assert "json://" not in repr(found)


@pytest.mark.parametrize(
    ("text", "pages", "said"),
    [
        (
            FILE,
            "nonsense://secret-token",
            "2: pages_file: address 1 in that file is none that Apprise knows; see its documentation",
        ),
        (FILE, "# nobody\n", "2: pages_file: the file that it names has no address in it"),
        (
            f'{FILE}silent_after = "1s"',
            "json://a/",
            '6: monitor 1: silent_after: write at least "5s"',
        ),
        (
            f'{FILE}[[monitor]]\ncongress = "congress"\nhost = "other"\n',
            "json://a/",
            "7: monitor 2: congress: stands above already: take one out",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, pages: str, said: str) -> None:
    """Place, what is wrong, what to write; an address is never repeated."""
    path = written(tmp_path, text, pages)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert [row.removeprefix(f"{path}:").strip() for row in raised.value.mistakes] == [said]
