"""A watcher beside a real broker and a real monitor: people are paged when either falls silent, and when it is back."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from monitor.config.secret import Secret
from monitor.deadman.settings import Watched, WatchFile
from monitor.deadman.watcher import SteadyClock, Watcher
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import HOST, PATIENCE, Mosquitto, eventually

LIMIT = timedelta(seconds=3)
SILENT, BACK = "Venue monitor congress SILENT since", "Venue monitor congress is BACK"


class WatcherClock:
    """The watcher's time, which passes only while a test waits for silence.

    On a busy machine, a heartbeat may be late by seconds: that would be a true silence, but not the one tested.
    """

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the present time."""
        return self.time

    async def passes(self, holds: Callable[[], bool]) -> None:
        """Let time pass, at most ten times as fast as it does, until a condition holds."""

        def held() -> bool:
            self.time += timedelta(seconds=0.1)
            return holds()

        await eventually(held, PATIENCE)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> WatcherClock:
    """The clock of a watcher that checks as often as its time passes."""
    monkeypatch.setattr("monitor.deadman.watcher.CHECK_EVERY", 0.05)
    return WatcherClock()


@pytest.fixture
async def phone() -> AsyncIterator[HttpStub]:
    """The server that receives pages, by Apprise's ``json://``."""
    async with http_stub() as made:
        yield made


