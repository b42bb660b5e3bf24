"""Plays a story: what happens, line by line, and between the lines who is paged, exact to the second.

A line is a time and what happens then, or, with an arrow, a page that has to be ordered then:

    20:00:00  d1 is forced
    20:00:00      -> anna: raised, step 1: on call in guards

Every page has to be in the story, and no other may be ordered. A line with a date alone begins another day.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from difflib import ndiff
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from monitor.core.engine.engine import Engine
from monitor.core.events import Event
from monitor.core.events.access import AccessDuress
from monitor.core.events.commands import (
    StaffAcknowledge,
    StaffMask,
    StaffOverride,
    StaffRelease,
    StaffShelve,
)
from monitor.core.events.device import DeviceTamper
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorPageUndelivered,
    MonitorStarted,
)
from monitor.core.events.work import ActionOpened
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.inputs import Arrival, Input, Notice, RosterChanged, RulesChanged, Tick
from monitor.core.rules.model import Match, Rule
from monitor.core.state.state import State
from monitor.core.transitions import PageOrdered, StaffRefused
from monitor.core.venue.model import Agency
from monitor.roster import read_roster
from monitor.roster.plan import plan
from tests.support.engine import LATENESS, TOLERANCE, VENUE, book, on, rule

ROSTER = Path(__file__).with_name("roster.toml")
LINE = re.compile(r"(\d\d:\d\d:\d\d)( +->)? +(.+)")
DOOR = Match(
    of=on("door.alarm", where='alarm == "forced_open"'),
    end=on("door.alarm", where='alarm == "normal"'),
)
RULES: Mapping[str, Rule] = {
    "forced": rule(id="forced", severity="critical", match=DOOR),
    "fire": rule(
        id="fire",
        severity="life_safety",
        by="zone",
        match=Match(of=on("emergency.fire"), end=on("emergency.cleared")),
    ),
    "duress": rule(
        id="duress", severity="critical", silent=True, match=Match(of=on("access.duress"))
    ),
    "tamper": rule(
        id="tamper",
        severity="medium",
        by="device",
        match=Match(
            of=on("device.tamper", where="active"), end=on("device.tamper", where="not active")
        ),
    ),
    "repair": rule(id="repair", by="action", match=Match(of=on("action.opened"))),
}
"""The rules of all stories."""


class Story:
    """An engine with people on call, whose clock shows local time.

    Args:
        day: the first day of the story.
        timezone: of the congress.
        roster: the text of another roster.toml.
        rules: other rules in place of those with the same id.

    """

    def __init__(
        self,
        folder: Path,
        *,
        day: str = "2026-01-01",
        timezone: str = "UTC",
        roster: str = "",
        rules: Mapping[str, Rule] = {},
    ) -> None:
        self.zone, self.day = ZoneInfo(timezone), day
        self.folder = folder
        self.venue = replace(
            VENUE,
            congress=replace(VENUE.congress, timezone=timezone),
            agencies=(*VENUE.agencies, Agency(id="works", name="Works")),
        )
        self.engine = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE)
        self.began = self.moment("00:00:00")
        self.stopped: datetime | None = None
        """When the machine lost its power, while it has none."""
        self.pages: list[PageOrdered] = []
        self.seen: list[str] = []
        """What people could see: pages, and why somebody was refused."""
        self.put_in_force(rules)
        self.call(roster or ROSTER.read_text())

    def play(self, story: str) -> None:
        """Play all lines, and compare."""
        told: list[str] = []
        for line in story.strip().splitlines():
            found = LINE.fullmatch(line.strip())
            if found is None:
                self.day = line.strip()
            elif found[2]:
                told.append(f"{found[1]} {found[3]}")
            else:
                self.until(self.moment(found[1]))
                self.happens(found[3], self.moment(found[1]))
        assert self.seen == told, "\n".join(("told and seen differ:", *ndiff(told, self.seen)))

    def moment(self, clock: str) -> datetime:
        """When the clock on the wall shows this on the present day."""
        local = datetime.fromisoformat(f"{self.day}T{clock}").replace(tzinfo=self.zone)
        return local.astimezone(UTC)

    def until(self, t: datetime) -> None:
        """Let the clock go on, and ring whenever something is due before."""
        while self.stopped is None and (due := self.engine.deadline) is not None and due < t:
            self.step(Tick(received_at=max(due, self.engine.state.now)))

    def step(self, given: Input) -> None:
        """Take an input in, and note what people could see of it."""
        for row in self.engine.step(given):
            if isinstance(row, PageOrdered):
                self.pages.append(row)
                self.see(row.at, f"{row.person}: {row.kind}, {said(row)}")
            elif isinstance(row, StaffRefused):
                self.see(row.at, f"{row.who}: refused: {row.reason}")

    def see(self, at: datetime, what: str) -> None:
        """Note it with the time on the wall."""
        self.seen.append(f"{at.astimezone(self.zone):%H:%M:%S} {what}")

    def put_in_force(self, rules: Mapping[str, Rule] = {}) -> None:
        """Put the rules of all stories in force, some of them otherwise."""
        rows = {**RULES, **rules}.values()
        now = max(self.began, self.engine.state.now)
        self.step(RulesChanged(received_at=now, who="story", book=book(*rows, venue=self.venue)))

    def call(self, roster: str) -> None:
        """Put a roster in force."""
        path = self.folder / "roster.toml"
        path.write_text(roster)
        now = max(self.began, self.engine.state.now)
        made = plan(read_roster(path, self.venue), self.venue, now)
        self.step(RosterChanged(received_at=now, who="story", roster=made))

    # What happens -----------------------------------------------------------------------------------------------

    def happens(self, what: str, at: datetime) -> None:
        """Do what a line says."""
        for pattern, does in HAPPENS.items():
            if found := re.fullmatch(pattern, what):
                does(self, at, *found.groups())
                return
        raise AssertionError(f"the stories don't know: {what}")

    def say(self, *events: Event, at: datetime) -> None:
        """Have messages arrive."""
        for row in events:
            self.step(Arrival(received_at=at, source="story", events=(row,)))

    def alert(self, key: str) -> str:
        """The id of the open alert about something."""
        return next(row.id for row in self.engine.state.alerts.values() if row.key == key)


def said(page: PageOrdered) -> str:
    """The page as a story has it: which step and why, or of how many alerts."""
    if page.kind in ("digest", "summary"):
        return page.reason
    if page.kind == "cleared":
        return f"{page.alerts[0].key}: {page.reason}"
    return f"step {page.step}: {page.reason}"


def forced(story: Story, at: datetime, point: str) -> None:
    """Somebody forces a door."""
    story.say(DoorAlarmChanged(at=at, point=point, alarm="forced_open"), at=at)


def forced_before(story: Story, at: datetime, point: str, minutes: str) -> None:
    """A door tells late that it was forced."""
    then = at - timedelta(minutes=int(minutes))
    story.say(DoorAlarmChanged(at=then, point=point, alarm="forced_open"), at=at)


def shut(story: Story, at: datetime, point: str) -> None:
    """The door is shut again."""
    story.say(DoorAlarmChanged(at=at, point=point, alarm="normal"), at=at)


def many(story: Story, at: datetime, count: str) -> None:
    """Many doors are forced within a minute."""
    for n in range(int(count)):
        then = at + timedelta(minutes=1) * n / int(count)
        story.until(then)
        forced(story, then, f"x{n}")


def fire(story: Story, at: datetime, zone: str) -> None:
    """A detector tells of a fire."""
    story.say(EmergencyFire(at=at, zone=zone), at=at)


def fires(story: Story, at: datetime, count: str) -> None:
    """Many detectors do, within a minute."""
    for n in range(int(count)):
        then = at + timedelta(minutes=1) * n / int(count)
        story.until(then)
        fire(story, then, f"z{n}")


def fire_out(story: Story, at: datetime, zone: str) -> None:
    """The panel is back to normal."""
    story.say(EmergencyCleared(at=at, zone=zone), at=at)


def duress(story: Story, at: datetime, point: str) -> None:
    """Somebody passes under threat."""
    story.say(AccessDuress(at=at, point=point), at=at)


def opened(story: Story, at: datetime, device: str) -> None:
    """Somebody opens a device's case."""
    story.say(DeviceTamper(at=at, device=device, active=True), at=at)


