"""Parts of pages that change with the monitor, such as the counters: rendered once for those who see the same."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from monitor.web.counts import Kind, Owned, counters, kinds, mine, owned
from monitor.web.pace import Pace
from monitor.web.source import Source
from monitor.web.subscription import Subscription, server_sent_event
from monitor.web.viewer import Viewer

RenderPart = Callable[[Viewer, str], str]
"""Returns the part of a page that changes with the monitor, as HTML, for a viewer and a site; empty: every site."""
COUNTERS = "counters"
"""The part that every page follows: how many alerts are open."""


class LiveParts:
    """The parts as they were when the alerts were counted last.

    Args:
        source: the running monitor.
        parts: render what pages follow besides the board, by name.

    """

    AT_ONCE: ClassVar[int] = 1_000
    """Alerts that are counted at once: about a millisecond."""

    def __init__(self, source: Source, parts: Mapping[str, RenderPart]) -> None:
        self._source = source
        self._parts = parts
        self._kinds: Counter[Kind] = Counter()
        self._owned: Counter[Owned] = Counter()
        self._owners: frozenset[str] = frozenset()
        self._rendered: dict[tuple[object, ...], str] = {}
        """By scope and part."""
        self._events: dict[tuple[bytes, tuple[tuple[str, str], ...]], bytes] = {}
        """By what comes before them, and the parts that have changed, with their HTML."""

    def known(self, follows: Sequence[str]) -> tuple[str, ...]:
        """Return those parts that there are, of what a page names; each page names a few."""
        found = (part for part in follows if part.partition("/")[0] in self._parts)
        return tuple(dict.fromkeys(found))[: Subscription.MOST_OF_ONE_SESSION]

    async def count(self, pace: Pace) -> None:
        """Count the open alerts step by step; from now on, parts are rendered anew."""
        alerts = list(self._source.state.alerts.open.values())
        found, by_owner = Counter[Kind](), Counter[Owned]()
        for start in range(0, len(alerts), self.AT_ONCE):
            some = alerts[start : start + self.AT_ONCE]
            found.update(kinds(some))
            by_owner.update(owned(some))
            await pace.step()
        self._use(found, by_owner)

    def count_now(self) -> None:
        """Count the open alerts before anything else happens."""
        alerts = self._source.state.alerts.open.values()
        self._use(kinds(alerts), owned(alerts))

    def added(self, event: bytes, subscription: Subscription) -> bytes:
        """Return an event, and those parts of a page that are others than it was sent.

        All who are sent the same have the same bytes in their queues, so that many viewers take little memory.
        """
        parts = {part: self._part(subscription, part) for part in (COUNTERS, *subscription.follows)}
        changed = tuple(
            (part, html) for part, html in parts.items() if subscription.parts.get(part) != html
        )
        if not changed:
            return event
        subscription.parts = parts
        if (event, changed) not in self._events:
            self._events[event, changed] = event + server_sent_event("part", dict(changed))
        return self._events[event, changed]

    def _part(self, subscription: Subscription, part: str) -> str:
        scope, viewer = subscription.scope, subscription.viewer
        if part == COUNTERS:
            n = mine(viewer, self._owned, self._source) if viewer.who in self._owners else 0
            if (scope, part, n) not in self._rendered:
                html = counters(viewer, self._kinds, self._source, own=n)
                self._rendered[scope, part, n] = html
            return self._rendered[scope, part, n]
        if (scope, part) not in self._rendered:
            name, _, site = part.partition("/")
            self._rendered[scope, part] = self._parts[name](viewer, site)
        return self._rendered[scope, part]

    def _use(self, found: Counter[Kind], by_owner: Counter[Owned]) -> None:
        self._kinds, self._owned = found, by_owner
        self._owners = frozenset(owner for _, _, owner in by_owner)
        self._rendered.clear()
        self._events.clear()
