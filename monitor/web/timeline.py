"""The bar of an alert's page: when it was raised, paged, taken, over and closed, and when nobody had it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from monitor.core.alert import Alert, Change, Condition
from monitor.core.transitions import AlertChanged
from monitor.journal.shift_log import LogFilter
from monitor.texts import Language
from monitor.web.board_alert import clock_time
from monitor.web.source import Source

WIDTH, MARGIN = 1000, 20
"""The bar in its own units; half a mark at each end."""
MOST = 200
"""Changes that are read; the bar shows the latest."""
MarkKind = Literal["raised", "paged", "taken", "cleared", "closed"]
Owner = Literal["nobody", "taken", "over"]
_MARKS: dict[Change, MarkKind] = {
    Change.RAISED: "raised",
    Change.RETURNED: "raised",
    Change.ACKNOWLEDGED: "taken",
    Change.HANDED_OVER: "taken",
    Change.CLEARED: "cleared",
    Change.CLOSED: "closed",
}


_ORDER = {kind: n for n, kind in enumerate(get_args(MarkKind))}
"""Of one instant, what leads to the other comes first."""


class Mark(Struct, frozen=True, kw_only=True):
    """Something that happened, as a mark on the bar."""

    kind: MarkKind
    x: int
    words: str
    at: str


class Stretch(Struct, frozen=True, kw_only=True):
    """A part of the bar during which the same was true."""

    kind: Owner
    x: int
    width: int


class Timeline(Struct, frozen=True, kw_only=True):
    """The bar."""

    marks: Sequence[Mark]
    stretches: Sequence[Stretch]
    begin: str
    end: str
    """The time at its end; empty: now."""
    lasts: str


def timeline(source: Source, alert: Alert, language: Language) -> Timeline | None:
    """Return the bar of an alert; ``None`` if nothing is known of it any more."""
    changes = _changes(source, alert)
    if not changes:
        return None
    begin = min(alert.happened_at, changes[0].at)
    closed = next((row.at for row in changes if row.change is Change.CLOSED), None)
    end = max(closed or source.now(), changes[-1].at)
    scale = _Scale(begin, end)
    pages = [row.page.at for row in source.journal.outbox.about(alert.id, MOST)]
    return Timeline(
        marks=list(_marks(changes, pages, scale, source, language)),
        stretches=list(_stretches(changes, end, scale)),
        begin=clock_time(begin, source, language),
        end="" if closed is None else clock_time(closed, source, language),
        lasts=language.duration(max(1, round((end - begin).total_seconds()))),
    )


class _Scale:
    """Where on the bar a time is."""

    __slots__ = ("_begin", "_seconds")

    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin = begin
        self._seconds = max(1.0, (end - begin).total_seconds())

    def x(self, at: datetime) -> int:
        share = (at - self._begin).total_seconds() / self._seconds
        return MARGIN + round((WIDTH - 2 * MARGIN) * min(1.0, max(0.0, share)))


def _changes(source: Source, alert: Alert) -> list[AlertChanged]:
    """Return the changes of an alert, the oldest first."""
    wanted = LogFilter(alert=alert.id, silent_at=None)
    rows = [row.what for row in source.journal.shift_log.rows(wanted, limit=MOST)]
    found = [row for row in rows if isinstance(row, AlertChanged)]
    return sorted(found, key=lambda row: row.at)


def _marks(
    changes: Iterable[AlertChanged],
    pages: Iterable[datetime],
    scale: _Scale,
    source: Source,
    language: Language,
) -> Iterator[Mark]:
    """Yield the marks in the order of time, which is the order in which they are read out."""
    words = {
        "raised": language.gettext("raised"),
        "paged": language.gettext("paged"),
        "taken": language.gettext("taken"),
        "cleared": language.gettext("over"),
        "closed": language.gettext("closed"),
    }
    happened: list[tuple[datetime, MarkKind]] = [
        (row.at, kind) for row in changes if (kind := _MARKS.get(row.change)) is not None
    ]
    happened += [(at, "paged") for at in pages]
    for at, kind in sorted(dict.fromkeys(happened), key=lambda row: (row[0], _ORDER[row[1]])):
        yield Mark(kind=kind, x=scale.x(at), words=words[kind], at=clock_time(at, source, language))


def _stretches(changes: Sequence[AlertChanged], end: datetime, scale: _Scale) -> Iterator[Stretch]:
    """Yield who had it, from one change to the next."""
    for row, until in zip(changes, [*(row.at for row in changes[1:]), end], strict=True):
        left, right = scale.x(row.at), scale.x(until)
        if right > left and row.change is not Change.CLOSED:
            yield Stretch(kind=_owner(row.alert), x=left, width=right - left)


def _owner(alert: Alert) -> Owner:
    if alert.condition is not Condition.ACTIVE:
        return "over"
    return "nobody" if alert.needs_owner else "taken"
