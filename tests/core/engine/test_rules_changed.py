"""One rule book follows another: what stays, what begins anew, what is closed and why."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.access import AccessDenied, AccessTaken
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline
from monitor.core.events.door import (
    DoorClosed,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorUnlocked,
)
from monitor.core.events.zone import ZoneCount, ZoneOpened
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import (
    Absence,
    Count,
    Fact,
    Hold,
    Level,
    Match,
    Rule,
    RuleBook,
    Severity,
)
from monitor.core.transitions import AlertChanged
from monitor.core.venue.model import Phase, Venue
from tests.support.engine import VENUE, Stage, at, book, fact, on, rule

OPEN = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s")
BURST = Count(of=on("access.denied"), at_least=3, within=timedelta(seconds=60))


def opened(seconds: float, point: str = "d1") -> DoorOpened:
    """A door was opened."""
    return DoorOpened(at=at(seconds), point=point)


def closed(seconds: float, point: str = "d1") -> DoorClosed:
    """A door was closed."""
    return DoorClosed(at=at(seconds), point=point)


def change(stage: Stage, rules: RuleBook, seconds: float) -> None:
    """Put other rules in force."""
    stage.step(RulesChanged(received_at=at(seconds), who="ann", book=rules))


def without(kind: str, name: str) -> Venue:
    """The trial venue less one of its parts."""
    parts: dict[str, dict[str, object]] = {
        "point": {"points": tuple(row for row in VENUE.points if row.id != name)},
        "zone": {"zones": tuple(row for row in VENUE.zones if row.id != name)},
        "device": {"devices": tuple(row for row in VENUE.devices if row.id != name)},
    }
    return replace(VENUE, **parts[kind])


def in_phase(phase: Phase) -> Venue:
    """The trial venue in another phase."""
    return replace(VENUE, congress=replace(VENUE.congress, phase=phase))


def reasons(stage: Stage) -> list[str]:
    """Why alerts were closed."""
    return [
        row.note for row in stage.seen if isinstance(row, AlertChanged) and row.change == "closed"
    ]


@pytest.mark.parametrize(
    "parts",
    [
        {"title": "Another"},
        {"severity": "critical"},
        {"why": "another", "do": "another", "cooldown": timedelta(seconds=9)},
    ],
)
def test_a_rule_that_asks_the_same_keeps_its_memory(parts: dict[str, object]) -> None:
    """A word in its title doesn't make it forget the door that stands open."""
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(opened(0))
    change(stage, book(rule(hold=OPEN, **parts)), 20)
    stage.tick(40)

    assert stage.changes() == ["raised"]
    assert stage.alerts()[0].happened_at == at(30)


def test_a_changed_rule_is_told_what_stands() -> None:
    """The door that stands open counts from when it was opened; one that was closed since doesn't."""
    beside = rule(id="beside", hold=OPEN)
    stage = Stage(book(rule(hold=OPEN), beside))
    stage.say(opened(0), opened(0, "d2"), closed(1, "d2"))
    other = replace(OPEN, start=on("door.opened", where='point != "e1"'))
    change(stage, book(rule(hold=other), beside), 10)
    stage.tick(60)

    assert stage.changes() == stage.changes("beside") == ["raised"]
    assert [row.happened_at for row in stage.alerts("rule")] == [at(30)]


def test_a_new_rule_is_told_what_stands_and_what_has_yet_to_have_its_turn() -> None:
    """It is as if the rule had always been there; but a `match` hears no old news."""
    locked = Hold(start=on("door.locked"), end=on("door.unlocked"), longer_than="0s")
    match = rule(id="match", match=Match(of=on("door.locked"), end=on("door.unlocked")))
    stage = Stage(book(rule(id="beside", hold=locked)))
    stage.say(DoorLocked(at=at(0), point="e1"))
    stage.tick(3600)
    stage.say(DoorUnlocked(at=at(3599), point="d2"), opened(3599))
    change(stage, book(rule(hold=OPEN), rule(id="locked", hold=locked), match), 3600)
    stage.tick(3700)

    assert [(row.key, row.happened_at) for row in stage.alerts("rule")] == [("d1", at(3629))]
    assert [(row.key, row.happened_at) for row in stage.alerts("locked")] == [("e1", at(0))]
    assert stage.alerts("match") == []


