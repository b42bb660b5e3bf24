"""Play a story: what happens, line by line, and in between who is paged, exact to the second.

A line is a time and an event, or, with an arrow, a page that must be ordered then:

    20:00:00  d1 is forced
    20:00:00      -> anna: raised, step 1: on call in guards

Every page must be in the story, and no other may be ordered. A line with only a date begins another day.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from difflib import ndiff
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessDuress
from monitor.core.events.commands import (
    StaffAcknowledge,
    StaffEscalate,
    StaffHandOver,
    StaffMask,
    StaffOverride,
    StaffRelease,
    StaffShelve,
)
from monitor.core.events.device import DeviceTamper
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.events.monitor import MonitorCaughtUp, MonitorConnected, MonitorStarted
from monitor.core.events.monitor_delivery import MonitorPageUndelivered
from monitor.core.events.work import ActionOpened
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.inputs import Arrival, Input, Notice, RosterChanged, RulesChanged, Tick
from monitor.core.rules.model import Match, Rule
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.core.transitions import PageOrdered, StaffRefused
from monitor.core.venue.model import Agency, Point, Zone
from monitor.roster import read_roster
from monitor.roster.plan import plan
from monitor.texts import ENGLISH, plain
from tests.support.engine import LATENESS, TOLERANCE, VENUE, on, rule, rule_set

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
    """An engine with people on call, on local time.

    Args:
        day: the first day of the story.
        timezone: of the congress.
        roster: the text of another roster.toml.
        rules: other rules in place of those with the same id.
        doors: how many doors the venue has besides, called ``x0``, ``x1`` ...
        zones: how many zones it has besides, called ``z0``, ``z1`` ...

    """

    def __init__(
        self,
        folder: Path,
        *,
        day: str = "2026-01-01",
        timezone: str = "UTC",
        roster: str = "",
        rules: Mapping[str, Rule] = {},
        doors: int = 0,
        zones: int = 0,
    ) -> None:
        self.zone, self.day = ZoneInfo(timezone), day
        self.folder = folder
        self.venue = replace(
            VENUE,
            congress=replace(VENUE.congress, timezone=timezone),
            agencies=(*VENUE.agencies, Agency(id="works", name="Works")),
            points=(
                *VENUE.points,
                *(
                    Point(id=f"x{n}", name=f"Door {n}", kind="door", zone="hall")
                    for n in range(doors)
                ),
            ),
            zones=(
                *VENUE.zones,
                *(
                    Zone(id=f"z{n}", name=f"Zone {n}", site="centre", capacity=10, area_m2=10.0)
                    for n in range(zones)
                ),
            ),
        )
        self.engine = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
        self.began = self.at("00:00:00")
        self.stopped: datetime | None = None
        """When the machine lost power, until it is back."""
        self.pages: list[PageOrdered] = []
        self.seen: list[str] = []
        """Lines for what people see: pages and refusals."""
        self.put_in_force(rules)
        self.call(roster or ROSTER.read_text())

    def play(self, story: str) -> None:
        """Play all lines, and compare."""
        expected: list[str] = []
        for line in story.strip().splitlines():
            found = LINE.fullmatch(line.strip())
            if found is None:
                self.day = line.strip()
            elif found[2]:
                expected.append(f"{found[1]} {found[3]}")
            else:
                self.until(self.at(found[1]))
                self.happens(found[3], self.at(found[1]))
        difference = ("the story and what people saw differ:", *ndiff(expected, self.seen))
        assert self.seen == expected, "\n".join(difference)

    def at(self, clock: str) -> datetime:
        """Return the time on the present day at which local clocks show this."""
        local = datetime.fromisoformat(f"{self.day}T{clock}").replace(tzinfo=self.zone)
        return local.astimezone(UTC)

    def until(self, t: datetime) -> None:
        """Advance the clock, with a tick for every timer that is due before."""
        while self.stopped is None and (due := self.engine.deadline) is not None and due < t:
            self.step(Tick(received_at=max(due, self.engine.state.time.now)))

    def step(self, given: Input) -> None:
        """Process an input and record what people see of it."""
        for row in self.engine.step(given):
            if isinstance(row, PageOrdered):
                self.pages.append(row)
                self.see(row.at, f"{row.person}: {row.kind}, {reason_of(row)}")
            elif isinstance(row, StaffRefused):
                self.see(row.at, f"{row.who}: refused: {plain(row.reason)}")

    def see(self, at: datetime, what: str) -> None:
        """Record a line with the local time."""
        self.seen.append(f"{at.astimezone(self.zone):%H:%M:%S} {what}")

    def put_in_force(self, rules: Mapping[str, Rule] = {}) -> None:
        """Put the rules of all stories in force, with replacements."""
        rows = {**RULES, **rules}.values()
        now = max(self.began, self.engine.state.time.now)
        self.step(
            RulesChanged(received_at=now, who="story", rule_set=rule_set(*rows, venue=self.venue))
        )

    def call(self, roster: str) -> None:
        """Put a roster in force."""
        path = self.folder / "roster.toml"
        path.write_text(roster)
        now = max(self.began, self.engine.state.time.now)
        made = plan(read_roster(path, self.venue), self.venue, now)
        self.step(RosterChanged(received_at=now, who="story", roster=made))

    # What happens -----------------------------------------------------------------------------------------------

    def happens(self, what: str, at: datetime) -> None:
        """Perform the event of a line."""
        for pattern, does in HAPPENS.items():
            if found := re.fullmatch(pattern, what):
                does(self, at, *found.groups())
                return
        raise AssertionError(f"the stories don't know: {what}")

    def arrive(self, *events: ReceivedEvent, at: datetime) -> None:
        """Let messages arrive."""
        for row in events:
            self.step(Arrival(received_at=at, source="story", events=(row,)))

    def alert(self, key: str) -> str:
        """Return the id of the open alert with a key."""
        return next(row.id for row in self.engine.state.alerts.open.values() if row.key == key)


def reason_of(page: PageOrdered) -> str:
    """Return the reason of a page as the stories write it: the step and why, or the number of alerts."""
    reason = plain(page.reason)
    if page.kind in ("digest", "summary"):
        return reason
    if page.kind == "cleared":
        return f"{page.alerts[0].key}: {reason}"
    return f"step {page.step}: {reason}"


def forced(story: Story, at: datetime, point: str) -> None:
    """A door is forced."""
    story.arrive(DoorAlarmChanged(at=at, point=point, alarm="forced_open"), at=at)


def forced_before(story: Story, at: datetime, point: str, minutes: str) -> None:
    """A door reports late that it was forced."""
    then = at - timedelta(minutes=int(minutes))
    story.arrive(DoorAlarmChanged(at=then, point=point, alarm="forced_open"), at=at)


def shut(story: Story, at: datetime, point: str) -> None:
    """The door is shut again."""
    story.arrive(DoorAlarmChanged(at=at, point=point, alarm="normal"), at=at)


def many(story: Story, at: datetime, count: str) -> None:
    """Many doors are forced within a minute."""
    for n in range(int(count)):
        then = at + timedelta(minutes=1) * n / int(count)
        story.until(then)
        forced(story, then, f"x{n}")


def fire(story: Story, at: datetime, zone: str) -> None:
    """A detector reports a fire."""
    story.arrive(EmergencyFire(at=at, zone=zone), at=at)


def fires(story: Story, at: datetime, count: str) -> None:
    """Many detectors report a fire within a minute."""
    for n in range(int(count)):
        then = at + timedelta(minutes=1) * n / int(count)
        story.until(then)
        fire(story, then, f"z{n}")


def fire_out(story: Story, at: datetime, zone: str) -> None:
    """The fire panel is back to normal."""
    story.arrive(EmergencyCleared(at=at, zone=zone), at=at)


def duress(story: Story, at: datetime, point: str) -> None:
    """A person passes under threat."""
    story.arrive(AccessDuress(at=at, point=point), at=at)


def opened(story: Story, at: datetime, device: str) -> None:
    """A device's case is opened."""
    story.arrive(DeviceTamper(at=at, device=device, active=True), at=at)


