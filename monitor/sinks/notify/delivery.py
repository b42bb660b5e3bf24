"""Delivers the pages of the outbox, all at the same time: each through its person's channels in turn."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

import structlog
from msgspec import Struct
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events.monitor import Noticed
from monitor.core.events.monitor_delivery import MonitorPageDelivered, MonitorPageUndelivered
from monitor.core.phrase import Phrase, joined, phrase
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.core.transitions import PageOrdered
from monitor.errors import first
from monitor.journal import Outbox, OutboxPage
from monitor.journal.outbox import AttemptClosed, AttemptOpened, PageSettled, PageState
from monitor.roster import ChannelAddress
from monitor.runtime.metrics import Metrics
from monitor.sinks.notify.channel import Outcome
from monitor.sinks.notify.channel_pool import ChannelPool
from monitor.sinks.notify.channel_runner import ChannelRunner
from monitor.sinks.notify.channel_test import TriedChannel, try_channels
from monitor.sinks.notify.delivery_log import DeliveryLog, DeliveryRow
from monitor.texts import PageWriter, plain

log = structlog.get_logger()

TRIES = 2
"""How often every channel is tried before a page is reported as late."""


class DeliveryLimits(Struct, frozen=True, kw_only=True):
    """How long a page is tried."""

    late_after: timedelta = timedelta(seconds=30)
    """An undelivered page is reported as late after this time, however many channels are left; judgement."""
    give_up_after: timedelta = timedelta(minutes=15)
    """After this time the page is given up: its alert has been escalated long before; judgement."""


class Delivery:
    """Delivers pages to people, with a durable record of each attempt.

    Args:
        outbox: the pages, on disk.
        writer: writes their texts.
        channels: returns the channels of each person in the order in which they are tried.
        open_alert: returns the present state of an alert, if it is open.
        notice: called with what happens to pages and channels.
        now: the monitor's clock.
        metrics: the counters.
        rng: draws the pauses.
        limits: how long a page is tried.
        on_written: is given what is recorded about deliveries, once it is durable.

    """

    name = "paging"

    def __init__(  # noqa: PLR0913 - its source, its target and its clock
        self,
        outbox: Outbox,
        writer: PageWriter,
        channels: Callable[[], Mapping[str, Sequence[ChannelAddress]]],
        *,
        open_alert: Callable[[str], Alert | None],
        notice: Callable[[Noticed], None],
        now: Callable[[], datetime],
        metrics: Metrics,
        rng: Random,
        limits: DeliveryLimits | None = None,
        on_written: Callable[[Sequence[DeliveryRow]], None] = lambda _: None,
    ) -> None:
        self._outbox = outbox
        self._log = DeliveryLog(outbox, on_written)
        self._writer = writer
        self._channels = ChannelPool(channels, notice, now, rng)
        self._open_alert = open_alert
        self._notice = notice
        self._now = now
        self._metrics = metrics
        self._limits = limits or DeliveryLimits()
        self._new: asyncio.Queue[OutboxPage] = asyncio.Queue()
        self._unreached: set[str] = set()
        self.waiting = 0
        """The number of pages that are not settled."""
        self.at_work = 0
        """The number of those that are being sent, and do not wait for the next attempt."""
        self.trouble: Phrase | str = ""
        """Why nothing is delivered at present."""
        self.reached = False
        """It has been running since the start."""
        metrics.paging.pages_waiting.set_function(lambda: self.waiting)
        metrics.paging.channels_down.set_function(lambda: len(self.troubles()))

    def put(self, row: OutboxPage) -> None:
        """Deliver a page that has been added to the outbox."""
        self._new.put_nowait(row)

    async def run(self) -> None:
        """Deliver the pages in the outbox and those that are added, until cancelled.

        Raises:
            JournalError: the record cannot be kept; nothing is delivered without one.

        """
        self._new = asyncio.Queue()  # the pages put in so far are in the outbox
        self._unreached = set(self._outbox.unreached())
        unfinished = self._outbox.unfinished()
        self.waiting, self.at_work, self.trouble, self.reached = 0, 0, "", True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._channels.check())
                for row in unfinished:
                    group.create_task(self._deliver(row))
                while True:
                    group.create_task(self._deliver(await self._new.get()))
        except ExceptionGroup as failed:
            raise first(failed) from failed
        finally:
            await self._channels.close()

    async def test(self, person: str) -> list[TriedChannel]:
        """Send a test page through each of a person's channels; return what came of it."""
        return await try_channels(await self._channels.of(person), self._writer, person)

    def troubles(self) -> list[Phrase]:
        """Return which channels do not work, and why."""
        return self._channels.troubles()

    async def _deliver(self, row: OutboxPage) -> None:
        """Deliver a page to its person through the first channel that accepts it."""
        self.waiting += 1
        self.at_work += 1
        try:
            state = await self._until_settled(row)
        finally:
            self.waiting -= 1
            self.at_work -= 1
        self._metrics.paging.pages.labels(state).inc()
        log.info("page_settled", page=row.page.id, person=row.page.person, state=state)

    async def _until_settled(self, row: OutboxPage) -> PageState:
        loop, page, state = asyncio.get_running_loop(), row.page, row.state
        began, n, repeat = loop.time(), len(row.attempts), row.may_have_arrived
        reason: Phrase | None = None
        severity = _severity(page)
        while True:
            runners = await self._channels.of(page.person)
            for runner in runners:
                if runner.wait(severity):
                    continue
                async with runner.slots[severity]:
                    if n and not self._is_needed(page):
                        return await self._settle(page, "needless")
                    if not runner.reserve(severity):
                        continue
                    n += 1
                    outcome = await self._attempt(page, n, runner, repeat=repeat)
                if outcome.result == "delivered":
                    return "delivered"
                repeat |= outcome.result == "unknown"
                reason = phrase("channel-reason", channel=runner.channel.name, error=outcome.reason)
            age = timedelta(seconds=loop.time() - began)
            tried = n >= TRIES * len(runners)
            if state == "waiting" and (tried or age >= self._limits.late_after):
                self._report_late(page, reason or _why_none(runners, severity))
                state = await self._settle(page, "late")
            if not runners or age >= self._limits.give_up_after:
                return await self._settle(page, "undelivered")
            limits = self._limits
            limit = limits.late_after if state == "waiting" else limits.give_up_after
            pause = min(runner.wait(severity) for runner in runners)
            self.at_work -= 1
            try:
                await asyncio.sleep(max(0.0, min(pause, (limit - age).total_seconds())))
            finally:
                self.at_work += 1

    def _is_needed(self, page: PageOrdered) -> bool:
        """Return whether the page still has to be delivered: one of its alerts is not acknowledged.

        A page that a person called for is needed until its recipient has the alert; a new owner must hear of it.
        """
        if page.by_hand:
            alert = self._open_alert(page.alerts[0].id)
            is_owner = alert is not None and alert.owner == page.person
            return alert is not None and is_owner == (page.kind == "handed_over")
        ids = (*(alert.id for alert in page.alerts), *page.more)
        alerts = [self._open_alert(alert_id) for alert_id in ids]
        return page.kind in ("cleared", "daily") or any(
            alert is not None and alert.needs_owner for alert in alerts
        )

    async def _attempt(
        self, page: PageOrdered, n: int, runner: ChannelRunner, *, repeat: bool
    ) -> Outcome:
        """Send a page through a channel once, and record the attempt before and after."""
        alerts = tuple(self._open_alert(alert.id) or alert for alert in page.alerts)
        text = self._writer.write(replace(page, alerts=alerts), repeat=repeat)
        channel = runner.channel.name
        await self._log.write(
            AttemptOpened(page=page.id, n=n, channel=channel, at=self._now(), is_repeat=repeat)
        )
        outcome = await runner.send(text)
        now = self._now()
        closed = AttemptClosed(
            page=page.id, n=n, at=now, result=outcome.result, reason=outcome.reason
        )
        self._metrics.paging.attempts.labels(outcome.result).inc()
        if outcome.result == "delivered":
            self._metrics.paging.page_seconds.observe(max(0.0, (now - page.at).total_seconds()))
            self._report_delivered(page)
            await self._log.write(closed, PageSettled(page=page.id, state="delivered"))
        else:
            await self._log.write(closed)
        return outcome

    async def _settle(self, page: PageOrdered, state: PageState) -> PageState:
        await self._log.write(PageSettled(page=page.id, state=state))
        return state

    # Reported before it is recorded: if the monitor is killed in between, it is reported again.

    def _report_late(self, page: PageOrdered, why: Phrase | str) -> None:
        reason = plain(why)
        log.warning("page_late", page=page.id, person=page.person, reason=reason)
        self._unreached.add(page.person)
        ids = (*(alert.id for alert in page.alerts), *page.more)
        self._notice(
            MonitorPageUndelivered(
                at=self._now(),
                page=page.id,
                person=page.person,
                alerts=ids,
                reason=reason,
                phrase=why if isinstance(why, Phrase) else None,
            )
        )

    def _report_delivered(self, page: PageOrdered) -> None:
        if page.person in self._unreached:
            self._unreached.discard(page.person)
            self._notice(MonitorPageDelivered(at=self._now(), page=page.id, person=page.person))


def _severity(page: PageOrdered) -> Severity:
    """Return the severity that decides which pages go first: a daily digest never delays another page."""
    if page.kind == "daily":
        return "low"
    return min((alert.severity for alert in page.alerts), key=SEVERITIES.index)


def _why_none(runners: Sequence[ChannelRunner], severity: Severity) -> Phrase | str:
    """Return why none of a person's channels was tried."""
    return joined(*(runner.why_not(severity) for runner in runners)) or phrase("channel-none")
