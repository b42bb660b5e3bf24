"""How the people in each zone are counted, and zones whose number can only grow: those who leave are not recorded."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.timing import in_words
from monitor.core.venue.model import Point, Venue, Zone
from monitor.core.venue.places import unrecorded_exits
from monitor.toml import ParseResult, quoted


def check_occupancy(parsed: ParseResult[Venue]) -> None:
    """Add a mistake for each zone that counts passages although one of its points has no exit reader."""
    points = [part for part in parsed.parts.values() if isinstance(part, Point)]
    for keys, zone in parsed.parts.items():
        if not isinstance(zone, Zone):
            continue
        if zone.stays <= timedelta(0):
            parsed.wrong((*keys, "stays"), 'must be more than 0; write e.g. "12h"')
        if zone.counting != "passages" or zone.counted_by:
            continue
        # What only seems to have no exit reader is no mistake: `check` names it.
        blind = [
            row.id
            for row in points
            if row.zone == zone.id
            and not row.records_exits
            and (row.timed_passback or row.exit_reader is False)
        ]
        if blind:
            names = ", ".join(map(quoted, blind))
            parsed.wrong(
                (*keys, "counting"),
                f"the count can only grow, because those who leave by {names} are not recorded; "
                'write "holders" to count each holder once, or "none"',
            )


def counting_notes(venue: Venue) -> Iterator[str]:
    """Yield for each zone how people in it are counted, with what the file leaves out and was assumed."""
    unrecorded = unrecorded_exits(venue)
    for zone in venue.zones:
        blind = unrecorded.get(zone.id, ())
        yield f"zone {quoted(zone.id)} counts {_counts(zone, venue, blind)}"


def _counts(zone: Zone, venue: Venue, blind: tuple[str, ...]) -> str:
    if zone.counted_by:
        return f"by {', '.join(map(quoted, zone.counted_by))}"
    leaving = f"those who leave by {', '.join(map(quoted, blind))} are not recorded"
    match zone.counting:
        case "none":
            return 'no passages (counting = "none")'
        case "passages":
            return f"passages, although it seems that {leaving}" if blind else "passages"
        case None if not blind:
            assumed = [
                row.id
                for row in venue.points
                if row.zone == zone.id
                and row.exit_reader is None
                and not (row.devices or row.passage_sensor or row.exit_only)
                and row.kind != "emergency_exit"
            ]
            names = ", ".join(map(quoted, assumed))
            return "passages" + (
                f", assuming that {names} has readers on both sides" if names else ""
            )
        case "holders" | None:
            reason = f": {leaving}" if blind else ""
            return f"holders, each for at most {in_words(zone.stays)} after the last entry{reason}"
