"""One rule set replaces another: what is kept, what starts anew, what is closed and why."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.alert import Change
from monitor.core.events.access import AccessDenied, AccessTaken
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline
from monitor.core.events.door import (
    DoorClosed,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorUnlocked,
)
from monitor.core.events.inspection import InspectionItem, InspectionSubmitted, Item
from monitor.core.events.zone import ZoneCount, ZoneOpened
from monitor.core.inputs import RulesChanged
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import (
    Absence,
    Count,
    Fact,
    Hold,
    Level,
    Match,
    Rule,
    RuleSet,
    Severity,
)
from monitor.core.transitions import AlertChanged
from monitor.core.venue.model import Venue
from monitor.core.venue.words import Phase
from tests.support.engine import LATENESS, VENUE, EngineHarness, at, fact, on, rule, rule_set

OPEN = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s")
BURST = Count(of=on("access.denied"), at_least=3, within=timedelta(seconds=60))


def opened(seconds: float, point: str = "d1") -> DoorOpened:
    """A door was opened."""
    return DoorOpened(at=at(seconds), point=point)


def closed(seconds: float, point: str = "d1") -> DoorClosed:
    """A door was closed."""
    return DoorClosed(at=at(seconds), point=point)


def change(harness: EngineHarness, rules: RuleSet, seconds: float) -> None:
    """Put other rules in force."""
    harness.step(RulesChanged(received_at=at(seconds), who="ann", rule_set=rules))


def without(kind: str, name: str) -> Venue:
    """The trial venue without one of its parts."""
    parts: dict[str, dict[str, object]] = {
        "point": {"points": tuple(row for row in VENUE.points if row.id != name)},
        "zone": {"zones": tuple(row for row in VENUE.zones if row.id != name)},
        "device": {"devices": tuple(row for row in VENUE.devices if row.id != name)},
    }
    return replace(VENUE, **parts[kind])


def in_phase(phase: Phase) -> Venue:
    """The trial venue in another phase."""
    return replace(VENUE, congress=replace(VENUE.congress, phase=phase))


def reasons(harness: EngineHarness) -> list[Phrase | str]:
    """The reasons for which alerts were closed."""
    return [
        row.note for row in harness.seen if isinstance(row, AlertChanged) and row.change == "closed"
    ]


@pytest.mark.parametrize(
    "parts",
    [
        {"title": "Another"},
        {"severity": "critical"},
        {"why": "another", "do": "another", "cooldown": timedelta(seconds=9)},
    ],
)
def test_a_rule_with_the_same_condition_keeps_its_state(parts: dict[str, object]) -> None:
    """A change of its title does not make it forget the open door."""
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(opened(0))
    change(harness, rule_set(rule(hold=OPEN, **parts)), 20)
    harness.tick(40)

    assert harness.changes() == ["raised"]
    assert harness.alerts()[0].happened_at == at(30)


def test_a_changed_rule_learns_the_last_values() -> None:
    """The open door counts from when it was opened; one that has been closed since does not."""
    beside = rule(id="beside", hold=OPEN)
    harness = EngineHarness(rule_set(rule(hold=OPEN), beside))
    harness.receive(opened(0), opened(0, "d2"), closed(1, "d2"))
    other = replace(OPEN, start=on("door.opened", where='point != "e1"'))
    change(harness, rule_set(rule(hold=other), beside), 10)
    harness.tick(60)

    assert harness.changes() == harness.changes("beside") == ["raised"]
    assert [row.happened_at for row in harness.alerts("rule")] == [at(30)]


def test_a_new_rule_learns_last_values_and_buffered_events() -> None:
    """A new rule behaves as if it had always been there, but a `match` ignores events from before."""
    locked = Hold(start=on("door.locked"), end=on("door.unlocked"), longer_than="0s")
    match = rule(id="match", match=Match(of=on("door.locked"), end=on("door.unlocked")))
    harness = EngineHarness(rule_set(rule(id="beside", hold=locked)))
    harness.receive(DoorLocked(at=at(0), point="e1"))
    harness.tick(3600)
    harness.receive(DoorUnlocked(at=at(3599), point="d2"), opened(3599))
    change(harness, rule_set(rule(hold=OPEN), rule(id="locked", hold=locked), match), 3600)
    harness.tick(3700)

    assert [(row.key, row.happened_at) for row in harness.alerts("rule")] == [("d1", at(3629))]
    assert [(row.key, row.happened_at) for row in harness.alerts("locked")] == [("e1", at(0))]
    assert harness.alerts("match") == []


def test_a_new_fact_learns_the_last_values() -> None:
    """A new fact that a rule refers to learns the last values too."""
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(ZoneOpened(at=at(0), zone="hall"), opened(1))
    harness.tick(10)
    known = fact("known", "zone", set=on("zone.opened"), clear=on("zone.closed"))
    change(harness, rule_set(rule(hold=OPEN, while_=["known"], unknown="silent"), known), 20)
    harness.tick(60)

    assert [row.happened_at for row in harness.alerts()] == [at(31)]


def test_an_end_by_passage_is_not_guessed() -> None:
    """A rule that ends by a passage starts with the next event, because a passage may have happened meanwhile."""
    waits = Absence(after=on("door.opened"), of=on("access.taken"), within="10s")
    harness = EngineHarness(rule_set(rule(id="beside", hold=OPEN)))
    harness.receive(opened(0), AccessTaken(at=at(1), point="d1"), closed(5))
    harness.tick(20)
    change(harness, rule_set(rule(absence=waits)), 30)
    harness.tick(100)

    assert harness.changes() == []


def test_an_open_alert_is_not_raised_again() -> None:
    """The rule changes while the door is open: it is the same alert, and closing the door ends it.

    An earlier closing does not end it.
    """
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(closed(-9))
    harness.receive(opened(0))
    harness.tick(60)
    other = replace(OPEN, start=on("door.opened", where='point != "e1"'))
    change(harness, rule_set(rule(hold=other)), 70)
    harness.tick(200)
    harness.receive(closed(200))
    harness.tick(210)

    assert harness.changes() == ["raised", "cleared"]


def test_what_is_over_is_not_raised_again() -> None:
    """A new rule does not raise what has ended before; it only sees how that ended."""
    offline = on("device.offline")
    match = Match(of=offline, end=on("device.heartbeat"), replays=True)
    harness = EngineHarness(rule_set(rule(id="beside", hold=OPEN)))
    harness.receive(DeviceOffline(at=at(0), device="r1"))
    harness.receive(DeviceHeartbeat(at=at(20), device="r1"))
    harness.tick(30)
    change(harness, rule_set(rule(match=match, by="device")), 40)
    harness.tick(50)

    assert harness.changes() == []


@pytest.mark.parametrize("operator", ["hold", "match"])
def test_derived_last_values_count_too(operator: str) -> None:
    """A silent device counts for a rule that is added later, and for a `match` that accepts replayed events."""
    silent, received = on("device.silent"), on("device.heartbeat")
    by_operator = {
        "hold": rule(hold=Hold(start=silent, end=received, longer_than="5s"), by="device"),
        "match": rule(match=Match(of=silent, end=received, replays=True), by="device"),
    }
    before = EngineHarness(rule_set(by_operator[operator]))
    later = EngineHarness(rule_set(rule(id="beside", hold=OPEN)))
    for harness in (before, later):
        harness.receive(DeviceHeartbeat(at=at(0), device="r1"))
        harness.tick(100)
    change(later, rule_set(by_operator[operator]), 110)
    later.tick(120)

    assert before.changes() == later.changes() == ["raised"]


@pytest.mark.parametrize(
    ("limit", "raised_at"), [("20s", 20), ("5s", 5), ("45s", 45), ("point.held_open_limit", 30)]
)
def test_a_hold_uses_the_new_limit(limit: str, raised_at: int) -> None:
    """An open door is not forgotten when its limit changes; if the new one has passed, the alert is raised at once."""
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(opened(0))
    change(harness, rule_set(rule(hold=replace(OPEN, longer_than=limit))), 10)
    harness.tick(13)
    assert bool(harness.alerts()) == (raised_at <= 10)
    harness.tick(60)

    assert [row.happened_at for row in harness.alerts()] == [at(raised_at)]


def test_a_hold_uses_the_new_limit_of_the_venue_file() -> None:
    """Only the door's own limit changes, not the rule; doors with unchanged limits are unaffected."""
    points = tuple(
        replace(row, held_open_limit=timedelta(seconds=20)) if row.id == "d1" else row
        for row in VENUE.points
    )
    of_door = rule(hold=replace(OPEN, longer_than="point.held_open_limit"))
    harness = EngineHarness(rule_set(of_door))
    harness.receive(opened(0), opened(0, "d2"))

    change(harness, rule_set(of_door, venue=replace(VENUE, points=points)), 10)
    harness.tick(100)

    assert {row.key: row.happened_at for row in harness.alerts()} == {"d1": at(20), "d2": at(30)}


