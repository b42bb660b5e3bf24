"""A watcher beside a real broker and a real monitor: whatever falls silent, people are told, and when it is back."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from monitor.config.secret import Secret
from monitor.deadman.settings import Watched, WatchFile
from monitor.deadman.watcher import SteadyClock, Watcher
from tests.support.http_stub import Answer, Loopback, loopback
from tests.support.monitor_process import PATIENCE, Program
from tests.support.servers import HOST, Mosquitto, eventually

LIMIT = timedelta(seconds=3)
SILENT, BACK = "Venue monitor congress SILENT since", "Venue monitor congress is BACK"


@pytest.fixture
async def phone() -> AsyncIterator[Loopback]:
    """Where pages arrive, by Apprise's ``json://``."""
    async with loopback() as made:
        yield made


@pytest.fixture
def monitor(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Program]:
    """A monitor that beats every second, not yet started."""
    made = Program(tmp_path, mosquitto.address, '[heartbeat]\nevery = "1s"')
    yield made
    made.kill()


def titles(phone: Loopback) -> list[str]:
    """What people were told, without the time."""
    told = [json.loads(asked.body)["title"] for asked in phone.asked]
    return [SILENT if title.startswith(SILENT) else title for title in told]


def text(phone: Loopback) -> str:
    """The text of the latest page."""
    told: str = json.loads(phone.asked[-1].body)["message"]
    return told


@asynccontextmanager
async def watching(
    folder: Path, broker: Mosquitto, phone: Loopback, *more: str
) -> AsyncIterator[Watcher]:
    """A watcher; at the end it dies without a word."""
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
    watcher = Watcher(file, SteadyClock().now, Random(1))
    task = asyncio.create_task(watcher.run())
    try:
        yield watcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def heard(watcher: Watcher) -> None:
    """The monitor's heartbeat comes in."""
    await eventually(lambda: watcher.vigils["congress"].heard_at is not None, PATIENCE)


async def test_killed_and_frozen(
    tmp_path: Path, mosquitto: Mosquitto, monitor: Program, phone: Loopback
) -> None:
    """SIGKILL, a start, SIGSTOP (frozen, and still connected), SIGCONT: four pages, each with what is known."""
    async with watching(tmp_path, mosquitto, phone) as watcher:
        with monitor:
            await heard(watcher)
            monitor.kill()
            await eventually(lambda: titles(phone) == [SILENT], PATIENCE)
            assert "The monitor is offline." in text(phone)
        with monitor:
            await eventually(lambda: titles(phone) == [SILENT, BACK], PATIENCE)
            assert monitor.process is not None
            os.kill(monitor.process.pid, signal.SIGSTOP)
            try:
                await eventually(lambda: titles(phone) == [SILENT, BACK, SILENT], PATIENCE)
                assert "it hangs" in text(phone) or "offline" in text(phone)
            finally:
                os.kill(monitor.process.pid, signal.SIGCONT)
            await eventually(lambda: titles(phone)[-1] == BACK, PATIENCE)


async def test_the_broker_dies(
    tmp_path: Path, mosquitto: Mosquitto, monitor: Program, phone: Loopback
) -> None:
    """Without a broker nobody can be heard: that is a page too, which names it; and it ends by itself."""
    async with watching(tmp_path, mosquitto, phone) as watcher:
        with monitor:
            await heard(watcher)
            mosquitto.kill()
            await eventually(lambda: titles(phone) == [SILENT], PATIENCE)
            assert "The broker can't be reached" in text(phone)
            mosquitto.start()
            await eventually(lambda: titles(phone) == [SILENT, BACK], PATIENCE)


async def test_what_the_broker_had_kept_is_no_sign_of_life(
    tmp_path: Path, mosquitto: Mosquitto, monitor: Program, phone: Loopback
) -> None:
    """The last heartbeat of a dead monitor is retained: a watcher that starts later is not taken in by it."""
    with monitor:
        monitor.until(lambda: monitor.health()["ok"])
        monitor.kill()
    async with watching(tmp_path, mosquitto, phone):
        await eventually(lambda: titles(phone) == [SILENT], PATIENCE)
    async with watching(tmp_path, mosquitto, phone) as watcher:
        await eventually(lambda: not watcher.vigils["congress"].link_trouble)
        await eventually(lambda: watcher.vigils["congress"].standing == "offline", PATIENCE)
    assert titles(phone) == [SILENT]


async def test_two_monitors_on_one_broker(
    tmp_path: Path, mosquitto: Mosquitto, phone: Loopback
) -> None:
    """Neither connection throws the other one out, and a page that is on its way holds up none of another monitor."""
    phone.answers.append(Answer(hangs=True))
    async with watching(tmp_path, mosquitto, phone, "expo") as watcher:
        await eventually(lambda: len(phone.asked) == 2, PATIENCE)
        await eventually((tmp_path / "watch.state.json").exists)
        told = [vigil.memory.silent_since is not None for vigil in watcher.vigils.values()]
        assert sorted(told) == [False, True]
        for asked in phone.asked:
            assert json.loads(asked.body)["message"].startswith("The broker answers")


async def test_a_page_that_fails_is_sent_again(
    tmp_path: Path, mosquitto: Mosquitto, phone: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way to the people is broken for a moment: they are told all the same."""
    monkeypatch.setattr("monitor.deadman.watcher.AGAIN", timedelta(seconds=0.5))
    phone.answers += [Answer(500), Answer(503)]
    async with watching(tmp_path, mosquitto, phone):
        await eventually(lambda: len(phone.asked) == 3, PATIENCE)
        state = tmp_path / "watch.state.json"
        await eventually(state.exists)
    assert titles(phone) == [SILENT] * 3


async def test_the_monitor_knows_its_watcher(
    tmp_path: Path, mosquitto: Mosquitto, monitor: Program, phone: Loopback
) -> None:
    """The watcher's heartbeat is an event like any other, for a rule to miss."""
    with monitor:
        async with watching(tmp_path, mosquitto, phone) as watcher:
            await heard(watcher)
            taken_in = 'venue_messages_total{kind="event"}'
            await eventually(lambda: monitor.figure(taken_in) >= 2, PATIENCE)
        assert monitor.figure('venue_messages_total{kind="rejected"}') == 0