def shut_case(story: Story, at: datetime, device: str) -> None:
    """A device's case is shut again."""
    story.arrive(DeviceTamper(at=at, device=device, active=False), at=at)


def acknowledges(story: Story, at: datetime, who: str, key: str) -> None:
    """A person acknowledges an alert."""
    story.arrive(StaffAcknowledge(at=at, who=who, alert=story.alert(key)), at=at)


def hands_over(story: Story, at: datetime, who: str, key: str, to: str) -> None:
    """A person makes another the owner of an alert."""
    story.arrive(StaffHandOver(at=at, who=who, alert=story.alert(key), to=to), at=at)


def escalates(story: Story, at: datetime, who: str, key: str) -> None:
    """A person calls the next step of the escalation policy."""
    story.arrive(StaffEscalate(at=at, who=who, alert=story.alert(key)), at=at)


def shelves(story: Story, at: datetime, who: str, key: str, until: str) -> None:
    """A person shelves an alert."""
    end = story.at(until)
    story.arrive(
        StaffShelve(at=at, who=who, alert=story.alert(key), until=end, reason="known"), at=at
    )


def masks(story: Story, at: datetime, who: str, point: str, until: str) -> None:
    """A person masks a door because of work there."""
    end = story.at(until)
    story.arrive(
        StaffMask(at=at, who=who, what="forced", point=point, until=end, reason="works"),
        at=at,
    )