def test_a_new_fact_is_told_what_stands() -> None:
    """The same for what rules ask of."""
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(ZoneOpened(at=at(0), zone="hall"), opened(1))
    stage.tick(10)
    known = fact("known", "zone", set=on("zone.opened"), clear=on("zone.closed"))
    change(stage, book(rule(hold=OPEN, while_=["known"], unknown="silent"), known), 20)
    stage.tick(60)

    assert [row.happened_at for row in stage.alerts()] == [at(31)]


def test_what_a_passage_ends_is_not_guessed() -> None:
    """Nobody knows any more whether somebody has passed meanwhile: such a rule begins with the next event."""
    waits = Absence(after=on("door.opened"), of=on("access.taken"), within="10s")
    stage = Stage(book(rule(id="beside", hold=OPEN)))
    stage.say(opened(0), AccessTaken(at=at(1), point="d1"), closed(5))
    stage.tick(20)
    change(stage, book(rule(absence=waits)), 30)
    stage.tick(100)

    assert stage.changes() == []


def test_an_alert_that_is_open_is_not_told_again() -> None:
    """The rule is written otherwise, the door still stands open: it is the same alert, and ends when it is closed.

    That it was closed before doesn't end it.
    """
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(closed(-9))
    stage.say(opened(0))
    stage.tick(60)
    other = replace(OPEN, start=on("door.opened", where='point != "e1"'))
    change(stage, book(rule(hold=other)), 70)
    stage.tick(200)
    stage.say(closed(200))
    stage.tick(210)

    assert stage.changes() == ["raised", "cleared"]


def test_what_is_over_is_not_told_again() -> None:
    """A new rule for what stands isn't there to tell the story: only how it ends."""
    offline = on("device.offline")
    match = Match(of=offline, end=on("device.heartbeat"), replays=True)
    stage = Stage(book(rule(id="beside", hold=OPEN)))
    stage.say(DeviceOffline(at=at(0), device="r1"))
    stage.say(DeviceHeartbeat(at=at(20), device="r1"))
    stage.tick(30)
    change(stage, book(rule(match=match, by="device")), 40)
    stage.tick(50)

    assert stage.changes() == []


@pytest.mark.parametrize("operator", ["hold", "match"])
def test_what_the_monitor_concluded_by_the_clock_stands_too(operator: str) -> None:
    """A silent device is so for a rule that comes later, and for a `match` that is told at once."""
    silent, heard = on("device.silent"), on("device.heartbeat")
    by_operator = {
        "hold": rule(hold=Hold(start=silent, end=heard, longer_than="5s"), by="device"),
        "match": rule(match=Match(of=silent, end=heard, replays=True), by="device"),
    }
    before = Stage(book(by_operator[operator]))
    later = Stage(book(rule(id="beside", hold=OPEN)))
    for stage in (before, later):
        stage.say(DeviceHeartbeat(at=at(0), device="r1"))
        stage.tick(100)
    change(later, book(by_operator[operator]), 110)
    later.tick(120)

    assert before.changes() == later.changes() == ["raised"]


@pytest.mark.parametrize(
    ("limit", "raised_at"), [("20s", 20), ("5s", 5), ("45s", 45), ("point.held_open_limit", 30)]
)
def test_what_lasts_is_measured_by_the_new_limit(limit: str, raised_at: int) -> None:
    """A door that stands open when an officer changes the limit isn't forgotten; over it already, it alerts at once."""
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(opened(0))
    change(stage, book(rule(hold=replace(OPEN, longer_than=limit))), 10)
    stage.tick(13)
    assert bool(stage.alerts()) == (raised_at <= 10)
    stage.tick(60)

    assert [row.happened_at for row in stage.alerts()] == [at(raised_at)]


