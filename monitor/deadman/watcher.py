"""The watcher: pages when a monitor falls silent, and again when it is back."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import structlog

from monitor.deadman.notifier import Notifier
from monitor.deadman.page import write_page
from monitor.deadman.settings import WatchFile
from monitor.deadman.silence_detector import DetectorState, SilenceDetector, SilenceNotification
from monitor.deadman.subscriber import Subscriber
from monitor.runtime import systemd
from monitor.texts import plain

log = structlog.get_logger()

CHECK_EVERY = 0.5
"""Seconds between two checks."""
RETRY_AFTER = timedelta(seconds=15)
"""The wait after a page that no address accepted; judgement."""


class SteadyClock:
    """The machine's time at the start plus the seconds since: setting the machine's clock makes no monitor silent."""

    def __init__(self) -> None:
        self._wall, self._began = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """Return the present time."""
        return self._wall + timedelta(seconds=time.monotonic() - self._began)


class Watcher:
    """Watches the monitors of a ``watch.toml``."""

    def __init__(self, file: WatchFile, now: Callable[[], datetime], rng: Random) -> None:
        self.file = file
        self.now = now
        self.notifier = Notifier(file.addresses)
        states = self._load_states()
        self.detectors = {
            monitor.congress: SilenceDetector(
                monitor.silent_after, file.repeat, now(), states.get(monitor.congress)
            )
            for monitor in file.monitors
        }
        self.subscribers = [
            Subscriber(self.detectors[monitor.congress], monitor, file, now, rng)
            for monitor in file.monitors
        ]
        self._sending: set[str] = set()
        """The monitors whose notification is being sent."""
        self._retry_at: dict[str, datetime] = {}

    async def run(self) -> None:
        """Watch, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for subscriber in self.subscribers:
                group.create_task(subscriber.run(), name=subscriber.congress)
            group.create_task(self._notify_watchdog())
            systemd.notify("READY=1")
            while True:
                for congress in self.detectors:
                    notification = self._check(congress)
                    if notification is not None:
                        self._sending.add(congress)
                        group.create_task(self._send(congress, notification))
                await asyncio.sleep(CHECK_EVERY)

    def _check(self, congress: str) -> SilenceNotification | None:
        """Return the notification to send now, unless one is being sent or has just failed."""
        now = self.now()
        notification = self.detectors[congress].check(now)
        must_wait = congress in self._sending or self._retry_at.get(congress, now) > now
        return None if must_wait else notification

    async def _send(self, congress: str, notification: SilenceNotification) -> None:
        log.warning(
            "page", congress=congress, kind=notification.kind, reason=plain(notification.reason)
        )
        began = self.now()
        if await self.notifier.send(
            lambda language: write_page(congress, notification, self.file.name, language)
        ):
            self.detectors[congress].delivered(notification, began)
            self._save_states()
        else:
            self._retry_at[congress] = self.now() + RETRY_AFTER
        self._sending.discard(congress)

    async def _notify_watchdog(self) -> None:
        """Notify the watchdog of systemd from the event loop that also runs the checks."""
        every = systemd.watchdog()
        while every is not None:
            systemd.notify("WATCHDOG=1")
            await asyncio.sleep(every.total_seconds())

    def _load_states(self) -> dict[str, DetectorState]:
        path = self.file.state
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, DetectorState])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("watcher_state_unreadable", path=str(path), reason=str(error))
            return {}

    def _save_states(self) -> None:
        """Save what has been reported; a full disk must not stop the watcher."""
        path = self.file.state
        states = {congress: each.state for congress, each in self.detectors.items()}
        try:
            new = path.with_name(f"{path.name}.new")
            new.write_bytes(msgspec.json.encode(states))
            new.replace(path)
        except OSError as error:
            log.warning("watcher_state_not_saved", path=str(path), reason=str(error))