def shut_case(story: Story, at: datetime, device: str) -> None:
    """The case is shut again."""
    story.say(DeviceTamper(at=at, device=device, active=False), at=at)


def acknowledges(story: Story, at: datetime, who: str, key: str) -> None:
    """Somebody says «mine»."""
    story.say(StaffAcknowledge(at=at, who=who, alert=story.alert(key)), at=at)


def shelves(story: Story, at: datetime, who: str, key: str, until: str) -> None:
    """Somebody takes an alert out of sight."""
    end = story.moment(until)
    story.say(StaffShelve(at=at, who=who, alert=story.alert(key), until=end, reason="known"), at=at)


def masks(story: Story, at: datetime, who: str, point: str, until: str) -> None:
    """Somebody says that work at a door is expected."""
    end = story.moment(until)
    story.say(
        StaffMask(at=at, who=who, what="forced", point=point, until=end, reason="works"),
        at=at,
    )


def takes(story: Story, at: datetime, who: str, team: str, until: str) -> None:
    """Somebody takes a shift."""
    end = story.moment(until)
    if end <= at:
        end += timedelta(days=1)
    story.say(StaffOverride(at=at, who=who, team=team, until=end), at=at)


def gives_back(story: Story, at: datetime, who: str, team: str) -> None:
    """Somebody gives a shift back."""
    story.say(StaffRelease(at=at, who=who, team=team), at=at)


