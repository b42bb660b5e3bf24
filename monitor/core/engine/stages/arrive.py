"""Arrive: assign each received event its time and number; report wrong sites, unknown names and wrong clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches

from monitor.core.bounded_text import LONGEST_REASON, cut, short_id
from monitor.core.derive import device_liveness, message_gaps
from monitor.core.derive.enrich import ENRICHED, zone_of
from monitor.core.engine import clock_step, commands
from monitor.core.engine.context import Context, Placed
from monitor.core.events import AnyEvent
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.inspection import InspectionAmended, InspectionItem, InspectionSubmitted
from monitor.core.events.monitor_senders import (
    MonitorClockSkew,
    MonitorKeysCapped,
    MonitorKeysIgnored,
    MonitorRejected,
    MonitorUnknown,
)
from monitor.core.events.people import ReportFiled
from monitor.core.events.work import ReadinessSigned, ReadinessWithdrawn
from monitor.core.inputs import Arrival
from monitor.core.meaning.checklist import answers_of, is_known_item, meant_item
from monitor.core.meaning.passage import OF_BADGES, with_holder
from monitor.core.phrase import Phrase, phrase
from monitor.core.readiness.answers import judged
from monitor.core.state.time import TimestampedEvent
from monitor.core.unknown_keys import known_keys
from monitor.core.utc import utc
from monitor.core.venue.accreditation import UNKNOWN, closest
from monitor.core.venue.places import Place

CLOCK_NEVER_SET = timedelta(days=366)
"""A sender this far behind has lost its clock: our time counts instead."""
MOST_UNKNOWN = 1_000
"""The limit of unknown names remembered."""
MOST_KEYS = 100
"""The limit of ignored keys remembered for one sender."""
UNKNOWN_AGAIN = timedelta(hours=1)
"""The interval at which the same unknown name is reported again."""

_PARTICULAR = ENRICHED.union(
    (
        *(ReportFiled, InspectionSubmitted, InspectionAmended, InspectionItem),
        *(ReadinessSigned, ReadinessWithdrawn),
        *commands.COMMANDS,
    )
)
"""Types of which more than the event itself may follow on arrival, or whose site earlier events decide."""


def believed(at: datetime, now: datetime, tolerance: timedelta) -> datetime | None:
    """Return a sender's time in UTC; ``None`` if it is not credible and our own time counts."""
    t = utc(at)
    return t if now - CLOCK_NEVER_SET <= t <= now + tolerance else None


def rejected(context: Context, source: str, why: Phrase | str) -> MonitorRejected:
    """Return the notice that a message is rejected, with the reason for rules and for people."""
    return MonitorRejected(
        at=context.state.time.now,
        source=short_id(source),
        reason=cut(context.alerts.titles.render_phrase(why), LONGEST_REASON),
        phrase=why if isinstance(why, Phrase) else None,
    )


def usual(
    context: Context, event: AnyEvent, source: str, tolerance: timedelta, *, live: bool
) -> Placed | None:
    """Return what `arrive` yields for most events: the event alone; ``None`` if there may be more, or it is late."""
    kind, rules, time = type(event), context.rules, context.state.time
    if kind in _PARTICULAR or event.source_seq is not None or time.doubt is not None:
        return None
    place = rules.place_of(event)
    if place.unknown or not source.startswith(f"venue/{place.site}/"):
        return None
    if kind in OF_BADGES:
        if getattr(event, "holder_class", UNKNOWN) not in rules.places.classes:
            return None
        event = with_holder(event)
    t = believed(event.at, time.now, tolerance)
    if t is None or t < time.watermark:
        return None
    if type(event) is DeviceHeartbeat and device_liveness.may_tell_clock(
        context.state, event.device, t
    ):
        return None
    return TimestampedEvent(t, _number(context), event, live=live), place


