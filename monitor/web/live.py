"""The live stream: what is committed reaches every open page, rendered once for all viewers with the same rights.

It reads the journal behind the line and never holds it up: changes are collected for a moment, rendering lets other
work pass, and a viewer who does not keep up is let go and reads the page anew.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

from monitor.core.transitions import AlertChanged
from monitor.web.counts import counters, kinds, mine, owned
from monitor.web.live_events import rows_event, tick_event
from monitor.web.source import Source
from monitor.web.subscription import Farewell, Subscription, server_sent_event
from monitor.web.viewer import Viewer

COLLECT = 0.25
"""Seconds for which changes are collected before they are sent."""
AT_ONCE = 0.05
"""The same if one of them is grave."""
GRAVE = frozenset({"life_safety", "critical"})
SHARE = 3.0
"""After sending, a pause of so many times as long as it took: a quarter of the processor at most."""
SLICE = 20
"""Rows rendered before other work gets its turn: about 5 ms."""
COUNT_EVERY = 1.0
TICK_EVERY = 2.0
"""Seconds; a page that misses ticks for 5 s shows that it is stale."""
MOST_KEPT = 5_000
"""Changes that are kept for pages that come back; before them, a page is read anew."""
MOST_MISSED = 300
"""Alerts that are sent to a page that comes back; with more, it is read anew."""
ATTENTIVE = 60.0
"""Seconds for which changes are kept for a page that was read and has not subscribed."""
MOST_STREAMS = 200
"""Streams at a time, so that among the server's connections there is room for requests."""


