"""The muster list of a site: counts, the missing by the zone where they were last seen, and those who have reported."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from monitor.core.ids import derived_id
from monitor.core.state.people import MusterRoll, Reported, RollEntry
from monitor.texts import Language
from monitor.web.alert import when
from monitor.web.board_alert import clock_time
from monitor.web.source import Source

MOST_MISSING, MOST_REPORTED = 500, 200
"""Rows that follow the live stream: 20 ms of rendering. The counts are always of all."""
MOST_PRINTED = 5_000
"""Rows of the list of all who are missing, which does not follow the stream."""


class HolderRow(Struct, frozen=True, kw_only=True):
    """One holder on the list."""

    holder: str
    """The pseudonym."""
    name: str
    """Of a person without a badge; empty: a holder."""
    added_by: str
    seen: str
    """When the holder was last seen."""
    zone: str
    reported: str
    """How and when; empty: not yet."""
    by_hand: bool
    """A person ticked it, and can take it back."""
    key: str


class ZoneGroup(Struct, frozen=True, kw_only=True):
    """The missing who were last seen in one zone."""

    zone: str
    name: str
    missing: int
    rows: Sequence[HolderRow]
    """As many as are listed."""


class MusterList(Struct, frozen=True, kw_only=True):
    """The list."""

    is_on: bool
    is_drill: bool
    since: str
    over: str
    """When it ended; empty: it is on."""
    drill_by: str
    at: str
    """As of when."""
    inside: int
    reported: int
    missing: int
    groups: Sequence[ZoneGroup]
    left_out: int
    """Missing who are counted and not listed."""
    arrived: Sequence[HolderRow]
    key: str
    """Of the form that begins or ends a drill."""


def muster_list(source: Source, site: str, language: Language, most: int) -> MusterList | None:
    """Return the list of a site's latest muster; ``None``: there was none.

    Args:
        source: the running monitor.
        site: the site.
        language: the viewer's.
        most: how many of the missing are listed.

    """
    roll = source.state.people.rolls.get(site)
    if roll is None:
        return None
    missing = sorted(own for own, entry in roll.entries.items() if entry.reported is None)
    arrived = sorted(
        ((entry.reported.at, own) for own, entry in roll.entries.items() if entry.reported),
        reverse=True,
    )
    return MusterList(
        is_on=roll.over_at is None,
        is_drill=bool(roll.drill_by),
        since=when(source, roll.since, language),
        over=when(source, roll.over_at, language),
        drill_by=source.writer.name(roll.drill_by),
        at=when(source, source.now(), language),
        inside=len(roll.entries),
        reported=len(arrived),
        missing=len(missing),
        groups=_groups(source, roll, missing, language, most),
        left_out=max(0, len(missing) - most),
        arrived=[
            _row(source, roll, own, roll.entries[own], language)
            for _, own in arrived[:MOST_REPORTED]
        ],
        key=derived_id("muster", roll.since.isoformat(), str(roll.over_at)),
    )


def _groups(
    source: Source, roll: MusterRoll, missing: Sequence[str], language: Language, most: int
) -> list[ZoneGroup]:
    """Return the missing by the zone where they were last seen, the most first."""
    by_zone: dict[str, list[str]] = defaultdict(list)
    for own in missing:
        by_zone[roll.entries[own].zone].append(own)
    found = []
    for zone, holders in sorted(by_zone.items(), key=lambda group: -len(group[1])):
        rows = [_row(source, roll, own, roll.entries[own], language) for own in holders[:most]]
        most -= len(rows)
        name = source.writer.names.of("zone", zone)
        found.append(ZoneGroup(zone=zone, name=name, missing=len(holders), rows=rows))
    return found


def _row(
    source: Source, roll: MusterRoll, holder: str, entry: RollEntry, language: Language
) -> HolderRow:
    reported = entry.reported
    return HolderRow(
        holder=holder,
        name=entry.name,
        added_by=source.writer.name(entry.added_by) if entry.added_by else "",
        seen=clock_time(entry.seen_at, source, language),
        zone=source.writer.names.of("zone", entry.zone),
        reported="" if reported is None else _how(source, reported, language),
        by_hand=reported is not None and reported.how == "hand",
        key=derived_id("tick", roll.since.isoformat(), holder, str(entry.ticks)),
    )


def _how(source: Source, reported: Reported, language: Language) -> str:
    at = clock_time(reported.at, source, language)
    match reported.how:
        case "badge":
            return language.gettext("by badge, {when}").format(when=at)
        case "left":
            return language.gettext("left the site, {when}").format(when=at)
        case "hand":
            name = language.inset(source.writer.name(reported.who))
            return language.gettext("ticked by {name}, {when}").format(name=name, when=at)
