"""The watcher: follows monitors, pages when one falls silent, and says when it is back."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import structlog

from monitor.deadman.notifier import Pager
from monitor.deadman.settings import WatchFile
from monitor.deadman.silence_detector import Memory, Page, Vigil
from monitor.deadman.subscriber import Follower
from monitor.runtime import systemd

log = structlog.get_logger()

LOOK = 0.5
"""Seconds between two looks."""
AGAIN = timedelta(seconds=15)
"""A page that nobody took is tried again after so long; judgement."""


class SteadyClock:
    """The machine's time as it was at the start, and the seconds since: a clock that is set makes nobody silent."""

    def __init__(self) -> None:
        self._wall, self._began = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """Return the time."""
        return self._wall + timedelta(seconds=time.monotonic() - self._began)


class Watcher:
    """Watches the monitors of a ``watch.toml``."""

    def __init__(self, file: WatchFile, now: Callable[[], datetime], rng: Random) -> None:
        self.file = file
        self.now = now
        self.pager = Pager(file.urls)
        memories = self._recall()
        self.vigils = {
            monitor.congress: Vigil(
                monitor.silent_after, file.repeat, now(), memories.get(monitor.congress)
            )
            for monitor in file.monitors
        }
        self.followers = [
            Follower(self.vigils[monitor.congress], monitor, file, now, rng)
            for monitor in file.monitors
        ]
        self._sending: set[str] = set()
        """The monitors of which people are being told right now."""
        self._try_at: dict[str, datetime] = {}

    async def run(self) -> None:
        """Watch, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for follower in self.followers:
                group.create_task(follower.run(), name=follower.congress)
            group.create_task(self._say_that_we_live())
            systemd.notify("READY=1")
            while True:
                for congress in self.vigils:
                    page = self._look(congress)
                    if page is not None:
                        self._sending.add(congress)
                        group.create_task(self._send(congress, page))
                await asyncio.sleep(LOOK)

    def _look(self, congress: str) -> Page | None:
        """Return what is to be sent now; a look never waits for a page that is on its way."""
        now = self.now()
        page = self.vigils[congress].judge(now)
        waits = congress in self._sending or self._try_at.get(congress, now) > now
        return None if waits else page

    async def _send(self, congress: str, page: Page) -> None:
        log.warning("page", congress=congress, kind=page.kind, reason=page.reason)
        began = self.now()
        if await self.pager.send(*_wording(congress, page, self.file.name)):
            self.vigils[congress].delivered(page, began)
            self._remember()
        else:
            self._try_at[congress] = self.now() + AGAIN
        self._sending.discard(congress)

    async def _say_that_we_live(self) -> None:
        """Tell systemd, as long as the loop turns on which the looks are."""
        every = systemd.watchdog()
        while every is not None:
            systemd.notify("WATCHDOG=1")
            await asyncio.sleep(every.total_seconds())

    def _recall(self) -> dict[str, Memory]:
        path = self.file.state
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, Memory])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("state_unreadable", path=str(path), reason=str(error))
            return {}

    def _remember(self) -> None:
        """Write down what people were told; a disk that is full is no reason to stop watching."""
        path = self.file.state
        told = {congress: vigil.memory for congress, vigil in self.vigils.items()}
        try:
            new = path.with_name(f"{path.name}.new")
            new.write_bytes(msgspec.json.encode(told))
            new.replace(path)
        except OSError as error:
            log.warning("state_unwritable", path=str(path), reason=str(error))


def _wording(congress: str, page: Page, watcher: str) -> tuple[str, str]:
    """Return title and text; the title alone says it all, for those who get an SMS."""
    since = f"{page.since:%H:%M:%S}Z"
    if page.kind == "back":
        text = (
            f"It was silent since {since}. Look at the board: what happened meanwhile comes in now."
        )
        return f"Venue monitor {congress} is BACK", f"{text}\nWatcher {watcher}"
    title = f"Venue monitor {congress} SILENT since {since}"
    if page.kind == "still silent":
        title = f"Venue monitor {congress} STILL SILENT since {since}"
    do = "Nobody is told of alerts now. Put people at the doors and exits, call IT."
    return title, f"{page.reason}\n{do}\nWatcher {watcher}"
