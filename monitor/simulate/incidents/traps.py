"""What looks like an incident and is none: nothing may be raised for any of these, but for a door's early warning."""

from monitor.core.events.access import AccessDenied, AccessGranted, CredentialState
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline, DeviceOnline
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorModeChanged, DoorOpened
from monitor.simulate.badge import shown
from monitor.simulate.incident import Story
from monitor.simulate.incidents.credentials import WINDOW
from monitor.simulate.incidents.devices import lasting
from monitor.simulate.incidents.doors import LONGEST_LIMIT, limit
from monitor.simulate.incidents.zones import entrances, inspected


def closed_in_time(story: Story) -> None:
    """A door is closed after its warning and before its limit; the message comes after the limit."""
    doors = [door for door in story.ground.doors if 5 <= limit(door) <= LONGEST_LIMIT]  # noqa: PLR2004
    door = story.pick("point", doors, LONGEST_LIMIT + 10)
    story.let_in(0, door, story.welcome(door))
    story.say(2, DoorOpened, point=door.id)
    story.say(2 + limit(door) + 0.5, DoorClosed, told=2 + limit(door) - 1, point=door.id)
    story.expect(2 + limit(door) * 2 / 3, "door-held-open-soon", door.id)


def grant_overtaken(story: Story) -> None:
    """A door is opened after a grant, but the network brings the opening first."""
    door = story.pick("point", story.ground.doors, 30)
    story.say(1, DoorOpened, point=door.id)
    story.say(1.5, AccessGranted, told=0, **shown(story.welcome(door), door))
    story.say(1 + min(4.0, limit(door) / 2), DoorClosed, point=door.id)


def held_open_in_free_mode(story: Story) -> None:
    """A door is set free, stands open for long, is closed and locked again."""
    doors = [door for door in story.ground.doors if limit(door) <= LONGEST_LIMIT / 2]
    door = story.pick("point", doors, LONGEST_LIMIT + 60)
    story.say(0, DoorModeChanged, point=door.id, mode="unlocked")
    story.say(5, DoorOpened, point=door.id)
    story.say(5 + 2 * limit(door), DoorClosed, point=door.id)
    story.say(20 + 2 * limit(door), DoorModeChanged, point=door.id, mode="locked")


def old_alarm(story: Story) -> None:
    """A controller that has restarted tells its alarm of an hour ago again, and the broker keeps it."""
    door = story.choose(story.ground.doors)
    story.say(
        0,
        DoorAlarmChanged,
        told=-3600,
        retain=True,
        replay=True,
        point=door.id,
        alarm="forced_open",
    )


def nine_refusals(story: Story) -> None:
    """Nine badges are refused at one point within five minutes, and one of the messages comes twice."""
    point = story.pick("point", story.ground.readers, WINDOW, before=WINDOW)
    for n in range(9):
        badge = story.badge("unknown")
        again = 20 if n == 2 else None  # noqa: PLR2004
        story.say(
            n * 8, AccessDenied, again=again, reason="unknown_credential", **shown(badge, point)
        )


def found_again(story: Story) -> None:
    """A badge is reported lost, found again, and used."""
    point = story.pick("point", story.ground.readers, 30)
    badge = story.welcome(point, "delegate")
    story.say(-20, CredentialState, credential=badge.credential, state="lost")
    story.say(-10, CredentialState, credential=badge.credential, state="active")
    story.let_in(0, point, badge)


def short_reconnection(story: Story) -> None:
    """A device is gone for three seconds."""
    device = story.pick("device", lasting(story), 4, before=0)
    story.say(0, DeviceHeartbeat, device=device.id)
    story.say(1, DeviceOffline, device=device.id, retain=True)
    story.say(4, DeviceOnline, device=device.id, retain=True)


def staff_before_inspection(story: Story) -> None:
    """Staff go into a zone that has not been inspected: somebody has to."""
    point = story.pick("point", entrances(story.ground, inspected(story.ground)), 5, before=5)
    story.let_in(0, point, story.badge("staff"))
