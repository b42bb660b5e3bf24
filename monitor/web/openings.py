"""When doors open next: what T-minus counts down to."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from monitor.core.venue.calendar import Calendar
from monitor.core.venue.model import Venue, Zone
from monitor.texts import Language
from monitor.web.board_alert import age
from monitor.web.source import Source


class Opening(Struct, frozen=True, kw_only=True):
    """The next time at which something opens."""

    at: datetime
    zone: str = ""
    """The zone whose doors open, by ``opens_at``."""
    schedule: str = ""
    """The schedule whose hours begin, where no zone has an opening time."""


def next_opening(venue: Venue, zones: Iterable[Zone], now: datetime) -> Opening | None:
    """Return the next opening of some zones; ``None`` if none is planned.

    The opening times of the zones decide. Only where none of them has any, the hours of those who are admitted do.
    """
    zones = list(zones)
    if any(zone.opens_at for zone in zones):
        doors = [(at, zone.id) for zone in zones for at in zone.opens_at if at > now]
        return Opening(at=min(doors)[0], zone=min(doors)[1]) if doors else None
    calendar, own = Calendar(venue), {zone.id for zone in zones}
    hours = [
        (at, row.schedule)
        for row in venue.classes
        if own.intersection(row.zones)
        and (at := calendar.turn(row.schedule, "opens", now)) is not None
    ]
    return Opening(at=min(hours)[0], schedule=min(hours)[1]) if hours else None


def opening_in_words(found: Opening | None, source: Source, language: Language) -> str:
    """Return what opens next, when, and how long that is from now."""
    if found is None:
        return language.gettext("No opening is planned.")
    names, now = source.writer.names, source.now()
    values = {
        "when": language.time_of_day(
            found.at, names.timezone, now.astimezone(names.timezone).date()
        ),
        "time": age(now, found.at, language),
    }
    if found.zone:
        text = language.gettext("{zone} opens at {when}: T minus {time}")
        return text.format(zone=language.inset(names.of("zone", found.zone)), **values)
    text = language.gettext("The hours “{schedule}” begin at {when}: T minus {time}")
    return text.format(schedule=language.inset(names.of("schedule", found.schedule)), **values)