def test_what_lasts_is_measured_by_the_new_limit_of_the_venue_file() -> None:
    """The rule is the same, only the door's own limit is another; doors that have theirs still aren't touched."""
    points = tuple(
        replace(row, held_open_limit=timedelta(seconds=20)) if row.id == "d1" else row
        for row in VENUE.points
    )
    of_door = rule(hold=replace(OPEN, longer_than="point.held_open_limit"))
    stage = Stage(book(of_door))
    stage.say(opened(0), opened(0, "d2"))

    change(stage, book(of_door, venue=replace(VENUE, points=points)), 10)
    stage.tick(100)

    assert {row.key: row.happened_at for row in stage.alerts()} == {"d1": at(20), "d2": at(30)}


def test_what_is_awaited_is_measured_by_the_new_limit() -> None:
    """The same for what should have followed."""
    awaited = Absence(after=on("door.opened"), of=on("door.closed"), within="60s")
    stage = Stage(book(rule(absence=awaited)))
    stage.say(opened(0))
    change(stage, book(rule(absence=replace(awaited, within="30s"))), 10)
    stage.tick(40)

    assert [row.happened_at for row in stage.alerts()] == [at(30)]


def test_a_balance_is_held_against_the_new_limit() -> None:
    """People who are inside when the limit is changed still are."""
    level = Level(set=on("zone.count"), value="count", above=100.0)
    stage = Stage(book(rule(level=level, by="zone")))
    stage.say(ZoneCount(at=at(0), zone="hall", count=80))
    change(stage, book(rule(level=replace(level, above=50.0), by="zone")), 10)
    stage.say(ZoneCount(at=at(11), zone="hall", count=79))
    stage.tick(20)

    assert len(stage.alerts()) == 1


def test_a_changed_window_says_until_when_it_is_warming_up() -> None:
    """As long as it lacks what came in before; a rule beside it, and one with another title, does not."""
    beside = rule(id="beside", count=BURST)
    stage = Stage(book(rule(count=BURST), beside))
    assert stage.engine.state.warming == {}, "the first rules lack nothing"
    other = replace(BURST, within=timedelta(seconds=90))
    named = replace(beside, title="Another")
    new = rule(id="new", count=BURST)
    change(stage, book(rule(count=other), named, new), 20)
    assert stage.engine.state.warming == {"rule": at(110), "new": at(80)}

    change(stage, book(rule(count=other), named), 90)
    assert stage.engine.state.warming == {"rule": at(110)}
    change(stage, book(rule(count=other), beside), 120)
    assert stage.engine.state.warming == {}


def test_a_changed_rule_keeps_its_open_alerts() -> None:
    """The door stands open, whatever the limit is now; its closing ends the alert."""
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(opened(0))
    stage.tick(40)
    change(stage, book(rule(hold=replace(OPEN, longer_than="99s"))), 50)

    assert len(stage.alerts()) == 1

    stage.say(closed(60))
    stage.tick(70)

    assert stage.changes() == ["raised", "cleared"]


def test_a_changed_count_ends_its_open_alerts() -> None:
    """When the new window, counted from the last event, has emptied."""
    stage = Stage(book(rule(count=BURST)))
    for seconds in (0, 1, 2):
        stage.say(AccessDenied(at=at(seconds), point="d1"))
    stage.tick(10)
    change(stage, book(rule(count=replace(BURST, within=timedelta(seconds=90)))), 20)
    stage.tick(91)

    assert stage.changes() == ["raised"]

    stage.tick(100)

    assert stage.changes() == ["raised", "cleared"]
    assert stage.engine.state.keys["rule"] == {}


@pytest.mark.parametrize(
    "other",
    [
        rule(by="zone", hold=OPEN),
        rule(match=Match(of=on("door.opened"))),
        rule(absence=Absence(after=on("door.opened"), of=on("door.closed"), within="30s")),
    ],
)
def test_an_alert_that_nothing_would_end_is_closed(other: Rule) -> None:
    """The rule goes by something else now, or is of another kind."""
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(opened(0))
    stage.tick(40)
    change(stage, book(other), 50)

    assert reasons(stage) == ["the rule was changed: it ends in another way now"]


