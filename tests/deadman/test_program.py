"""``venue-monitor watch`` as people run it, and the mistakes of a ``watch.toml``."""

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
from tests.support.http_stub import HttpStub, http_stub
from tests.support.mail_recorder import mail_recorder
from tests.support.servers import HOST, PATIENCE, Mosquitto, eventually, free_port

FILE = (
    'name = "desk"\npages_file = "pages"\n[[monitor]]\ncongress = "congress"\nhost = "127.0.0.1"\n'
)


@pytest.fixture
async def phone() -> AsyncIterator[HttpStub]:
    """The server that receives pages."""
    async with http_stub() as made:
        yield made


def written(folder: Path, text: str, pages: str) -> Path:
    """A ``watch.toml``, with the file of addresses beside it."""
    (folder / "pages").write_text(pages)
    path = folder / "watch.toml"
    path.write_text(text)
    return path


def start(path: Path, *more: str, notify: str = "") -> subprocess.Popen[bytes]:
    """Start the program."""
    return subprocess.Popen(
        [sys.executable, "-m", "monitor", "watch", "--file", str(path), *more],
        env=os.environ | ({"NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "200000"} if notify else {}),
    )


async def test_its_life_cycle(tmp_path: Path, mosquitto: Mosquitto, phone: HttpStub) -> None:
    """It notifies systemd, pages, pages nothing twice when restarted after a kill, and exits with 0 on SIGTERM."""
    text = f'{FILE}port = {mosquitto.port}\nsilent_after = "5s"\n'
    path = written(tmp_path, text, f"json://{HOST}:{phone.port}/\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.settimeout(0)
        received: list[bytes] = []

        def is_notified(what: bytes) -> bool:
            try:
                received.append(wire.recv(100))
            except BlockingIOError:
                return False
            return received[-1] == what

        process = start(path, notify=str(tmp_path / "notify"))
        try:
            await eventually(lambda: is_notified(b"READY=1"), PATIENCE)
            await eventually(lambda: is_notified(b"WATCHDOG=1"), PATIENCE)
            state = tmp_path / "watch.state.json"
            # The socket must be read on: systemd's unread messages would block the sender.
            await eventually(lambda: is_notified(b"never") or state.exists(), PATIENCE)
            process.kill()
            process.wait()
            process = start(path, notify=str(tmp_path / "notify"))
            await eventually(lambda: is_notified(b"READY=1"), PATIENCE)
            process.send_signal(signal.SIGTERM)
            await eventually(lambda: process.poll() is not None, PATIENCE)
            assert process.returncode == 0
        finally:
            process.kill()
            process.wait()
    (asked,) = phone.asked
    assert json.loads(asked.body)["title"].startswith("Venue monitor congress SILENT since")


async def test_a_test_page_by_mail(tmp_path: Path) -> None:
    """The page is marked as a test, goes through a real SMTP server, and needs no monitor and no broker."""
    with mail_recorder() as (box, port):
        url = f"mailto://{HOST}:{port}?from=watcher@example.org&to=duty@example.org\n"
        process = start(written(tmp_path, FILE, url), "--test")
        try:
            await eventually(lambda: process.poll() is not None, PATIENCE)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert box.subjects("duty@") == ["TEST of the venue watcher"]


async def test_an_undelivered_test_page(tmp_path: Path) -> None:
    """The exit code is 1, so that the installer notices."""
    process = start(written(tmp_path, FILE, f"json://{HOST}:{free_port()}/"), "--test")
    try:
        await eventually(lambda: process.poll() is not None, PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1


def test_what_a_file_means(tmp_path: Path) -> None:
    """Paths are relative to its folder; comments in the file of addresses are ignored."""
    found = load(written(tmp_path, FILE, "# duty officer\njson://a/\n\njson://b/\n"))
    assert [row.url for row in found.addresses] == ["json://a/", "json://b/"]
    assert found.state == tmp_path / "watch.state.json"
    (monitor,) = found.monitors
    assert (monitor.address.host, monitor.address.port) == (HOST, 1883)
    assert monitor.silent_after >= timedelta(seconds=40)
    assert "json://" not in repr(found)


@pytest.mark.parametrize(
    ("text", "pages", "expected"),
    [
        (
            FILE,
            "nonsense://secret-token",
            "2: pages_file: address 1 in that file is not an Apprise URL; see Apprise's documentation",
        ),
        (
            FILE,
            "# nobody\n",
            "2: pages_file: that file contains no address; write one Apprise URL per line",
        ),
        (
            f'{FILE}silent_after = "1s"',
            "json://a/",
            '6: monitor 1: silent_after: write at least "5s"',
        ),
        (
            f'{FILE}[[monitor]]\ncongress = "congress"\nhost = "other"\n',
            "json://a/",
            "7: monitor 2: congress: is listed twice; remove one",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, pages: str, expected: str) -> None:
    """A message gives the place, the mistake and what to write instead; it never repeats an address."""
    path = written(tmp_path, text, pages)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert [row.removeprefix(f"{path}:").strip() for row in raised.value.mistakes] == [expected]
