"""Doors forced, opened without release, held open, tampered with."""

from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened, DoorTamper
from monitor.core.venue.model import Point
from monitor.simulate.incident import Story

LONGEST_LIMIT = 120
"""Seconds: of the doors, those with a shorter limit show within a short day that they are held open."""


def forced(story: Story) -> None:
    """A door is broken open; the controller's alarm is sent twice, as networks do, and counts once."""
    door = story.pick("point", story.ground.doors, 60, once="door-forced")
    stands_open = min(20.0, limit(door) / 2)
    story.say(0, DoorAlarmChanged, again=0.6, point=door.id, alarm="forced_open")
    story.say(0.2, DoorOpened, point=door.id)
    story.say(0.2 + stands_open, DoorClosed, point=door.id)
    story.say(25, DoorAlarmChanged, point=door.id, alarm="normal")
    story.expect(0, "door-forced", door.id)
    story.expect(0.2, "door-opened-unreleased", door.id)


def opened_unreleased(story: Story) -> None:
    """A door is opened with no badge and no button; its controller has no alarm of its own."""
    door = story.pick("point", story.ground.doors, 30)
    story.say(0, DoorOpened, point=door.id)
    story.say(min(4.0, limit(door) / 2), DoorClosed, point=door.id)
    story.expect(0, "door-opened-unreleased", door.id)


def held_open(story: Story) -> None:
    """A door is opened with a badge and wedged."""
    doors = [door for door in story.ground.doors if limit(door) <= LONGEST_LIMIT]
    door = story.pick("point", doors, LONGEST_LIMIT + 30)
    story.let_in(0, door, story.welcome(door))
    story.say(2, DoorOpened, point=door.id)
    story.say(2 + limit(door) + 15, DoorClosed, point=door.id)
    story.expect(2 + limit(door) * 2 / 3, "door-held-open-soon", door.id)
    story.expect(2 + limit(door), "door-held-open", door.id)


def tampered(story: Story) -> None:
    """Somebody works at the hardware of a door."""
    door = story.pick("point", story.ground.doors, 60)
    story.say(0, DoorTamper, point=door.id, active=True)
    story.say(30, DoorTamper, point=door.id, active=False)
    story.expect(0, "door-tamper", door.id)


def limit(door: Point) -> float:
    """Return for how many seconds a door may stand open."""
    return door.held_open_limit.total_seconds()