def test_an_absence_uses_the_new_limit() -> None:
    """A rule about an awaited event uses its new limit at once, too."""
    awaited = Absence(after=on("door.opened"), of=on("door.closed"), within="60s")
    harness = EngineHarness(rule_set(rule(absence=awaited)))
    harness.receive(opened(0))
    change(harness, rule_set(rule(absence=replace(awaited, within="30s"))), 10)
    harness.tick(40)

    assert [row.happened_at for row in harness.alerts()] == [at(30)]


def test_a_balance_is_compared_with_the_new_limit() -> None:
    """People inside when the limit changes are still inside."""
    level = Level(set=on("zone.count"), value="count", above=100.0)
    harness = EngineHarness(rule_set(rule(level=level, by="zone")))
    harness.receive(ZoneCount(at=at(0), zone="hall", count=80))
    change(harness, rule_set(rule(level=replace(level, above=50.0), by="zone")), 10)
    harness.receive(ZoneCount(at=at(11), zone="hall", count=79))
    harness.tick(20)

    assert len(harness.alerts()) == 1


def test_a_changed_window_is_warming_up() -> None:
    """A rule with a changed window is warming up as long as it lacks earlier events.

    Another rule, and one with only a new title, is not.
    """
    beside = rule(id="beside", count=BURST)
    harness = EngineHarness(rule_set(rule(count=BURST), beside))
    assert harness.engine.state.rules.warming == {}, "the first rules lack nothing"
    other = replace(BURST, within=timedelta(seconds=90))
    named = replace(beside, title="Another")
    new = rule(id="new", count=BURST)
    change(harness, rule_set(rule(count=other), named, new), 20)
    assert harness.engine.state.rules.warming == {"rule": at(110), "new": at(80)}

    change(harness, rule_set(rule(count=other), named), 90)
    assert harness.engine.state.rules.warming == {"rule": at(110)}
    change(harness, rule_set(rule(count=other), beside), 120)
    assert harness.engine.state.rules.warming == {}


