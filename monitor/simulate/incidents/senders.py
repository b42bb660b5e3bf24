"""Messages that can't be read, names that nobody knows, a vendor's controller that tells everything twice."""

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
from monitor.simulate.incident import Story

FORCED_OPEN = 38
"""uhppoted's reason «forced open», in an event of the type «alarm»."""
ALARM = 3


class Channel(NamedTuple):
    """One door of a uhppoted controller, as an ``[[adapter]]`` maps it."""

    id: str
    """The access point."""
    topic: str
    controller: int
    door: int
    timezone: ZoneInfo


def garbage(story: Story) -> None:
    """A door's message is cut off in the middle."""
    point = story.choose(story.ground.venue.points)
    whole = msgspec.json.encode(DoorOpened(at=story.at, point=point.id))
    topic = f"venue/{story.ground.places.points[point.id].site}/door/{point.id}"
    story.send(0, topic, whole[: len(whole) // 2], "unreadable")
    story.expect(0, "rejected-input", topic)


def unknown_topic(story: Story) -> None:
    """Somebody sends on a kind of topic that does not exist."""
    topic = f"venue/{story.ground.first_site}/weather/roof"
    story.send(0, topic, b'{"type": "weather.wind", "speed": 12}', "unreadable")
    story.expect(0, "rejected-input", topic)


def forged_conclusion(story: Story) -> None:
    """Somebody claims that a zone has passed: that is for the monitor alone to say."""
    zone = story.choose(story.ground.venue.zones)
    topic = f"venue/{zone.site}/zone/{zone.id}"
    claim = msgspec.json.encode(ZoneInspected(at=story.at, zone=zone.id, state="passed"))
    story.send(0, topic, claim, "unreadable")
    story.expect(0, "rejected-input", topic)


def unknown_point(story: Story) -> None:
    """A door that the venue file does not have lets somebody in."""
    like = story.choose(story.ground.readers)
    stranger = msgspec.structs.replace(like, id="forgotten-side-door", devices=())
    story.say(0, AccessGranted, **shown(story.badge(), stranger))
    story.expect(0, "unknown-name", "point", stranger.id)


def vendor_feeds(story: Story) -> None:
    """A uhppoted controller tells of a forced door, as it does on two topics; only where an adapter reads them."""
    channels = list(_channels(story, {point.id: point for point in story.ground.readers}))
    door = story.pick("point", channels, 60, once="door-forced")
    at = story.at.replace(microsecond=0) + timedelta(seconds=1)
    record = {
        "device-id": door.controller,
        "event-id": story.rng.randrange(10_000, 100_000),
        "event-type": ALARM,
        "event-reason": FORCED_OPEN,
        "event-reason-text": "forced open",
        "door-id": door.door,
        "timestamp": f"{at.astimezone(door.timezone):%Y-%m-%d %H:%M:%S %Z}",
    }
    payload = json.dumps({"message": {"event": {"event": record}}}).encode()
    after = (at - story.at).total_seconds()
    story.send(after, door.topic, payload, "news")
    story.send(after + 0.4, f"{door.topic}/live", payload, "duplicate")
    story.expect(after, "door-forced", door.id)


def _channels(story: Story, points: dict[str, Point]) -> Iterator[Channel]:
    for adapter in story.adapters:
        topic = adapter.topic.removesuffix("/#")
        if adapter.format != "uhppoted" or "+" in topic or topic == adapter.topic:
            continue
        for name, entry in adapter.map.items():
            controller, _, door = name.partition("/")
            point = next((word for word in entry.split() if ":" not in word), "")
            if controller.isdecimal() and door.isdecimal() and point in points:
                zone = ZoneInfo(adapter.timezone)
                yield Channel(point, topic, int(controller), int(door), zone)