@pytest.mark.parametrize("severity", ["high", "life_safety"])
def test_alerts_of_a_rule_that_is_gone_are_closed(severity: Severity) -> None:
    """With that reason, never silently."""
    stage = Stage(book(rule(hold=OPEN, severity=severity)))
    stage.say(opened(0))
    stage.tick(40)
    change(stage, book(), 50)

    assert reasons(stage) == ["the rule is no longer in force"]
    assert stage.alerts() == []
    assert "rule" not in stage.engine.state.keys


def test_a_rule_of_another_phase_is_not_in_force() -> None:
    """Its alerts are closed; back in its phase it begins anew, not with a door of last week."""
    live = rule(hold=OPEN, phase=["live"])
    stage = Stage(book(live))
    stage.say(opened(0))
    stage.tick(40)
    change(stage, book(live, venue=in_phase("teardown")), 50)

    assert reasons(stage) == ["the rule is no longer in force"]

    stage.say(opened(60, "d2"))
    stage.tick(100)
    change(stage, book(live), 200)
    stage.say(opened(210))
    stage.tick(300)

    assert [(alert.key, alert.happened_at) for alert in stage.alerts()] == [("d1", at(240))]


def free(kind: str = "unlocked") -> Fact:
    """A door on free mode."""
    return fact("free", "point", set=on("door.mode", where=f'mode == "{kind}"'))


def test_a_fact_that_is_the_same_keeps_what_is_known() -> None:
    """Another rule beside it changes nothing."""
    watched = rule(match=Match(of=on("door.opened")), while_=["free"], unknown="silent")
    stage = Stage(book(watched, free()))
    stage.say(DoorModeChanged(at=at(0), point="d1", mode="unlocked"))
    change(stage, book(watched, free(), rule(id="beside", hold=OPEN)), 10)
    stage.say(opened(20))
    stage.tick(30)

    assert stage.changes() == ["raised"]


@pytest.mark.parametrize("facts", [(free("locked_open"),), (), (free(),)])
def test_a_changed_fact_is_unknown_again(facts: tuple[Fact, ...]) -> None:
    """What was known of another definition is not known of this one."""
    stage = Stage(book(free()))
    stage.say(DoorModeChanged(at=at(0), point="d1", mode="unlocked"))
    stage.tick(5)
    change(stage, book(*facts), 10)

    assert ("free" in stage.engine.state.facts) is (facts == (free(),))


def test_new_rules_and_facts_are_told_how_the_zones_stand() -> None:
    """Nobody has to come in or inspect again for a rule that was written while people were inside."""
    inside = fact("inside", "zone", set=on("zone.occupancy", where="count > 0"))
    full = rule(id="full", by="zone", level=Level(set=on("zone.occupancy"), value="count", above=3))
    passed = fact("passed", "zone", set=on("zone.inspected", where='state == "passed"'))
    stage = Stage(book())
    stage.say(ZoneCount(at=at(0), zone="hall", count=5))
    stage.tick(10)
    change(stage, book(inside, full, passed), 20)

    assert stage.engine.state.facts["inside"]["hall"].holds
    assert stage.engine.state.facts["passed"].keys() == {"foyer"}
    assert [alert.key for alert in stage.alerts("full")] == ["hall"]


def test_to_a_match_it_is_no_news() -> None:
    """How a zone stood before is not an event of now."""
    news = rule(by="zone", match=Match(of=on("zone.occupancy", where="count > 0")), while_=["x"])
    never = fact("x", "zone", set=on("zone.opened"))
    stage = Stage(book(news, never))
    stage.say(ZoneCount(at=at(0), zone="hall", count=5))
    stage.tick(10)
    change(stage, book(news, never), 20)
    stage.tick(30)

    assert stage.changes() == ["raised"]


