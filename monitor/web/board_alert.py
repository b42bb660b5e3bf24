"""One alert on the board: its group, its place in the order, what filters compare, and its row as HTML."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.texts import Language
from monitor.texts.words import severity as severity_in_words
from monitor.web.source import Source
from monitor.web.template import render


class Group(StrEnum):
    """Where an alert stands on the board; groups never mix."""

    NOBODY = "nobody"
    """Nobody has it."""
    TAKEN = "taken"
    OVER = "over"
    """Its condition has ended, and a person still has to close it."""
    SHELVED = "shelved"
    """Hidden for a time: on the board only if asked for."""


GROUPS = tuple(Group)
MARKS: Mapping[Severity, tuple[str, str]] = {
    "life_safety": ("⬢", "P0"),
    "critical": ("◆", "P1"),
    "high": ("▲", "P2"),
    "medium": ("■", "P3"),
    "low": ("●", "P4"),
}
"""Shape and code of each severity: colour alone says nothing to some people and on some screens."""


class BoardKey(Struct, frozen=True, kw_only=True):
    """What the board sorts and filters by; browsers have the same and decide the same."""

    severity: Severity
    site: str
    zone: str
    lead: str
    group: Group
    owner: str
    text: str
    """What a search looks through."""
    cause: str = ""
    """The id of the alert from which it follows; its own if others follow from it; empty: neither."""
    sort: str
    """Comes before another alert if this comes before its text: group, severity, age."""


def group_of(alert: Alert) -> Group:
    """Return the group of an open alert."""
    if alert.handling is Handling.SHELVED:
        return Group.SHELVED
    if alert.condition is Condition.CLEARED:
        return Group.OVER
    return Group.NOBODY if alert.needs_owner else Group.TAKEN


def key_of(
    alert: Alert,
    source: Source,
    language: Language,
    *,
    cause: str = "",
    is_searched: bool = True,
) -> BoardKey:
    """Return what the board sorts and filters an alert by; without a search, its words are not needed."""
    group, writer = group_of(alert), source.writer
    words: tuple[str, ...] = ()
    if is_searched:
        title, where = writer.title(alert, language), writer.where(alert, language)
        words = (title, where, alert.rule, alert.key)
    return BoardKey(
        severity=alert.severity,
        site=alert.site,
        zone=alert.zone,
        lead=alert.lead,
        group=group,
        owner=alert.owner,
        text=searched(" ".join(words)),
        cause=cause,
        sort=_sort_key(alert, group),
    )


def _sort_key(alert: Alert, group: Group) -> str:
    """Return a text by which alerts sort as on the board; the id makes the order stable."""
    severity = SEVERITIES.index(alert.severity)
    at = alert.happened_at.isoformat(timespec="microseconds")
    return f"{GROUPS.index(group)}{severity} {at} {alert.id}"


def searched(text: str) -> str:
    """Return a text as searches compare it."""
    return " ".join(text.casefold().split())


def row(  # noqa: PLR0913 - what a row depends on
    alert: Alert,
    key: BoardKey,
    source: Source,
    language: Language,
    *,
    may_act: bool,
    seq: int,
    following: int = 0,
) -> str:
    """Return the row of an open alert, the same for everyone with this language and this right.

    Args:
        alert: the alert.
        key: what the board sorts and filters it by.
        source: has names and times.
        language: the viewer's.
        may_act: whether it has a button to take the alert.
        seq: the latest input that it shows; a later act gets another key by it.
        following: how many other alerts follow from it.

    """
    writer = source.writer
    shape, code = MARKS[alert.severity]
    return render(
        "board_row.html",
        language,
        alert=alert,
        key=key,
        shape=shape,
        code=code,
        severity=severity_in_words(alert, language),
        title=writer.title(alert, language),
        where=writer.where(alert, language),
        owner=writer.name(alert.owner),
        age=age(alert.happened_at, source.now(), language),
        next_at=clock_time(next_page_at(alert, source), source, language),
        may_act=may_act,
        seq=seq,
        following=following,
    )


def next_page_at(alert: Alert, source: Source) -> datetime | None:
    """Return when the next people are paged about an alert, unless somebody acts."""
    escalation = source.state.paging.escalations.get(alert.id)
    return None if escalation is None else escalation.due


def age(since: datetime, now: datetime, language: Language) -> str:
    """Return how long ago something was, to the minute."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    return language.duration(minutes * 60) if minutes else language.gettext("now")


def clock_time(at: datetime | None, source: Source, language: Language) -> str:
    """Return a time of day in the congress's time zone; empty for none."""
    timezone = source.writer.names.timezone
    return "" if at is None or timezone is None else language.time(at, timezone)
