"""The live stream: what is committed reaches every open page, rendered once for all viewers with the same rights.

It reads the journal behind the line and never holds it up: other work gets its turn between small steps, what is sent
is bounded whatever happens, and a viewer who does not keep up is let go and reads the page anew.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from monitor.core.alert import Alert
from monitor.core.transitions import AlertChanged
from monitor.web.causes import OpenCauses
from monitor.web.live_changes import LiveChanges
from monitor.web.live_events import RowEvents, Sending, counts_event, tick_event, tick_now
from monitor.web.live_parts import LiveParts, RenderPart
from monitor.web.live_queue import Due
from monitor.web.pace import Pace
from monitor.web.source import Source
from monitor.web.subscription import Subscription
from monitor.web.subscriptions import Subscriptions
from monitor.web.viewer import Viewer

READ_EVERY = 0.02
"""Seconds between two looks at the journal, however often it grows."""
READ = 20
"""Transitions that are read at once: a tenth of a millisecond."""
DELIVER = 2
"""Viewers who are sent something before other work gets its turn: writing to two takes a tenth of a millisecond."""
COUNT_EVERY = 1.0
TICK_EVERY = 2.0
"""Seconds; a page that misses ticks for 5 s shows that it is stale."""
MOST_MISSED = 300
"""Alerts that are sent to a page that comes back; with more, it is read anew."""
ATTENTIVE = 60.0
"""Seconds for which changes are kept for a page that was read and has not subscribed."""


class LiveStream:
    """Sends changes to all open pages.

    Args:
        source: the running monitor.
        renew: returns a viewer as they are now, by the token of their session; ``None``: it has ended.
        parts: render what pages follow besides the board, by name.

    """

    def __init__(
        self,
        source: Source,
        renew: Callable[[str, Viewer], Viewer | None],
        parts: Mapping[str, RenderPart] = MappingProxyType({}),
    ) -> None:
        self.name = "console"
        self.wake_up = asyncio.Event()
        """Set when the journal has grown."""
        self.trouble = ""
        """The defect by which it ended last; empty while it runs."""
        self.reached = False
        """Whether it runs again after a defect."""
        self._source = source
        self._subscriptions = Subscriptions(renew)
        self._rows, self._parts = RowEvents(source), LiveParts(source, parts)
        self.pace = Pace()
        self._attentive_until = self._counted_at = self._tick_at = 0.0
        self._is_counted = False
        self._changes = LiveChanges(source.journal.seq)
        self.causes = OpenCauses(source)

    def position(self, viewer: Viewer) -> str:
        """Return the place in the stream of a page that is rendered now."""
        now = asyncio.get_running_loop().time()
        if not self._is_attentive(now):
            self._forget()
            self.causes.begin()
        # What this page folds has to come, should its cause be gone before changes are sent next.
        self._rows.causes = self.causes.show()
        self._attentive_until = now + ATTENTIVE
        return f"{viewer.scope}.{self._source.journal.seq}"

    def subscribe(
        self, viewer: Viewer, token: str, last: str, follows: Sequence[str] = ()
    ) -> Subscription | None:
        """Return a stream of all that changes from a page's place on; ``None`` if there are too many streams.

        Args:
            viewer: who reads it.
            token: of their session; the stream ends when that does.
            last: the place in the stream of what the page shows.
            follows: the parts that it shows, such as ``readiness`` or ``readiness/hall``.

        """
        if not self._subscriptions.make_room(token):
            return None
        made = Subscription(viewer, token, self._parts.known(follows))
        missed = self._missed(viewer, last)
        if missed is None:
            made.close("resync", self.position(viewer))
            return made
        self._subscriptions.add(made)
        if asyncio.get_running_loop().time() >= self._counted_at + COUNT_EVERY:
            self._parts.count_now()
            self._note_counted()
        sending = self._sending(missed, is_tick=True)
        self._deliver(made, self._event(viewer, made.scope, sending))
        return made

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._subscriptions)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a stream whose browser is gone."""
        self._subscriptions.discard(subscription)

    def end_session(self, own: str) -> None:
        """End the streams of a session that is signed out."""
        self._subscriptions.end_session(own)

    async def run(self) -> None:
        """Send what is committed, until cancelled."""
        loop = asyncio.get_running_loop()
        self.reached, self.trouble = bool(self.trouble), ""
        if self.reached:
            self._subscriptions.close_all("resync")
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._due()):
                    await self.wake_up.wait()
            self.wake_up.clear()
            self.pace.begin()
            await self._read(loop.time())
            await self._send_due(loop.time())
            self.pace.end()
            await asyncio.sleep(READ_EVERY)

    def _due(self) -> float:
        """Return when something has to be sent, whether or not anything changes first."""
        due = min(self._tick_at, self._changes.due)
        return due if self._is_counted else min(due, self._counted_at + COUNT_EVERY)

    def _is_attentive(self, now: float) -> bool:
        return len(self._subscriptions) > 0 or now < self._attentive_until

    def _forget(self) -> None:
        """Begin anew at the end of the journal: no page needs what was before."""
        self._changes = LiveChanges(self._source.journal.seq)

    async def _read(self, now: float) -> None:
        """Note which alerts have changed."""
        if not self._is_attentive(now):
            self._forget()
            return
        changes, latest = self._changes, self._source.journal.seq
        # No further than that: in a flood the journal grows as fast as it is read, and nothing would ever be sent.
        while changes.seq < latest:
            written = self._source.journal.transitions(changes.seq, READ)
            if not written:
                break
            for each in written:
                if isinstance(each.transition, AlertChanged):
                    looks_different = changes.note(each.seq, each.transition, now)
                    self._is_counted = self._is_counted and not looks_different
            changes.seq = written[-1].seq
            await self.pace.step()

    def _missed(self, viewer: Viewer, last: str) -> Due | None:
        """Return what has changed since a place; ``None`` if the page has to be read anew."""
        scope, _, number = last.rpartition(".")
        is_known = scope == viewer.scope and number.isdecimal()
        if not is_known or int(number) > self._source.journal.seq:
            return None
        found = self._changes.since(int(number))
        if found is None or len(found[0]) > MOST_MISSED:
            return None
        opened, journal = self._source.state.alerts.open, self._source.journal
        rows = (opened.get(own) or journal.alert(own) for own in found[0])
        counts = [opened[own] for own in found[1] if own in opened]
        return Due([row for row in rows if row is not None], counts)

    async def _send_due(self, now: float) -> None:
        """Send what is due: rows, counters, and a tick."""
        due = self._changes.take(now)
        await self.pace.step()
        if is_tick := now >= self._tick_at:
            self._tick_at = now + TICK_EVERY
            await self._subscriptions.renew_all(self.pace)
        if is_tick or (not self._is_counted and now >= self._counted_at + COUNT_EVERY):
            self._note_counted()
            await self._parts.count(self.pace)
            await self._regroup(now)
        await self._render(due.rows)
        served, sending = 0, self._sending(due, is_tick=is_tick)
        await self.pace.step()
        for scope, members in self._subscriptions.groups().items():
            event = self._event(members[0].viewer, scope, sending)
            for each in members:
                self._deliver(each, event)
                served += 1
                if served % DELIVER == 0:
                    await self.pace.rest()
                await self.pace.step()

    async def _regroup(self, now: float) -> None:
        """Send alerts that have not changed themselves, but follow from another one now, or lead to others."""
        self._rows.causes, changed = await self.causes.changed(self.pace)
        opened = self._source.state.alerts.open
        if len(changed) > MOST_MISSED:
            self._subscriptions.close_all("resync")
            return
        for own in changed:
            if own in opened:
                self._changes.regroup(opened[own], now)

    async def _render(self, alerts: list[Alert]) -> None:
        """Render rows for everybody who may see them, so that only sending is left."""
        viewers = [members[0].viewer for members in self._subscriptions.groups().values()]
        for alert in alerts:
            for viewer in viewers:
                if viewer.sees(alert):
                    self._rows.row(viewer, alert, self._changes.seq)
            await self.pace.step()

    def _sending(self, due: Due, *, is_tick: bool) -> Sending:
        changes = self._changes
        tick, waiting = (tick_now(self._source), changes.waiting()) if is_tick else (None, {})
        return Sending(due, changes.seq, changes.sent, tick, waiting)

    def _event(self, viewer: Viewer, scope: str, sending: Sending) -> bytes:
        """Return what everybody with a scope is sent; the place comes last, with what makes it true."""
        place = f"{scope}.{sending.sent}"
        event = counts_event(viewer, sending.due.counts)
        event += self._rows.event(viewer, sending.due.rows, sending.seq, place)
        if sending.tick is not None:
            event += tick_event(viewer, sending.tick, sending.waiting, place, self._source.writer)
        return event

    def _note_counted(self) -> None:
        self._counted_at, self._is_counted = asyncio.get_running_loop().time(), True

    def _deliver(self, subscription: Subscription, event: bytes) -> None:
        """Send an event, and the parts of the page that are others than it has."""
        event = self._parts.added(event, subscription)
        if event:
            subscription.send(event)
        if subscription.is_closed:
            self._subscriptions.discard(subscription)
