"""What the live stream sends: rows of the board, and ticks that prove that the page is alive."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from monitor.web.board_alert import BoardKey, key_of, row
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
    troubles: Sequence[str]


def rows_event(source: Source, viewer: Viewer, changed: Sequence[str], seq: int) -> bytes:
    """Return alerts as they are now; of those that a viewer may not see, nothing."""
    rows = [found for own in changed if (found := _row(source, viewer, own, seq)) is not None]
    return server_sent_event("rows", rows, f"{viewer.scope}.{seq}")


def tick_event(source: Source, viewer: Viewer, seq: int) -> bytes:
    """Return a tick."""
    now, timezone = source.now(), source.writer.names.timezone
    tick = TickEvent(
        at=now,
        clock=f"{now.astimezone(timezone):%H:%M:%S}",
        is_catching_up=source.state.time.catching_up_until is not None,
        troubles=source.troubles(),
    )
    return server_sent_event("tick", tick, f"{viewer.scope}.{seq}")


def _row(source: Source, viewer: Viewer, own: str, seq: int) -> RowEvent | None:
    alert = source.state.alerts.open.get(own)
    if alert is None:
        closed = source.journal.alert(own)
        is_seen = closed is not None and viewer.sees(closed)
        return RowEvent(id=own, key=None) if is_seen else None
    if not viewer.sees(alert):
        return None
    language, may_act = viewer.language, viewer.may("act", alert.site)
    key = key_of(alert, source, language)
    html = row(alert, key, source, language, may_act=may_act, seq=seq)
    return RowEvent(id=own, key=key, html=html)