def arrive(
    context: Context, event: AnyEvent, source: str, tolerance: timedelta, *, live: bool
) -> Iterator[Placed]:
    """Yield the notices about a received event, then the event and what it contains, each with its time and place."""
    state, rules = context.state, context.rules
    place = rules.place_of(event)
    if site := rules.event_places.elsewhere(event, place, zone_of(state, event), source):
        context.is_refused = True
        why = phrase("subject-at-other-site", other_site=site, prefix=f"venue/{site}/")
        yield noticed(context, rejected(context, source, why))
        return
    sent_from = ""
    if place.unknown:
        sent_from = rules.event_places.site_in(source)
        place = rules.place_of(event, sent_from)
        yield from _unknown(context, *rules.event_places.subject_of(event))
    if getattr(event, "holder_class", UNKNOWN) not in rules.places.classes:
        yield from _unknown_class(context, event)
    now = state.time.now
    at = event.at
    if live and state.time.doubt is not None:
        at = clock_step.time_of(state.time, at, tolerance)
    t = believed(at, now, tolerance)
    if t is None:
        ahead = (utc(event.at) - now).total_seconds()
        yield noticed(context, MonitorClockSkew(at=now, source=short_id(source), ahead_s=ahead))
        t = now
    late = t < state.time.watermark
    if type(event) is DeviceHeartbeat:
        timestamped = TimestampedEvent(t, 0, event, late, live)
        clock = device_liveness.clock(state, rules.places, timestamped)
        if clock is not None:
            yield noticed(context, clock)
    for part in _parts(with_holder(event), source):
        if isinstance(part, InspectionItem):
            earlier = state.work.versions.get(part.checklist, {})
            part = judged(part, rules.place_of(part), earlier)  # noqa: PLW2901
            yield from _unknown_item(context, part, place)
        row = TimestampedEvent(t, _number(context), part, late, live, sent_from=sent_from)
        is_whole = type(part) is type(event)
        yield row, place if is_whole else rules.place_of(part, sent_from)


def noticed(context: Context, event: AnyEvent) -> Placed:
    """Return a notice of the monitor about itself, as an event at the present time."""
    n = _number(context)
    return TimestampedEvent(context.state.time.now, n, event), context.rules.place_of(event)


def _number(context: Context) -> int:
    context.state.time.arrivals += 1
    return context.state.time.arrivals


def _unknown_item(context: Context, answer: InspectionItem, place: Place) -> Iterator[Placed]:
    """Notice an answer to an item that its checklist does not have: probably a mistyped id."""
    earlier = context.state.work.versions.get(answer.checklist, {})
    if place.of_checklist is None or is_known_item(place, answer.item, earlier):
        return
    subject = f"{answer.checklist} / {answer.item}"
    yield from _unknown(context, "item", subject, meant_item(place, answer.item))


def _unknown_class(context: Context, event: AnyEvent) -> Iterator[Placed]:
    """Notice a class of accreditation that the venue does not name."""
    name, classes = getattr(event, "holder_class", UNKNOWN), context.rules.places.classes
    yield from _unknown(context, "class", name, closest(name, classes))


def _unknown(context: Context, kind: str, name: str, hint: str = "") -> Iterator[Placed]:
    """Report a name that is not in venue.toml: once an hour, or every message would cause a notice."""
    devices, now, which = context.state.devices, context.state.time.now, f"{kind} {name}"
    names = devices.unknown_names
    if which in names and names[which] > now - UNKNOWN_AGAIN:
        return
    if len(names) >= MOST_UNKNOWN:
        names = {row: at for row, at in names.items() if at > now - UNKNOWN_AGAIN}
        devices.unknown_names = names
    if len(names) < MOST_UNKNOWN:
        names[which] = now
        yield noticed(context, MonitorUnknown(at=now, kind=kind, subject=name, hint=hint))  # type: ignore[arg-type]
    else:
        yield noticed(context, MonitorKeysCapped(at=now, rule="unknown names"))


def ignored(context: Context, arrival: Arrival) -> Iterator[Placed]:
    """Yield the notice of keys that are not read; each key of a sender is noticed once."""
    sender, _, subject = arrival.source.rpartition("/")
    source, now = short_id(sender), context.state.time.now
    reported = context.state.devices.unknown_keys
    before = reported.get(source, [])
    new = [key for key in arrival.ignored if key not in before]
    if not new:
        return
    is_full = len(reported) >= MOST_UNKNOWN and source not in reported
    if is_full or len(before) >= MOST_KEYS:
        yield noticed(context, MonitorKeysCapped(at=now, rule="ignored keys"))
        return
    reported[source] = [*before, *new]
    known = known_keys(type(arrival.events[0]))
    hint = next(iter(get_close_matches(new[0], sorted(known), n=1)), "").removeprefix("items.")
    keys = ", ".join(new)
    row = MonitorKeysIgnored(at=now, source=source, subject=short_id(subject), keys=keys, hint=hint)
    yield noticed(context, row)


def _parts(event: AnyEvent, source: str) -> tuple[AnyEvent, ...]:
    """Return an event and what it contains: the answers of a form, its sequence number."""
    parts: tuple[AnyEvent, ...] = (event,)
    if type(event) is InspectionSubmitted or type(event) is InspectionAmended:
        parts = (event, *answers_of(event))
    if event.source_seq is not None:
        parts = (*parts, message_gaps.counted(event, source))
    return parts