def undelivered(story: Story, at: datetime, person: str) -> None:
    """The latest page to somebody can't be delivered by any channel."""
    page = next(row for row in reversed(story.pages) if row.person == person)
    ids = (*(row.id for row in page.alerts), *page.more)
    noticed = MonitorPageUndelivered(at=at, page=page.id, person=person, alerts=ids)
    story.step(Notice(received_at=at, event=noticed))


def stops(story: Story, at: datetime) -> None:
    """The machine loses its power."""
    story.step(Tick(received_at=at))
    story.stopped = at


def starts(story: Story, at: datetime) -> None:
    """It is back, from what it had written down."""
    snapshot = msgspec.json.decode(msgspec.json.encode(story.engine.state), type=State)
    story.engine = Engine(snapshot, lateness=LATENESS, tolerance=TOLERANCE)
    downtime = (at - (story.stopped or at)).total_seconds()
    story.stopped = None
    story.step(Notice(received_at=at, event=MonitorStarted(at=at, downtime_s=downtime)))
    story.step(Notice(received_at=at, event=MonitorConnected(at=at)))


def connected(story: Story, at: datetime) -> None:
    """The broker can be reached again, and sends what it had kept."""
    story.step(Notice(received_at=at, event=MonitorConnected(at=at)))


def caught_up(story: Story, at: datetime) -> None:
    """All that the broker had kept is taken in."""
    story.step(Notice(received_at=at, event=MonitorCaughtUp(at=at)))


def now_counts_as(story: Story, at: datetime, severity: str) -> None:
    """An officer makes the rule about doors graver, or less."""
    story.step(Tick(received_at=at))
    story.put_in_force({"forced": rule(id="forced", severity=severity, match=DOOR)})


def must_be_repaired(story: Story, at: datetime, action: str, lead: str, coordinating: str) -> None:
    """A finding has become work, which one agency leads and another takes part in."""
    said = ActionOpened(
        at=at, action=action, kind="repair", lead=lead, coordinating=(coordinating,)
    )
    story.say(said, at=at)


def nothing(story: Story, at: datetime) -> None:
    """Time goes on."""
    story.step(Tick(received_at=at))


HAPPENS: Mapping[str, Any] = {
    r"(\w+) is forced": forced,
    r"(\w+) tells that it was forced (\d+) minutes ago": forced_before,
    r"(\w+) is shut": shut,
    r"(\d+) doors are forced within a minute": many,
    r"fire in (\w+)": fire,
    r"fire in (\d+) zones within a minute": fires,
    r"fire in (\w+) is out": fire_out,
    r"duress at (\w+)": duress,
    r"the case of (\w+) is opened": opened,
    r"the case of (\w+) is shut": shut_case,
    r"(\w+) acknowledges (\w+)": acknowledges,
    r"(\w+) shelves (\w+) until (\S+)": shelves,
    r"(\w+) masks (\w+) until (\S+)": masks,
    r"(\w+) takes the shift of (\w+) until (\S+)": takes,
    r"(\w+) gives the shift of (\w+) back": gives_back,
    r"the page to (\w+) can't be delivered": undelivered,
    r"the monitor stops": stops,
    r"the monitor starts": starts,
    r"the broker is back": connected,
    r"all is caught up": caught_up,
    r"a forced door counts as (\w+) now": now_counts_as,
    r"(\w+) must be repaired: (\w+) leads, (\w+) takes part": must_be_repaired,
    r"that is all": nothing,
}
"""What can happen in a story, and what does it."""