@pytest.fixture
def monitor(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[MonitorProcess]:
    """A monitor with a heartbeat each second, not yet started."""
    made = MonitorProcess(
        tmp_path, mosquitto.address, '[heartbeat]\nevery = "1s"', rules=("monitor.toml",)
    )
    yield made
    made.kill()


def titles(phone: HttpStub) -> list[str]:
    """The titles of the pages, without the time."""
    found = [json.loads(asked.body)["title"] for asked in phone.asked]
    return [SILENT if title.startswith(SILENT) else title for title in found]


def text(phone: HttpStub) -> str:
    """The text of the latest page."""
    found: str = json.loads(phone.asked[-1].body)["message"]
    return found


@asynccontextmanager
async def watching(
    folder: Path, broker: Mosquitto, phone: HttpStub, now: Callable[[], datetime], *more: str
) -> AsyncIterator[Watcher]:
    """A watcher; at the end it is stopped as by a crash."""
    file = WatchFile(
        name="desk",
        pages=Secret(f"# the duty officer\njson://{HOST}:{phone.port}/\n"),
        beat=timedelta(seconds=1),
        state=folder / "watch.state.json",
        monitors=tuple(
            Watched(congress=name, host=HOST, port=broker.port, silent_after=LIMIT)
            for name in ("congress", *more)
        ),
    )
    watcher = Watcher(file, now, Random(1))
    task = asyncio.create_task(watcher.run())
    try:
        yield watcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def first_heartbeat(watcher: Watcher) -> None:
    """Wait for the monitor's first heartbeat."""
    await eventually(lambda: watcher.detectors["congress"].received_at is not None, PATIENCE)


async def test_killed_and_frozen(
    tmp_path: Path,
    mosquitto: Mosquitto,
    monitor: MonitorProcess,
    phone: HttpStub,
    clock: WatcherClock,
) -> None:
    """SIGKILL, a start, SIGSTOP (frozen but still connected) and SIGCONT give four pages, each with what is known."""
    async with watching(tmp_path, mosquitto, phone, clock.now) as watcher:
        with monitor:
            await first_heartbeat(watcher)
            monitor.kill()
            await eventually(lambda: watcher.detectors["congress"].status == "offline", PATIENCE)
            await clock.passes(lambda: titles(phone) == [SILENT])
            assert "The monitor is offline." in text(phone)
        with monitor:
            await eventually(lambda: titles(phone) == [SILENT, BACK], PATIENCE)
            assert monitor.process is not None
            os.kill(monitor.process.pid, signal.SIGSTOP)
            try:
                await clock.passes(lambda: titles(phone) == [SILENT, BACK, SILENT])
                assert "it hangs" in text(phone) or "offline" in text(phone)
            finally:
                os.kill(monitor.process.pid, signal.SIGCONT)
            await eventually(lambda: titles(phone)[-1] == BACK, PATIENCE)


async def test_the_broker_dies(
    tmp_path: Path,
    mosquitto: Mosquitto,
    monitor: MonitorProcess,
    phone: HttpStub,
    clock: WatcherClock,
) -> None:
    """Without a broker nothing can be received: a page says so and names the broker, and the silence ends by itself."""
    async with watching(tmp_path, mosquitto, phone, clock.now) as watcher:
        with monitor:
            await first_heartbeat(watcher)
            mosquitto.kill()
            await eventually(lambda: bool(watcher.detectors["congress"].link_trouble), PATIENCE)
            await clock.passes(lambda: titles(phone) == [SILENT])
            assert "The broker can't be reached" in text(phone)
            mosquitto.start()
            await eventually(lambda: titles(phone) == [SILENT, BACK], PATIENCE)


async def test_a_retained_heartbeat_is_no_sign_of_life(
    tmp_path: Path,
    mosquitto: Mosquitto,
    monitor: MonitorProcess,
    phone: HttpStub,
    clock: WatcherClock,
) -> None:
    """The last heartbeat of a dead monitor is retained: a watcher that starts later must not trust it."""
    with monitor:
        monitor.until(lambda: monitor.health()["ok"])
        monitor.kill()
    async with watching(tmp_path, mosquitto, phone, clock.now):
        await clock.passes(lambda: titles(phone) == [SILENT])
    async with watching(tmp_path, mosquitto, phone, clock.now) as watcher:
        await eventually(lambda: not watcher.detectors["congress"].link_trouble)
        await eventually(lambda: watcher.detectors["congress"].status == "offline", PATIENCE)
    assert titles(phone) == [SILENT]


async def test_two_monitors_on_one_broker(
    tmp_path: Path, mosquitto: Mosquitto, phone: HttpStub, clock: WatcherClock
) -> None:
    """Neither connection displaces the other, and a page being delivered does not delay another monitor's page."""
    phone.answers.append(StubResponse(hangs=True))
    async with watching(tmp_path, mosquitto, phone, clock.now, "expo") as watcher:
        await clock.passes(lambda: len(phone.asked) == 2)
        await eventually((tmp_path / "watch.state.json").exists)
        found = [each.state.silent_since is not None for each in watcher.detectors.values()]
        assert sorted(found) == [False, True]
        for asked in phone.asked:
            assert json.loads(asked.body)["message"].startswith("The broker answers")


async def test_a_page_that_fails_is_sent_again(
    tmp_path: Path,
    mosquitto: Mosquitto,
    phone: HttpStub,
    clock: WatcherClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the channel fails for a moment, the page still arrives."""
    monkeypatch.setattr("monitor.deadman.watcher.RETRY_AFTER", timedelta(seconds=0.5))
    phone.answers += [StubResponse(500), StubResponse(503)]
    async with watching(tmp_path, mosquitto, phone, clock.now):
        await clock.passes(lambda: len(phone.asked) == 3)
        state = tmp_path / "watch.state.json"
        await eventually(state.exists)
    assert titles(phone) == [SILENT] * 3


async def test_the_monitor_knows_its_watcher(
    tmp_path: Path, mosquitto: Mosquitto, monitor: MonitorProcess, phone: HttpStub
) -> None:
    """The watcher's heartbeat is an event like any other, and a rule can detect its absence."""
    with monitor:
        async with watching(tmp_path, mosquitto, phone, SteadyClock().now) as watcher:
            await first_heartbeat(watcher)
            taken_in = 'venue_messages_total{kind="event"}'
            await eventually(lambda: monitor.figure(taken_in) >= 2, PATIENCE)
        assert monitor.figure('venue_messages_total{kind="rejected"}') == 0