def test_a_count_under_way_is_not_overtaken_by_the_change() -> None:
    """The count that waits for its turn when the rules change still counts, for facts too."""
    inside = fact(
        "inside",
        "zone",
        set=on("zone.occupancy", where="count > 0"),
        clear=on("zone.occupancy", where="count == 0"),
    )
    stage = Stage(book(inside))
    stage.say(ZoneCount(at=at(0), zone="hall", count=5))
    stage.tick(10)
    stage.say(ZoneCount(at=at(10), zone="hall", count=0))
    change(stage, book(inside), 11)
    stage.tick(20)

    assert not stage.engine.state.facts["inside"]["hall"].holds


def test_what_the_venue_names_is_expected() -> None:
    """A device that is new in the venue file has to be heard of; one that is expected already isn't asked anew."""
    beat = on("device.heartbeat")
    silent = rule(
        by="device",
        absence=Absence(after=(on("device.expected"), beat), of=beat, within="60s"),
    )
    stage = Stage(book(silent))
    change(stage, book(silent), 30)
    stage.tick(70)

    assert [alert.happened_at for alert in stage.alerts()] == [at(60)]


# What the venue no longer has -----------------------------------------------------------------------------------


def test_a_device_that_was_taken_down_is_not_missed() -> None:
    """Its alert is closed with that reason; it isn't waited for any more."""
    beat = on("device.heartbeat")
    silent = rule(by="device", absence=Absence(after=beat, of=beat, within="60s"))
    stage = Stage(book(silent))
    stage.say(DeviceHeartbeat(at=at(0), device="r1"))
    stage.tick(70)
    change(stage, book(silent, venue=without("device", "r1")), 80)

    assert reasons(stage) == ["venue.toml no longer has it"]
    assert stage.engine.state.keys["rule"] == {}


def test_a_point_that_is_gone_is_gone_from_keys_of_two_parts() -> None:
    """One part of the key is enough."""
    both = rule(by="zone point", hold=OPEN)
    stage = Stage(book(both))
    stage.say(opened(0), opened(0, "e1"))
    stage.tick(40)
    change(stage, book(both, venue=without("point", "d1")), 50)

    assert reasons(stage) == ["venue.toml no longer has it"]
    assert [alert.key for alert in stage.alerts()] == ["hall / e1"]
    assert stage.engine.state.keys["rule"].keys() == {"hall / e1"}


def test_what_the_venue_never_had_stays() -> None:
    """An unknown door was followed before and is after."""
    stage = Stage(book(rule(hold=OPEN)))
    stage.say(opened(0, "x9"))
    change(stage, book(rule(hold=OPEN), venue=without("point", "d1")), 10)
    stage.tick(40)

    assert [alert.key for alert in stage.alerts()] == ["x9"]


def test_a_new_capacity_is_written_down() -> None:
    """The fire-safety officer lowers it: the zone's standing says so."""
    hall = next(row for row in VENUE.zones if row.id == "hall")
    lower = replace(VENUE, zones=(replace(hall, capacity=5), VENUE.zones[1]))
    stage = Stage(book())
    stage.say(ZoneOpened(at=at(5), zone="hall"))
    stage.tick(10)
    change(stage, book(venue=lower), 20)

    assert stage.standings("hall")[-1].standing.capacity == 5
    assert stage.standings("hall")[-1].standing.open is True


def test_a_lower_capacity_counts_at_once() -> None:
    """Seven people in a hall for five: nobody waits for an eighth."""
    full = rule(
        by="zone", level=Level(set=on("zone.occupancy"), value="count", above="zone.capacity")
    )
    hall = next(row for row in VENUE.zones if row.id == "hall")
    lower = replace(VENUE, zones=(replace(hall, capacity=5), VENUE.zones[1]))
    stage = Stage(book(full))
    stage.say(ZoneCount(at=at(0), zone="hall", count=7))
    stage.tick(10)
    change(stage, book(full, venue=lower), 20)

    assert stage.changes() == ["raised"]