RenderPart = Callable[[Viewer, str], str]
"""Returns the part of a page that changes with the monitor, as HTML, for a viewer and a site; empty: every site."""


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
        self._renew = renew
        self._parts = parts
        self._subscriptions: dict[Subscription, None] = {}
        """In the order in which they were opened."""
        self._seq = self._first = source.journal.seq
        self._recent: deque[tuple[int, str]] = deque(maxlen=MOST_KEPT)
        self._changed: dict[str, None] = {}
        self._attentive_until = 0.0
        self._send_at = self._count_at = self._tick_at = 0.0
        self._idle_until = 0.0

    def position(self, viewer: Viewer) -> str:
        """Return the place in the stream of a page that is rendered now."""
        now = asyncio.get_running_loop().time()
        if not self._is_attentive(now):
            self._forget()
        self._attentive_until = now + ATTENTIVE
        return f"{viewer.scope}.{self._source.journal.seq}"

    def subscribe(
        self, viewer: Viewer, token: str, last: str, follows: str = ""
    ) -> Subscription | None:
        """Return a stream of all that changes from a page's place on; ``None`` if there are too many streams.

        Args:
            viewer: who reads it.
            token: of their session; the stream ends when that does.
            last: the place in the stream of what the page shows.
            follows: the part that it shows, such as ``readiness`` or ``readiness/hall``; empty: none.

        """
        own = [each for each in self._subscriptions if each.token == token]
        if len(own) >= Subscription.MOST_OF_ONE_SESSION:
            self._close(own[0], "replaced")
        if len(self._subscriptions) >= MOST_STREAMS:
            return None
        made = Subscription(viewer, token, follows)
        missed = self._missed(viewer, last)
        if missed is None:
            made.close("resync", self.position(viewer))
            return made
        self._subscriptions[made] = None
        if missed:
            made.send(rows_event(self._source, viewer, missed, self._seq))
        self._send_parts([made])
        made.send(tick_event(self._source, viewer, self._seq))
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a stream whose browser is gone."""
        self._subscriptions.pop(subscription, None)

    def end_session(self, own: str) -> None:
        """End the streams of a session that is signed out."""
        for each in list(self._subscriptions):
            if each.viewer.session is not None and each.viewer.session.id == own:
                self._close(each, "signed-out")

    async def run(self) -> None:
        """Send what is committed, until cancelled."""
        loop = asyncio.get_running_loop()
        self.reached, self.trouble = bool(self.trouble), ""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._due()):
                    await self.wake_up.wait()
            self.wake_up.clear()
            await self._read(loop.time())
            if self._changed and loop.time() >= self._send_at:
                await self._send(loop)
            if loop.time() >= self._tick_at:
                self._tick_at = loop.time() + TICK_EVERY
                await self._send_ticks()

    def _due(self) -> float:
        """Return when something has to be sent, whether or not anything changes first."""
        return min(self._send_at, self._tick_at) if self._changed else self._tick_at

    def _is_attentive(self, now: float) -> bool:
        return bool(self._subscriptions) or now < self._attentive_until

    def _forget(self) -> None:
        """Begin anew at the end of the journal: no page needs what was before."""
        self._seq = self._first = self._source.journal.seq
        self._recent.clear()
        self._changed.clear()

    async def _read(self, now: float) -> None:
        """Note which alerts have changed."""
        if not self._is_attentive(now):
            self._forget()
            return
        while written := self._source.journal.transitions(self._seq):
            for each in written:
                if isinstance(each.transition, AlertChanged):
                    self._note(each.seq, each.transition, now)
            self._seq = written[-1].seq
            await asyncio.sleep(0)

    def _note(self, seq: int, change: AlertChanged, now: float) -> None:
        wait = AT_ONCE if change.alert.severity in GRAVE else COLLECT
        due = max(now + wait, self._idle_until)
        self._send_at = min(self._send_at, due) if self._changed else due
        self._changed[change.alert.id] = None
        if len(self._recent) == MOST_KEPT:
            self._first = self._recent[0][0]
        self._recent.append((seq, change.alert.id))

    def _missed(self, viewer: Viewer, last: str) -> list[str] | None:
        """Return the alerts that have changed since a place; ``None`` if the page has to be read anew."""
        scope, _, number = last.rpartition(".")
        if scope != viewer.scope or not number.isdecimal():
            return None
        if not self._first <= int(number) <= self._source.journal.seq:
            return None
        missed = dict.fromkeys(own for seq, own in self._recent if seq > int(number))
        return list(missed) if len(missed) <= MOST_MISSED else None

    async def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send the changed alerts, as they are now, and the counters."""
        began, seq = loop.time(), self._seq
        changed = list(self._changed)
        self._changed.clear()
        for viewer, members in self._groups():
            for start in range(0, len(changed), SLICE):
                rows = rows_event(self._source, viewer, changed[start : start + SLICE], seq)
                self._deliver(members, rows)
                await asyncio.sleep(0)
        if loop.time() >= self._count_at:
            self._count_at = loop.time() + COUNT_EVERY
            self._send_parts(list(self._subscriptions))
        self._idle_until = loop.time() + SHARE * (loop.time() - began)

    async def _send_ticks(self) -> None:
        """Tell every page that it is not stale; end the streams of those who may not read on."""
        for each in list(self._subscriptions):
            viewer = self._renew(each.token, each.viewer)
            if viewer is None:
                self._close(each, "signed-out")
            elif viewer.scope != each.scope:
                self._close(each, "rights")
        self._send_parts(list(self._subscriptions))
        for viewer, members in self._groups():
            self._deliver(members, tick_event(self._source, viewer, self._seq))
            await asyncio.sleep(0)

    def _send_parts(self, subscriptions: list[Subscription]) -> None:
        """Send the counters, and what a page follows, to those who have others."""
        alerts = self._source.state.alerts.open
        found, by_owner = kinds(alerts.values()), owned(alerts.values())
        counted: dict[tuple[str, int], str] = {}
        followed: dict[tuple[str, str], dict[str, str]] = {}
        for each in subscriptions:
            same = each.scope, mine(each.viewer, by_owner)
            if same not in counted:
                counted[same] = counters(each.viewer, found, self._source, own=same[1])
            part = followed.get((each.scope, each.follows))
            if part is None:
                part = followed[each.scope, each.follows] = {}
                name, _, site = each.follows.partition("/")
                if (render := self._parts.get(name)) is not None:
                    part["followed"] = render(each.viewer, site)
            parts = {"counters": counted[same], **part}
            if changed := {own: html for own, html in parts.items() if each.parts.get(own) != html}:
                each.parts = parts
                self._deliver([each], server_sent_event("part", changed))

    def _groups(self) -> Iterator[tuple[Viewer, list[Subscription]]]:
        """Yield the subscriptions of viewers who see the same."""
        groups: dict[str, list[Subscription]] = {}
        for each in self._subscriptions:
            groups.setdefault(each.scope, []).append(each)
        for members in groups.values():
            yield members[0].viewer, members

    def _deliver(self, subscriptions: list[Subscription], event: bytes) -> None:
        for each in subscriptions:
            each.send(event)
            if each.is_closed:
                self._subscriptions.pop(each, None)

    def _close(self, subscription: Subscription, why: Farewell) -> None:
        subscription.close(why)
        self._subscriptions.pop(subscription, None)
