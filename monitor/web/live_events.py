"""What the live stream sends: rows of the board, counts of recurrences, and ticks that prove that the page is alive."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

import msgspec
from msgspec import Raw, Struct

from monitor.core.alert import Alert
from monitor.core.phrase import Phrase
from monitor.texts import PageWriter
from monitor.web.board_alert import BoardKey, key_of, next_page_at, row
from monitor.web.causes import Causes
from monitor.web.live_queue import Due
from monitor.web.source import Source
from monitor.web.subscription import server_sent_event
from monitor.web.viewer import Viewer


class RowEvent(Struct, frozen=True, kw_only=True):
    """A row of the board, as it is now."""

    id: str
    key: BoardKey | None
    """``None``: the alert is closed."""
    html: str = ""


class TickEvent(Struct, frozen=True, kw_only=True):
    """Proves that the stream is alive."""

    at: datetime
    clock: str
    """The server's time of day, as people there read it."""
    is_catching_up: bool
    left: int
    """While it is catching up: messages and events that have not been processed in order yet."""
    troubles: Sequence[Phrase | str]
    """What is wrong with the monitor itself; each viewer is sent it in words."""
    waiting: int = 0
    """Changes that the viewer may see and that have not been sent yet."""


class Sending(NamedTuple):
    """What is sent to all viewers at once, to each what they may see."""

    due: Due
    seq: int
    """The latest input that it shows."""
    sent: int
    """The number up to which everything has been sent afterwards."""
    tick: TickEvent | None
    """``None``: it is not time for one."""
    waiting: Mapping[tuple[str, str], int]
    """How many rows wait, by site and, each silent one, by its id."""


class RowEvents:
    """Rows as they are sent, each rendered once for everyone with the same language and the same right to act.

    Args:
        source: the running monitor.

    """

    MOST: ClassVar[int] = 5_000
    """Rows that are kept, of one to two kilobytes."""

    def __init__(self, source: Source) -> None:
        self.causes = Causes()
        """Which alerts follow from which."""
        self._source = source
        self._named: tuple[object, object] = (None, None)
        """The rules and names with which they were rendered."""
        self._kept: dict[tuple[str, str, bool], tuple[tuple[object, ...], bytes]] = {}
        """By alert, language and right to act: what the row depends on, and the row."""

    def event(self, viewer: Viewer, alerts: Sequence[Alert], seq: int, place: str) -> bytes:
        """Return alerts as an event; of those that a viewer may not see, nothing.

        Args:
            viewer: who reads it.
            alerts: the alerts, open or closed.
            seq: the latest input that they show.
            place: of the viewer in the stream, afterwards.

        """
        rows = [self.row(viewer, alert, seq) for alert in alerts if viewer.sees(alert)]
        if not rows:
            return b""
        return server_sent_event("rows", Raw(b"[" + b",".join(rows) + b"]"), place)

    def row(self, viewer: Viewer, alert: Alert, seq: int) -> bytes:
        """Return a row, as JSON."""
        if not alert.is_open:
            return msgspec.json.encode(RowEvent(id=alert.id, key=None))
        self._forget_if_renamed()
        language, may_act = viewer.language, viewer.may("act", alert.site)
        cause, n = self.causes.cause(alert, viewer), self.causes.following(alert, viewer)
        own = alert.id, language.tag, may_act
        shown = alert, next_page_at(alert, self._source), cause, n
        kept = self._kept.get(own)
        if kept is not None and kept[0] == shown:
            return kept[1]
        key = key_of(alert, self._source, language, cause=cause)
        html = row(alert, key, self._source, language, may_act=may_act, seq=seq, following=n)
        encoded = msgspec.json.encode(RowEvent(id=alert.id, key=key, html=html))
        self._kept.pop(own, None)
        self._kept[own] = (shown, encoded)
        if len(self._kept) > self.MOST:
            del self._kept[next(iter(self._kept))]
        return encoded

    def _forget_if_renamed(self) -> None:
        named = (self._source.rule_set, self._source.writer.names)
        if self._named[0] is not named[0] or self._named[1] is not named[1]:
            self._named = named
            self._kept.clear()


def counts_event(viewer: Viewer, alerts: Sequence[Alert]) -> bytes:
    """Return how often alerts have occurred, by id; of those that a viewer may not see, nothing."""
    counts = {alert.id: alert.occurrences for alert in alerts if viewer.sees(alert)}
    return server_sent_event("counts", counts) if counts else b""


def tick_now(source: Source) -> TickEvent:
    """Return a tick."""
    now, timezone = source.now(), source.writer.names.timezone
    return TickEvent(
        at=now,
        clock=f"{now.astimezone(timezone):%H:%M:%S}",
        is_catching_up=source.state.time.is_catching_up,
        left=source.left(),
        troubles=source.troubles(),
    )


def tick_event(
    viewer: Viewer,
    tick: TickEvent,
    waiting: Mapping[tuple[str, str], int],
    place: str,
    writer: PageWriter,
) -> bytes:
    """Return a tick for a viewer.

    Args:
        viewer: who reads it.
        tick: the tick.
        waiting: how many rows wait, by site and, each silent one, by its id.
        place: of the viewer in the stream.
        writer: words what is wrong with the monitor.

    """
    n = sum(count for (site, silent), count in waiting.items() if viewer.sees_at(site, silent))
    troubles = [writer.reason(row, viewer.language) for row in tick.troubles]
    return server_sent_event(
        "tick", msgspec.structs.replace(tick, waiting=n, troubles=troubles), place
    )
