"""The last passages at access points, which pages follow: found once, then kept up with what arrives."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from monitor.core.events import ReceivedEvent
from monitor.core.inputs import Arrival
from monitor.web.alert import when
from monitor.web.events import latest_events
from monitor.web.passages import is_shown, passage_rows
from monitor.web.source import Source
from monitor.web.template import render
from monitor.web.viewer import Viewer


class _Known(NamedTuple):
    """The last passages at one point."""

    seq: int
    """The latest input that was looked through."""
    events: Sequence[ReceivedEvent]
    since: datetime | None
    """From when on everything was looked through; ``None``: from the beginning, or there are enough."""


class PointPassages:
    """The last passages at the points whose pages were opened lately."""

    MOST: ClassVar[int] = 20
    MOST_POINTS: ClassVar[int] = 100
    AT_ONCE: ClassVar[int] = 5_000
    """Inputs that are looked through at once, about 10 ms; a page that was not followed for longer begins anew."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, _Known] = {}

    async def find(self, point: str) -> None:
        """Look through the journal, as far back as is needed."""
        seq = self._source.journal.seq
        known = self._known.get(point)
        if known is not None and seq - known.seq <= self.AT_ONCE:
            return
        found = await latest_events(
            self._source, point, lambda row: _is_at(row, point), self.MOST, until=seq
        )
        self._keep(point, _Known(seq, found.events, found.since))

    def part(self, viewer: Viewer, point: str) -> str:
        """Return the last passages at a point as HTML; empty for those who may not see the point."""
        source, venue = self._source, self._source.rule_set.venue
        zones = {row.id: row.site for row in venue.zones}
        site = next((zones[row.zone] for row in venue.points if row.id == point), None)
        if site is None or not viewer.may("view", site):
            return ""
        known = self._present(point)
        return render(
            "point_passages.html",
            viewer.language,
            passages=passage_rows(source, known.events, viewer.language),
            searched_since=when(source, known.since, viewer.language),
        )

    def _present(self, point: str) -> _Known:
        """Return what is known, with what has arrived since."""
        journal, known = self._source.journal, self._known.get(point)
        after = max(0, journal.seq - self.AT_ONCE)
        if known is None or known.seq < after:
            since = journal.first_received_after(after, stateful=True) if after else None
            known = _Known(after, (), since)
        new = [
            event
            for given in journal.mentioning(point, known.seq, journal.seq)
            if isinstance(given, Arrival)
            for event in given.events
            if _is_at(event, point)
        ]
        known = _Known(journal.seq, [*new, *known.events][: self.MOST], known.since)
        self._keep(point, known)
        return known

    def _keep(self, point: str, known: _Known) -> None:
        self._known.pop(point, None)
        self._known[point] = known
        if len(self._known) > self.MOST_POINTS:
            del self._known[next(iter(self._known))]


def _is_at(event: ReceivedEvent, point: str) -> bool:
    return is_shown(event) and event.point == point
