"""Unreadable messages, unknown names, and a vendor's controller that reports everything twice."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from monitor.core.events.access import AccessGranted
from monitor.core.events.derived import ZoneInspected
from monitor.core.events.door import DoorOpened
from monitor.core.venue.model import Point
from monitor.simulate.badge import shown
from monitor.simulate.incident import Incident

FORCED_OPEN = 38
"""uhppoted's reason "forced open", in an event of type "alarm"."""
ALARM = 3


class Channel(NamedTuple):
    """One door of a uhppoted controller, as an ``[[adapter]]`` maps it."""

    id: str
    """The access point."""
    topic: str
    controller: int
    door: int
    timezone: ZoneInfo


def garbage(incident: Incident) -> None:
    """A door's message is truncated."""
    point = incident.choose(incident.venue.model.points)
    whole = msgspec.json.encode(DoorOpened(at=incident.at, point=point.id))
    topic = f"venue/{incident.venue.places.points[point.id].site}/door/{point.id}"
    incident.send_raw(0, topic, whole[: len(whole) // 2], "unreadable")
    incident.expect(0, "rejected-input", topic)


def unknown_topic(incident: Incident) -> None:
    """A sender uses a kind of topic that does not exist."""
    topic = f"venue/{incident.venue.first_site}/weather/roof"
    incident.send_raw(0, topic, b'{"type": "weather.wind", "speed": 12}', "unreadable")
    incident.expect(0, "rejected-input", topic)


def forged_conclusion(incident: Incident) -> None:
    """A sender claims that a zone has passed, which only the monitor may publish."""
    zone = incident.choose(incident.venue.model.zones)
    topic = f"venue/{zone.site}/zone/{zone.id}"
    claim = msgspec.json.encode(ZoneInspected(at=incident.at, zone=zone.id, state="passed"))
    incident.send_raw(0, topic, claim, "unreadable")
    incident.expect(0, "rejected-input", topic)


def unknown_point(incident: Incident) -> None:
    """A door that is not in venue.toml grants access."""
    like = incident.choose(incident.venue.readers)
    stranger = msgspec.structs.replace(like, id="forgotten-side-door", devices=())
    incident.send(0, AccessGranted, **shown(incident.badge(), stranger))
    incident.expect(0, "unknown-name", "point", stranger.id)


def vendor_feeds(incident: Incident) -> None:
    """A uhppoted controller reports a forced door on its two topics; only where an adapter reads them."""
    channels = list(_channels(incident, {point.id: point for point in incident.venue.readers}))
    door = incident.pick("point", channels, 60, once="door-forced")
    at = incident.at.replace(microsecond=0) + timedelta(seconds=1)
    record = {
        "device-id": door.controller,
        "event-id": incident.rng.randrange(10_000, 100_000),
        "event-type": ALARM,
        "event-reason": FORCED_OPEN,
        "event-reason-text": "forced open",
        "door-id": door.door,
        "timestamp": f"{at.astimezone(door.timezone):%Y-%m-%d %H:%M:%S %Z}",
    }
    payload = json.dumps({"message": {"event": {"event": record}}}).encode()
    after = (at - incident.at).total_seconds()
    incident.send_raw(after, door.topic, payload, "input")
    incident.send_raw(after + 0.4, f"{door.topic}/live", payload, "duplicate")
    incident.expect(after, "door-forced", door.id)


def _channels(incident: Incident, points: dict[str, Point]) -> Iterator[Channel]:
    for adapter in incident.adapters:
        topic = adapter.topic.removesuffix("/#")
        if adapter.format != "uhppoted" or "+" in topic or topic == adapter.topic:
            continue
        for name, entry in adapter.map.items():
            controller, _, door = name.partition("/")
            point = next((word for word in entry.split() if ":" not in word), "")
            if controller.isdecimal() and door.isdecimal() and point in points:
                zone = ZoneInfo(adapter.timezone)
                yield Channel(point, topic, int(controller), int(door), zone)