def test_a_changed_rule_keeps_its_open_alerts() -> None:
    """The door is still open, whatever the limit is now; closing it ends the alert."""
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(opened(0))
    harness.tick(40)
    change(harness, rule_set(rule(hold=replace(OPEN, longer_than="99s"))), 50)

    assert len(harness.alerts()) == 1

    harness.receive(closed(60))
    harness.tick(70)

    assert harness.changes() == ["raised", "cleared"]


def test_a_changed_count_ends_its_open_alerts() -> None:
    """They end when the new window, counted from the last event, has emptied."""
    harness = EngineHarness(rule_set(rule(count=BURST)))
    for seconds in (0, 1, 2):
        harness.receive(AccessDenied(at=at(seconds), point="d1"))
    harness.tick(10)
    change(harness, rule_set(rule(count=replace(BURST, within=timedelta(seconds=90)))), 20)
    harness.tick(91)

    assert harness.changes() == ["raised"]

    harness.tick(100)

    assert harness.changes() == ["raised", "cleared"]
    assert harness.engine.state.rules.keys["rule"] == {}


@pytest.mark.parametrize(
    "other",
    [
        rule(by="zone", hold=OPEN),
        rule(match=Match(of=on("door.opened"))),
        rule(absence=Absence(after=on("door.opened"), of=on("door.closed"), within="30s")),
    ],
)
def test_an_alert_that_can_no_longer_end_is_closed(other: Rule) -> None:
    """An alert is closed if its rule now has another key or is of another kind."""
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(opened(0))
    harness.tick(40)
    change(harness, rule_set(other), 50)

    assert reasons(harness) == [phrase("rule-changed")]


@pytest.mark.parametrize("severity", ["high", "life_safety"])
def test_alerts_of_a_removed_rule_are_closed(severity: Severity) -> None:
    """The closing of such an alert gives the reason; it is never silent."""
    harness = EngineHarness(rule_set(rule(hold=OPEN, severity=severity)))
    harness.receive(opened(0))
    harness.tick(40)
    change(harness, rule_set(), 50)

    assert reasons(harness) == [phrase("rule-not-in-force")]
    assert harness.alerts() == []
    assert "rule" not in harness.engine.state.rules.keys


def test_a_rule_of_another_phase_is_not_in_force() -> None:
    """The alerts of a rule of another phase are closed, and it raises none until its phase."""
    live = rule(hold=OPEN, phase=["live"])
    harness = EngineHarness(rule_set(live))
    harness.receive(opened(0))
    harness.tick(40)
    change(harness, rule_set(live, venue=in_phase("teardown")), 50)

    assert reasons(harness) == [phrase("rule-not-in-force")]

    harness.receive(opened(60, "d2"))
    harness.tick(100)

    assert harness.alerts() == []


STANDING = {
    "hold": rule(hold=OPEN, phase=["live"]),
    "match": rule(match=Match(of=on("door.opened"), end=on("door.closed")), phase=["live"]),
    "match in order": rule(
        match=Match(of=on("door.opened"), end=on("door.closed")),
        phase=["live"],
        while_=["not free"],
    ),
}


@pytest.mark.parametrize(("kind", "after"), [("hold", 30), ("match", 0), ("match in order", 0)])
def test_a_new_phase_judges_what_is_still_the_case(kind: str, after: int) -> None:
    """Doors opened before the new phase and still open count from its start, as with the hours of a schedule."""
    live = STANDING[kind]
    harness = EngineHarness(rule_set(live, free(), venue=in_phase("prepare")))
    harness.receive(opened(0), opened(0, "d2"), closed(1, "d2"))
    harness.tick(100)
    change(harness, rule_set(live, free()), 200)
    harness.tick(300)

    (alert,) = harness.alerts()
    assert alert.key == "d1"
    assert timedelta(0) <= at(200 + after) - alert.happened_at <= 2 * LATENESS
    assert not alert.late

    harness.receive(closed(310))
    harness.tick(320)

    assert harness.changes() == ["raised", "cleared"]


def test_a_new_phase_leaves_out_what_a_match_never_fires_on() -> None:
    """A `match` fires in no phase on what a controller had kept; an event without an end is over."""
    kept = rule(match=Match(of=on("door.opened"), end=on("door.closed")), phase=["live"])
    moment = rule(id="moment", match=Match(of=on("door.opened")), phase=["live"])
    harness = EngineHarness(rule_set(kept, moment, venue=in_phase("prepare")))
    harness.receive(opened(0), retained=True)
    harness.receive(opened(1, "d2"))
    harness.tick(100)
    change(harness, rule_set(kept, moment), 200)
    harness.tick(300)

    assert [row.key for row in harness.alerts()] == ["d2"]
    assert harness.alerts("moment") == []


def test_a_window_of_a_new_phase_is_warming_up() -> None:
    """The window of a new phase lacks what happened before it."""
    live = rule(count=BURST, phase=["live"])
    harness = EngineHarness(rule_set(live, rule(id="beside", hold=OPEN), venue=in_phase("prepare")))
    change(harness, rule_set(live, rule(id="beside", hold=OPEN)), 20)

    assert harness.engine.state.rules.warming == {"rule": at(80)}


def free(kind: str = "unlocked") -> Fact:
    """A door in free mode."""
    return fact("free", "point", set=on("door.mode", where=f'mode == "{kind}"'))


def test_an_unchanged_fact_keeps_its_values() -> None:
    """A change of another rule does not change the values of a fact."""
    watched = rule(match=Match(of=on("door.opened")), while_=["free"], unknown="silent")
    harness = EngineHarness(rule_set(watched, free()))
    harness.receive(DoorModeChanged(at=at(0), point="d1", mode="unlocked"))
    change(harness, rule_set(watched, free(), rule(id="beside", hold=OPEN)), 10)
    harness.receive(opened(20))
    harness.tick(30)

    assert harness.changes() == ["raised"]


@pytest.mark.parametrize("facts", [(free("locked_open"),), (), (free(),)])
def test_a_changed_fact_is_unknown_again(facts: tuple[Fact, ...]) -> None:
    """Values of the old definition do not apply to the new one."""
    harness = EngineHarness(rule_set(free()))
    harness.receive(DoorModeChanged(at=at(0), point="d1", mode="unlocked"))
    harness.tick(5)
    change(harness, rule_set(*facts), 10)

    assert bool(harness.engine.state.rules.facts.get("free")) is (facts == (free(),))


def test_new_rules_and_facts_learn_the_state_of_zones() -> None:
    """No new passage or inspection is needed for a rule that is added while people are inside."""
    inside = fact("inside", "zone", set=on("zone.occupancy", where="count > 0"))
    full = rule(id="full", by="zone", level=Level(set=on("zone.occupancy"), value="count", above=3))
    passed = fact("passed", "zone", set=on("zone.inspected", where='state == "passed"'))
    harness = EngineHarness(rule_set())
    harness.receive(ZoneCount(at=at(0), zone="hall", count=5))
    harness.tick(10)
    change(harness, rule_set(inside, full, passed), 20)

    assert harness.engine.state.rules.facts["inside"]["hall"].holds
    assert harness.engine.state.rules.facts["passed"].keys() == {"foyer"}
    assert [alert.key for alert in harness.alerts("full")] == ["hall"]


def test_a_match_ignores_the_earlier_state() -> None:
    """The state of a zone from before is not an event of now."""
    match = rule(by="zone", match=Match(of=on("zone.occupancy", where="count > 0")), while_=["x"])
    never = fact("x", "zone", set=on("zone.opened"))
    harness = EngineHarness(rule_set(match, never))
    harness.receive(ZoneCount(at=at(0), zone="hall", count=5))
    harness.tick(10)
    change(harness, rule_set(match, never), 20)
    harness.tick(30)

    assert harness.changes() == ["raised"]


def test_a_buffered_count_is_not_overtaken_by_the_change() -> None:
    """A count that is buffered when the rules change still counts, for facts too."""
    inside = fact(
        "inside",
        "zone",
        set=on("zone.occupancy", where="count > 0"),
        clear=on("zone.occupancy", where="count == 0"),
    )
    harness = EngineHarness(rule_set(inside))
    harness.receive(ZoneCount(at=at(0), zone="hall", count=5))
    harness.tick(10)
    harness.receive(ZoneCount(at=at(10), zone="hall", count=0))
    change(harness, rule_set(inside), 11)
    harness.tick(20)

    assert not harness.engine.state.rules.facts["inside"]["hall"].holds


def test_new_devices_are_expected() -> None:
    """A device that is new in the venue file must report; the wait for a known one does not start anew."""
    beat = on("device.heartbeat")
    silent = rule(
        by="device",
        absence=Absence(after=(on("device.expected"), beat), of=beat, within="60s"),
    )
    harness = EngineHarness(rule_set(silent))
    change(harness, rule_set(silent), 30)
    harness.tick(70)

    assert [alert.happened_at for alert in harness.alerts()] == [at(60)]