def takes(story: Story, at: datetime, who: str, team: str, until: str) -> None:
    """A person takes a shift."""
    end = story.at(until)
    if end <= at:
        end += timedelta(days=1)
    story.arrive(StaffOverride(at=at, who=who, team=team, until=end), at=at)


def gives_back(story: Story, at: datetime, who: str, team: str) -> None:
    """A person gives a shift back."""
    story.arrive(StaffRelease(at=at, who=who, team=team), at=at)


def undelivered(story: Story, at: datetime, person: str) -> None:
    """The latest page to a person can't be delivered through any channel."""
    page = next(row for row in reversed(story.pages) if row.person == person)
    ids = (*(row.id for row in page.alerts), *page.more)
    noticed = MonitorPageUndelivered(at=at, page=page.id, person=person, alerts=ids)
    story.step(Notice(received_at=at, event=noticed))


def stops(story: Story, at: datetime) -> None:
    """The machine loses power."""
    story.step(Tick(received_at=at))
    story.stopped = at


def starts(story: Story, at: datetime) -> None:
    """The machine is back, with the state from its snapshot."""
    state = snapshot.decode(snapshot.encode(story.engine.state))
    story.engine = Engine(state, lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
    downtime = (at - (story.stopped or at)).total_seconds()
    story.stopped = None
    story.step(Notice(received_at=at, event=MonitorStarted(at=at, downtime_s=downtime)))
    story.step(Notice(received_at=at, event=MonitorConnected(at=at)))


def connected(story: Story, at: datetime) -> None:
    """The broker is connected again, and sends its queue."""
    story.step(Notice(received_at=at, event=MonitorConnected(at=at)))


def caught_up(story: Story, at: datetime) -> None:
    """The broker's queue has been processed."""
    story.step(Notice(received_at=at, event=MonitorCaughtUp(at=at)))


def now_counts_as(story: Story, at: datetime, severity: str) -> None:
    """An officer changes the severity of the rule about doors."""
    story.step(Tick(received_at=at))
    story.put_in_force({"forced": rule(id="forced", severity=severity, match=DOOR)})


def must_be_repaired(story: Story, at: datetime, action: str, lead: str, coordinating: str) -> None:
    """An action is opened, which one agency leads and another coordinates."""
    event = ActionOpened(
        at=at, action=action, kind="repair", lead=lead, coordinating=(coordinating,)
    )
    story.arrive(event, at=at)


def nothing(story: Story, at: datetime) -> None:
    """Time passes."""
    story.step(Tick(received_at=at))


HAPPENS: Mapping[str, Any] = {
    r"(\w+) is forced": forced,
    r"(\w+) reports that it was forced (\d+) minutes ago": forced_before,
    r"(\w+) is shut": shut,
    r"(\d+) doors are forced within a minute": many,
    r"fire in (\w+)": fire,
    r"fire in (\d+) zones within a minute": fires,
    r"fire in (\w+) is out": fire_out,
    r"duress at (\w+)": duress,
    r"the case of (\w+) is opened": opened,
    r"the case of (\w+) is shut": shut_case,
    r"(\w+) acknowledges (\w+)": acknowledges,
    r"(\w+) hands (\w+) over to (\w+)": hands_over,
    r"(\w+) escalates (\w+)": escalates,
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
"""The events of stories, and the functions that perform them."""
