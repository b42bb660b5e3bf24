"""Which part of the shift log a page shows: the filter in its address, and what a viewer may see."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct

from monitor.accounts import Right
from monitor.journal.shift_log import LogFilter
from monitor.web.board_alert import searched
from monitor.web.source import Source
from monitor.web.viewer import Viewer

Kind = Literal["", "people", "automatic"]
_KINDS: tuple[Kind, ...] = ("people", "automatic")
_LONGEST = 200
"""Characters of a search."""
_DIGITS = 18
"""Of the numbers in an address; SQLite's have at least as many."""


class LogQuery(Struct, frozen=True, kw_only=True):
    """What a viewer wants to see; what is empty excludes nothing."""

    site: str = ""
    since: str = ""
    """A local date and time, as a form has it."""
    kind: Kind = ""
    text: str = ""
    before: tuple[int, int] | None = None
    """The row with which the page before ended; ``None``: this is the first page."""

    def filter(self, viewer: Viewer, source: Source, right: Right = "view") -> LogFilter:
        """Return what the journal is asked for: never more than the viewer may see, and has the right for."""
        allowed = [viewer.sites["view"], viewer.sites[right]]
        limited = [sites for sites in allowed if sites is not None]
        sites = frozenset.intersection(*limited) | {""} if limited else None
        if self.site:
            sites = frozenset({self.site}) & (sites or {self.site})
        return LogFilter(
            sites=sites,
            since=local_time(self.since, source),
            kind=self.kind,
            silent_at=viewer.sites["silent"],
        )

    def address(self, *, before: tuple[int, int] | None = None) -> str:
        """Return it as the query of an address; by default of the first page."""
        values = {"site": self.site, "since": self.since, "kind": self.kind, "q": self.text}
        if before is not None:
            values["before"] = f"{before[0]}.{before[1]}"
        return urlencode({name: value for name, value in values.items() if value})

    def matches(self, *texts: str) -> bool:
        """Return whether one of some texts has what is searched."""
        wanted = searched(self.text)
        return not wanted or any(wanted in searched(text) for text in texts)


def read_query(query: Mapping[str, str]) -> LogQuery:
    """Return the query of an address; what it does not know it leaves out, so that old bookmarks work.

    Args:
        query: the parameters ``site``, ``since``, ``kind``, ``q`` and ``before``.

    """
    seq, _, n = query.get("before", "").partition(".")
    is_place = all(_is_number(text) for text in (seq, n))
    return LogQuery(
        site=query.get("site", ""),
        since=query.get("since", ""),
        kind=next((kind for kind in _KINDS if kind == query.get("kind")), ""),
        text=query.get("q", "")[:_LONGEST],
        before=(int(seq), int(n)) if is_place else None,
    )


def local_time(text: str, source: Source) -> datetime | None:
    """Return a date and time as a form has it, in the congress's time zone; ``None`` if it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=source.writer.names.timezone)
    except ValueError:
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS
