"""Commands about holders: the roll of a fire alarm and of a drill, who is ticked off, and searches with a reason."""

import pytest

from monitor.core.events.access import AccessGranted, AccessMuster
from monitor.core.events.muster import AboutHolders, StaffAccountFor, StaffLookup, StaffMuster
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.phrase import phrase
from monitor.core.state import snapshot
from monitor.core.state.people import MusterRoll
from monitor.core.transitions import refusal_in
from tests.support.engine import RULE_SET, EngineHarness, at

MISSING, NOT_BEGUN = "muster-incomplete", "muster-not-begun"


@pytest.fixture
def harness() -> EngineHarness:
    """Three badges are in the hall."""
    made = EngineHarness(RULE_SET)
    for n in (1, 2, 3):
        made.receive(AccessGranted(at=at(n), point="d1", holder=f"h{n}", direction="in"))
    made.tick(30)
    return made


def roll(harness: EngineHarness) -> MusterRoll:
    """The roll of the centre."""
    return harness.engine.state.people.rolls["centre"]


def reported(harness: EngineHarness) -> dict[str, str]:
    """How each holder on the roll has reported; empty: not at all."""
    entries = roll(harness).entries.items()
    return {own: "" if row.reported is None else row.reported.how for own, row in entries}


def fire(harness: EngineHarness, seconds: float) -> None:
    """A fire alarm in the hall, once the watermark has passed it."""
    harness.receive(EmergencyFire(at=at(seconds), zone="hall"))
    harness.tick(seconds + 5)


def ticked(harness: EngineHarness, seconds: float, holder: str, *, undo: bool = False) -> None:
    """Ann ticks a holder off, or takes it back."""
    command = StaffAccountFor(at=at(seconds), who="ann", site="centre", holder=holder, undo=undo)
    harness.receive(command)


def missing(harness: EngineHarness) -> set[str]:
    """The holders for whom there is an alert."""
    return {row.key for row in harness.alerts(MISSING) if row.cleared_at is None}


def test_a_fire_alarm_makes_a_roll_of_everyone_inside(harness: EngineHarness) -> None:
    """By badge, by hand or by leaving: each is on the roll with how they reported, and where they were before."""
    fire(harness, 60)
    harness.receive(AccessMuster(at=at(100), point="g1", holder="h1"))
    harness.receive(AccessGranted(at=at(101), point="d1", holder="h2", direction="out"))
    harness.tick(110)
    ticked(harness, 120, "h3")

    assert roll(harness).since == at(60)
    assert {row.zone for row in roll(harness).entries.values()} == {"hall"}
    found = reported(harness)
    assert (found["h1"], found["h3"]) == ("badge", "hand")
    entry = roll(harness).entries["h3"].reported
    assert entry is not None
    assert (entry.at, entry.who) == (at(120), "ann")


def test_who_is_ticked_off_is_not_missing(harness: EngineHarness) -> None:
    """Rules learn of it like of a badge: the muster has begun, and nobody is paged about this person."""
    fire(harness, 60)
    for holder in ("h1", "h2"):
        ticked(harness, 120, holder)
    harness.tick(800)

    assert missing(harness) == {"h3"}
    assert harness.changes(NOT_BEGUN) == []

    ticked(harness, 900, "h3")
    harness.tick(910)
    assert missing(harness) == set()


def test_a_tick_can_be_taken_back(harness: EngineHarness) -> None:
    """The person is awaited again, for ten minutes from then."""
    fire(harness, 60)
    for holder in ("h1", "h2", "h3"):
        ticked(harness, 100, holder)
    ticked(harness, 200, "h1", undo=True)
    assert reported(harness)["h1"] == ""
    harness.tick(790)
    assert missing(harness) == set()
    harness.tick(900)
    assert missing(harness) == {"h1"}


def test_nobody_is_paged_about_a_drill(harness: EngineHarness) -> None:
    """A drill has a roll, badges count, and no alert follows from it."""
    harness.receive(StaffMuster(at=at(60), who="ann", site="centre"))
    assert (roll(harness).drill_by, roll(harness).since) == ("ann", at(60))
    harness.receive(AccessMuster(at=at(100), point="g1", holder="h1"))
    harness.tick(105)
    ticked(harness, 110, "h2")
    harness.tick(2000)

    assert reported(harness) == {"h1": "badge", "h2": "hand", "h3": ""}
    assert missing(harness) == set()
    assert harness.changes(NOT_BEGUN) == []

    over = StaffMuster(at=at(2010), who="ann", site="centre", active=False)
    assert harness.receive(over) == []
    assert roll(harness).over_at == at(2010)
    assert refusal_in(harness.receive(over)) == phrase("muster-off")


def test_a_fire_alarm_replaces_a_drill(harness: EngineHarness) -> None:
    """Everyone has to report anew: the drill says nothing about who is out now."""
    harness.receive(StaffMuster(at=at(60), who="ann", site="centre"))
    ticked(harness, 70, "h1")
    fire(harness, 100)

    assert roll(harness).drill_by == ""
    assert set(reported(harness).values()) == {""}


def test_a_roll_outlives_the_alarm_and_a_restart(harness: EngineHarness) -> None:
    """When the panel is reset, people may still be missing: the list stays, and they are still ticked off."""
    fire(harness, 60)
    harness.receive(EmergencyCleared(at=at(100), zone="hall"))
    harness.tick(110)
    assert roll(harness).over_at == at(100)
    ticked(harness, 120, "h1")
    state = snapshot.decode(snapshot.encode(harness.engine.state))

    assert state.people.rolls["centre"] == roll(harness)
    assert reported(harness)["h1"] == "hand"


def test_a_snapshot_without_rolls_is_read(harness: EngineHarness) -> None:
    """Earlier versions wrote none."""
    body = snapshot.encode(harness.engine.state).replace(b'"rolls":{},', b"")
    assert b"rolls" not in body
    assert snapshot.decode(body).people.rolls == {}


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (
            StaffMuster(at=at(200), who="ann", site="moon"),
            phrase("mask-place-unknown", place="moon"),
        ),
        (StaffMuster(at=at(200), who="ann", site="centre"), phrase("muster-on")),
        (
            StaffMuster(at=at(200), who="ann", site="centre", active=False),
            phrase("muster-no-drill"),
        ),
        (
            StaffAccountFor(at=at(200), who="bob", site="centre", holder="h1"),
            phrase("muster-ticked", person="ann"),
        ),
        (
            StaffAccountFor(at=at(200), who="bob", site="centre", holder="h2"),
            phrase("muster-reported"),
        ),
        (
            StaffAccountFor(at=at(200), who="bob", site="centre", holder="h3", undo=True),
            phrase("muster-not-reported"),
        ),
        (
            StaffAccountFor(at=at(200), who="bob", site="centre", holder="h9"),
            phrase("muster-unknown"),
        ),
        (
            StaffAccountFor(at=at(200), who="bob", site="annex", holder="h1"),
            phrase("muster-unknown"),
        ),
        (StaffLookup(at=at(200), who="bob", reason="found badge"), phrase("lookup-empty")),
        (
            StaffLookup(at=at(200), who="bob", subject="h1", reason=" "),
            phrase("lookup-needs-reason"),
        ),
    ],
)
def test_what_is_refused_says_why(
    harness: EngineHarness, command: AboutHolders, reason: object
) -> None:
    """During a fire alarm, when one was ticked off by hand and another by badge."""
    fire(harness, 60)
    ticked(harness, 100, "h1")
    harness.receive(AccessMuster(at=at(110), point="g1", holder="h2"))
    harness.tick(150)
    assert refusal_in(harness.receive(command)) == reason


def test_a_search_with_a_reason_changes_nothing(harness: EngineHarness) -> None:
    """It is an input of the journal, and that is all."""
    before = snapshot.encode(harness.engine.state)
    command = StaffLookup(at=at(30), who="bob", subject="h1", reason="found badge")
    assert harness.receive(command) == []
    assert len(snapshot.encode(harness.engine.state)) == len(before)
