"""Delivers the pages of the outbox: each by its person's channels in turn, all at the same time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

import structlog
from msgspec import Struct
from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.events.monitor import MonitorPageDelivered, MonitorPageUndelivered, Noticed
from monitor.core.transitions import PageOrdered
from monitor.errors import first
from monitor.journal import Outbox, OutboxPage
from monitor.journal.outbox import Closed, Opened, PageState, Settled
from monitor.roster import Channel as Row
from monitor.runtime.metrics import Metrics
from monitor.sinks.notify.channel import Outcome
from monitor.sinks.notify.channel_runner import Line
from monitor.sinks.notify.delivery_log import Clerk
from monitor.texts import Author

log = structlog.get_logger()

TRIES = 2
"""So often every channel is tried before it is said that a page reaches nobody."""
CHECK_EVERY = 60.0
"""Seconds between two looks at whether the channels can be reached."""


class Terms(Struct, frozen=True, kw_only=True):
    """How long somebody is waited for."""

    late_after: timedelta = timedelta(seconds=30)
    """A page that has reached nobody by then is said to be so, however many channels are left; judgement."""
    give_up_after: timedelta = timedelta(minutes=15)
    """After that nobody needs the page: the ladder has long climbed; judgement."""


class Delivery:
    """Brings pages to people, with a record of each attempt that survives everything.

    Args:
        outbox: the pages, on the disk.
        author: writes them.
        channels: tells everybody's channels, in the order in which they are tried.
        standing: tells how an alert stands now, if it is open.
        notice: takes in what becomes of pages and channels.
        now: tells the time for the record.
        metrics: counts.
        rng: for the waits.
        terms: how long somebody is waited for.

    """

    name = "paging"

    def __init__(  # noqa: PLR0913 - the parts of the line
        self,
        outbox: Outbox,
        author: Author,
        channels: Callable[[], Mapping[str, Sequence[Row]]],
        *,
        standing: Callable[[str], Alert | None],
        notice: Callable[[Noticed], None],
        now: Callable[[], datetime],
        metrics: Metrics,
        rng: Random,
        terms: Terms | None = None,
    ) -> None:
        self._outbox = outbox
        self._clerk = Clerk(outbox)
        self._author = author
        self._channels = channels
        self._standing = standing
        self._notice = notice
        self._now = now
        self._metrics = metrics
        self._rng = rng
        self._terms = terms or Terms()
        self._new: asyncio.Queue[PageOrdered] = asyncio.Queue()
        self._lines: dict[str, list[Line]] = {}
        self._unreached: set[str] = set()
        self.waiting = 0
        """Pages that have not been settled."""
        self.at_work = 0
        """Those of them that are being handed over, and don't wait for the next try."""
        self.trouble = ""
        """Why nothing is delivered at the moment."""
        self.reached = False
        """It has been at work since the start."""
        metrics.pages_waiting.set_function(lambda: self.waiting)
        metrics.channels_down.set_function(lambda: len(self.troubles()))

    def put(self, page: PageOrdered) -> None:
        """Deliver a page that is in the outbox now."""
        self._new.put_nowait(page)

    async def run(self) -> None:
        """Deliver what is in the outbox and what comes, until cancelled.

        Raises:
            JournalError: the record can't be kept; nothing is delivered without one.

        """
        self._new = asyncio.Queue()  # all that was put in so far is in the outbox
        self._unreached = set(self._outbox.unreached())
        unfinished = self._outbox.unfinished()
        self.waiting, self.at_work, self.trouble, self.reached = 0, 0, "", True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_after_channels())
                for row in unfinished:
                    group.create_task(self._deliver(row))
                while True:
                    page = await self._new.get()
                    group.create_task(self._deliver(OutboxPage(page=page, state="waiting")))
        except ExceptionGroup as failed:
            raise first(failed) from failed
        finally:
            for lines in self._lines.values():
                for line in lines:
                    await line.close()
            self._lines = {}

    def troubles(self) -> list[str]:
        """Tell which channels don't work, and why."""
        return [
            f"{line.person}'s channel {line.row.name}: {line.trouble}"
            for lines in self._lines.values()
            for line in lines
            if line.trouble
        ]

    async def _look_after_channels(self) -> None:
        """Look again and again whether everybody's channels can be reached."""
        while True:
            lines = [line for person in self._channels() for line in await self._lines_to(person)]
            async with asyncio.TaskGroup() as group:
                for line in lines:
                    group.create_task(line.check())
            await asyncio.sleep(CHECK_EVERY)

    async def _lines_to(self, person: str) -> list[Line]:
        """Return somebody's channels as the roster has them now."""
        rows = list(self._channels().get(person, ()))
        lines = self._lines.get(person, [])
        if [line.row for line in lines] != rows:
            self._lines[person] = [
                Line(person, row, self._notice, self._now, self._rng) for row in rows
            ]
            for line in lines:
                await line.close()
        return self._lines.get(person, [])

    async def _deliver(self, row: OutboxPage) -> None:
        """Bring one page to its person: by the first channel that takes it."""
        self.waiting += 1
        self.at_work += 1
        try:
            state = await self._until_settled(row)
        finally:
            self.waiting -= 1
            self.at_work -= 1
        self._metrics.pages.labels(state).inc()
        log.info("page_settled", page=row.page.id, person=row.page.person, state=state)

    async def _until_settled(self, row: OutboxPage) -> PageState:
        loop, page, state = asyncio.get_running_loop(), row.page, row.state
        began, n, repeat, reason = loop.time(), len(row.attempts), row.may_have_arrived, ""
        urgent = any(alert.severity == "life_safety" for alert in page.alerts)
        while True:
            lines = await self._lines_to(page.person)
            for line in lines:
                if line.wait(urgent=urgent):
                    continue
                async with line.turn:
                    if n and not self._is_needed(page):
                        return await self._settle(page, "needless")
                    if not line.reserve(urgent=urgent):
                        continue
                    n += 1
                    outcome = await self._attempt(page, n, line, repeat=repeat)
                if outcome.result == "delivered":
                    return "delivered"
                repeat |= outcome.result == "unknown"
                reason = f"{line.row.name}: {outcome.reason}"
            age = timedelta(seconds=loop.time() - began)
            is_late = not lines or n >= TRIES * len(lines) or age >= self._terms.late_after
            if state == "waiting" and is_late:
                self._say_late(page, reason or _why_none(lines))
                state = await self._settle(page, "late")
            if not lines or age >= self._terms.give_up_after:
                return await self._settle(page, "undelivered")
            limit = self._terms.late_after if state == "waiting" else self._terms.give_up_after
            rest = min(line.wait(urgent=urgent) for line in lines)
            self.at_work -= 1
            try:
                await asyncio.sleep(max(0.0, min(rest, (limit - age).total_seconds())))
            finally:
                self.at_work += 1

    def _is_needed(self, page: PageOrdered) -> bool:
        """Tell whether anybody still has to hear of it."""
        ids = (*(alert.id for alert in page.alerts), *page.more)
        standing = [self._standing(own) for own in ids]
        return page.kind == "cleared" or any(
            alert is not None and alert.handling is Handling.NEW for alert in standing
        )

    async def _attempt(self, page: PageOrdered, n: int, line: Line, *, repeat: bool) -> Outcome:
        """Hand a page to a channel once; the record is open meanwhile."""
        alerts = tuple(self._standing(alert.id) or alert for alert in page.alerts)
        text = self._author.write(replace(page, alerts=alerts), repeat=repeat)
        await self._clerk.write(
            Opened(page=page.id, n=n, channel=line.row.name, at=self._now(), is_repeat=repeat)
        )
        outcome = await line.send(text)
        now = self._now()
        closed = Closed(page=page.id, n=n, at=now, result=outcome.result, reason=outcome.reason)
        self._metrics.attempts.labels(outcome.result).inc()
        if outcome.result == "delivered":
            self._metrics.page_seconds.observe(max(0.0, (now - page.at).total_seconds()))
            self._say_reached(page)
            await self._clerk.write(closed, Settled(page=page.id, state="delivered"))
        else:
            await self._clerk.write(closed)
        return outcome

    async def _settle(self, page: PageOrdered, state: PageState) -> PageState:
        await self._clerk.write(Settled(page=page.id, state=state))
        return state

    # Said before it is written down: killed in between, it is said again.

    def _say_late(self, page: PageOrdered, reason: str) -> None:
        log.warning("page_late", page=page.id, person=page.person, reason=reason)
        self._unreached.add(page.person)
        ids = (*(alert.id for alert in page.alerts), *page.more)
        self._notice(
            MonitorPageUndelivered(
                at=self._now(), page=page.id, person=page.person, alerts=ids, reason=reason
            )
        )

    def _say_reached(self, page: PageOrdered) -> None:
        if page.person in self._unreached:
            self._unreached.discard(page.person)
            self._notice(MonitorPageDelivered(at=self._now(), page=page.id, person=page.person))


def _why_none(lines: Sequence[Line]) -> str:
    """Tell why none of somebody's channels was tried."""
    return "; ".join(line.why_not() for line in lines) or "no channel"