# What the venue no longer has -----------------------------------------------------------------------------------


def test_a_removed_device_is_not_missed() -> None:
    """The alert of a removed device is closed with that reason, and the device is no longer awaited."""
    beat = on("device.heartbeat")
    silent = rule(by="device", absence=Absence(after=beat, of=beat, within="60s"))
    harness = EngineHarness(rule_set(silent))
    harness.receive(DeviceHeartbeat(at=at(0), device="r1"))
    harness.tick(70)
    change(harness, rule_set(silent, venue=without("device", "r1")), 80)

    assert reasons(harness) == [phrase("not-in-venue")]
    assert harness.engine.state.rules.keys["rule"] == {}


def test_a_removed_point_leaves_keys_of_two_parts() -> None:
    """A removed point is enough to remove a key in which it is one of two parts."""
    both = rule(by="zone point", hold=OPEN)
    harness = EngineHarness(rule_set(both))
    harness.receive(opened(0), opened(0, "e1"))
    harness.tick(40)
    change(harness, rule_set(both, venue=without("point", "d1")), 50)

    assert reasons(harness) == [phrase("not-in-venue")]
    assert [alert.key for alert in harness.alerts()] == ["hall / e1"]
    assert harness.engine.state.rules.keys["rule"].keys() == {"hall / e1"}


def test_what_the_venue_never_had_stays() -> None:
    """An unknown door is followed before and after the change."""
    harness = EngineHarness(rule_set(rule(hold=OPEN)))
    harness.receive(opened(0, "x9"))
    change(harness, rule_set(rule(hold=OPEN), venue=without("point", "d1")), 10)
    harness.tick(40)

    assert [alert.key for alert in harness.alerts()] == ["x9"]


def test_a_new_capacity_is_recorded() -> None:
    """The fire-safety officer lowers it, and the zone change shows it."""
    hall = next(row for row in VENUE.zones if row.id == "hall")
    lower = replace(VENUE, zones=(replace(hall, capacity=5), VENUE.zones[1]))
    harness = EngineHarness(rule_set())
    harness.receive(ZoneOpened(at=at(5), zone="hall"))
    harness.tick(10)
    change(harness, rule_set(venue=lower), 20)

    assert harness.zone_changes("hall")[-1].status.capacity == 5
    assert harness.zone_changes("hall")[-1].status.open is True


def test_a_lower_capacity_applies_at_once() -> None:
    """Seven people in a hall for five: the alert does not wait for an eighth."""
    full = rule(
        by="zone", level=Level(set=on("zone.occupancy"), value="count", above="zone.capacity")
    )
    hall = next(row for row in VENUE.zones if row.id == "hall")
    lower = replace(VENUE, zones=(replace(hall, capacity=5), VENUE.zones[1]))
    harness = EngineHarness(rule_set(full))
    harness.receive(ZoneCount(at=at(0), zone="hall", count=7))
    harness.tick(10)
    change(harness, rule_set(full, venue=lower), 20)

    assert harness.changes() == ["raised"]


def test_an_answer_that_was_superseded_clears_nothing() -> None:
    """A form of an earlier inspection that arrived last is not the latest finding for rules that start over, either."""
    of, end = on("inspection.item", where='result == "na"'), on("inspection.item")
    harness = EngineHarness(rule_set(rule(by="checklist item", match=Match(of=of, end=end))))
    harness.receive(
        InspectionItem(at=at(5), checklist="check", inspection="i1", item="exits-free", result="na")
    )
    earlier = (Item(item="exits-free", result="pass"),)
    harness.receive(
        InspectionSubmitted(
            at=at(7), checklist="check", inspection="i1", finished_at=at(0), items=earlier
        )
    )
    harness.tick(20)
    assert harness.changes() == [Change.RAISED]

    again = rule(by="checklist item", match=Match(of=(of, of), end=end))
    change(harness, rule_set(again), 21)
    assert harness.changes() == [Change.RAISED]
