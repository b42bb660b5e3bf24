"""The alert desk: what people may do with an alert and what not, and what becomes of it."""

from datetime import timedelta
from itertools import product
from typing import Any, get_args

import msgspec
import pytest

from monitor.core.alert import TABLE, Act, Alert, Change, Condition, Handling
from monitor.core.events import Event
from monitor.core.events.access import AccessDenied
from monitor.core.events.commands import (
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffShelve,
    StaffUnshelve,
)
from monitor.core.events.door import DoorAlarmChanged, DoorTamper
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Match, Rule
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged
from tests.support.engine import Stage, at, book, on, rule

FORCED = Match(
    of=on("door.alarm", where='alarm == "forced_open"'),
    end=on("door.alarm", where='alarm == "normal"'),
)
TAMPER = Match(of=on("door.tamper", where="active"))
STANDINGS = list(TABLE)


def forced(seconds: float) -> DoorAlarmChanged:
    """The door is forced."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="forced_open")


def normal(seconds: float) -> DoorAlarmChanged:
    """The door is in order."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm="normal")


def raised(severity: str = "high", match: Match = FORCED, **parts: object) -> Stage:
    """A stage with one open alert."""
    stage = Stage(book(rule(match=match, severity=severity, **parts)))
    event: Event = forced(0) if match is FORCED else DoorTamper(at=at(0), point="d1", active=True)
    stage.say(event)
    return stage


def the(stage: Stage) -> Alert:
    """The one open alert."""
    (alert,) = stage.alerts()
    return alert


def acknowledge(stage: Stage, seconds: float = 1, who: str = "ann", note: str = "") -> None:
    """Somebody takes it."""
    stage.say(StaffAcknowledge(at=at(seconds), who=who, alert=the(stage).id, note=note))


def shelve(stage: Stage, until: float = 3600, seconds: float = 1) -> None:
    """Somebody puts it out of sight."""
    stage.say(
        StaffShelve(
            at=at(seconds), who="ann", alert=the(stage).id, until=at(until), reason="repair"
        )
    )


def unshelve(stage: Stage, seconds: float = 1) -> None:
    """Somebody brings it back."""
    stage.say(StaffUnshelve(at=at(seconds), who="ann", alert=the(stage).id))


def close(stage: Stage, seconds: float = 1, note: str = "") -> None:
    """Somebody says that it is dealt with."""
    stage.say(StaffClose(at=at(seconds), who="ann", alert=the(stage).id, note=note))


# The table ------------------------------------------------------------------------------------------------------


def test_every_standing_is_in_the_table() -> None:
    """Nobody looks up what isn't there; closed is the end."""
    gone = (Condition.CLEARED, Handling.CLOSED)
    leads_to = {standing for acts in TABLE.values() for standing in acts.values()}

    assert leads_to <= TABLE.keys()
    assert TABLE[gone] == {}
    assert all(TABLE[standing][Act.WITHDRAW] == gone for standing in STANDINGS if standing != gone)
    assert all(Act.OCCUR in TABLE[standing] for standing in STANDINGS if standing != gone)


@pytest.mark.parametrize("standing", [row for row in STANDINGS if Handling.CLOSED not in row])
@pytest.mark.parametrize("act", [Act.END, Act.CLEAR])
def test_what_is_active_can_end(standing: tuple[Condition, Handling], act: Act) -> None:
    """However people handle it; only a shelved one needn't wait for a person, for it is not about life."""
    active = standing[0] is Condition.ACTIVE
    shelved = standing[1] is Handling.SHELVED

    assert (act in TABLE[standing]) is (active and not (shelved and act is Act.CLEAR))


ORDERS: dict[Act, type[Staff]] = {
    Act.ACKNOWLEDGE: StaffAcknowledge,
    Act.SHELVE: StaffShelve,
    Act.UNSHELVE: StaffUnshelve,
    Act.CLOSE: StaffClose,
}


@pytest.mark.parametrize(
    ("standing", "act"),
    [
        (standing, act)
        for standing, act in product(STANDINGS, ORDERS)
        if act not in TABLE[standing] and Handling.CLOSED not in standing
    ],
)
def test_an_illegal_act_is_refused_and_changes_nothing(
    standing: tuple[Condition, Handling], act: Act
) -> None:
    """It is said why, and nothing else happens."""
    stage = raised()
    alert = the(stage)
    condition, handling = standing
    stage.engine.state.alerts[alert.id] = msgspec.structs.replace(
        alert, condition=condition, handling=handling
    )
    before = msgspec.json.encode(stage.engine.state.alerts)
    extra: dict[str, Any] = {"until": at(60), "reason": "x"} if act is Act.SHELVE else {}
    stage.say(ORDERS[act](at=at(0), who="bob", alert=alert.id, **extra))

    assert stage.refusals() == [f"it is {condition} and {handling}"]
    assert msgspec.json.encode(stage.engine.state.alerts) == before
    assert stage.changes() == ["raised"]


@pytest.mark.parametrize("kind", get_args(Staff))
def test_an_order_about_nothing_is_refused(kind: type[Staff]) -> None:
    """A slip of the pen, or somebody was faster."""
    stage = raised()
    extra: dict[str, Any] = {"until": at(60), "reason": "x"} if kind is StaffShelve else {}
    stage.say(kind(at=at(1), who="ann", alert="nothing", **extra))

    assert stage.refusals() == ["no open alert has this id"]


# Acknowledging --------------------------------------------------------------------------------------------------


def test_an_acknowledgement_has_an_owner() -> None:
    """The alert stays, with a name and a note."""
    stage = raised()
    acknowledge(stage, note="on my way")

    assert the(stage).handling is Handling.ACKNOWLEDGED
    assert (the(stage).owner, the(stage).note) == ("ann", "on my way")
    assert the(stage).acknowledged_at == stage.seen[-1].at
    assert stage.seen[-1].who == "ann"  # type: ignore[union-attr]


def test_somebody_else_may_take_over() -> None:
    """A relief takes what is somebody's; nobody takes what is theirs already."""
    stage = raised()
    acknowledge(stage, 1, "ann")
    acknowledge(stage, 2, "ann")
    acknowledge(stage, 3, "bob")

    assert stage.refusals() == ["it is yours already"]
    assert the(stage).owner == "bob"
    assert stage.changes() == ["raised", "acknowledged", "acknowledged"]


def test_more_of_the_same_stays_with_its_owner() -> None:
    """Counted, not asked for again."""
    stage = raised()
    acknowledge(stage)
    stage.say(forced(2))

    assert the(stage).handling is Handling.ACKNOWLEDGED
    assert (the(stage).owner, the(stage).occurrences) == ("ann", 2)


# The condition ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handled", [None, acknowledge, shelve])
def test_the_end_of_the_condition_closes(handled: object) -> None:
    """Whatever people have done with it; the door is in order."""
    stage = raised()
    if callable(handled):
        handled(stage)
    stage.say(normal(10))
    last = stage.seen[-1]

    assert isinstance(last, AlertChanged)
    assert last.change == "cleared"
    assert last.alert.standing == (Condition.CLEARED, Handling.CLOSED)
    assert last.alert.cleared_at == at(10)
    assert stage.alerts() == []


@pytest.mark.parametrize("handled", [None, acknowledge])
def test_life_safety_waits_for_a_person(handled: object) -> None:
    """The condition is over, and a person still has to look."""
    stage = raised("life_safety")
    if callable(handled):
        handled(stage)
    handling = the(stage).handling
    stage.say(normal(10))

    assert the(stage).standing == (Condition.CLEARED, handling)

    close(stage, 20)

    assert stage.alerts() == []
    assert stage.changes()[-1] == "closed"


def test_what_was_cleared_may_come_back() -> None:
    """Before anybody closed it: it is the same alert, new again, and it has lost its owner's word."""
    stage = raised("life_safety")
    first = the(stage)
    acknowledge(stage)
    stage.say(normal(10))
    stage.say(normal(11))
    stage.say(forced(20))

    assert stage.changes() == ["raised", "acknowledged", "cleared", "returned"]
    assert the(stage).id == first.id
    assert the(stage).standing == (Condition.ACTIVE, Handling.NEW)
    assert the(stage).cleared_at is None
    assert the(stage).acknowledged_at is None
    assert the(stage).occurrences == 2


def test_its_title_says_how_it_is_now() -> None:
    """How it was told last, not first; what happened before that and came later changes nothing."""
    by_zone = rule(by="zone", title="{device} says {alarm}", match=Match(of=on("door.alarm")))
    stage = Stage(book(by_zone))
    for seconds, device in ((0, "r1"), (10, "r2"), (5, "r3")):
        told = DoorAlarmChanged(at=at(seconds), point="d1", device=device, alarm="forced_open")
        stage.say(told, seconds=10 + seconds)

    assert the(stage).title == "r2 says forced_open"
    assert the(stage).values == {"device": "r2", "alarm": "forced_open"}
    assert the(stage).occurrences == 3


def test_another_title_and_procedure_are_told_with_what_recurs() -> None:
    """An officer has mended the words meanwhile: they are read from the next occurrence on."""
    stage = raised("medium")
    mended = rule(match=FORCED, title="Forced: {point} of {zone}", do="Send two.")
    stage.step(RulesChanged(received_at=at(5), who="ann", book=book(mended)))
    assert the(stage).title == "Rule"
    stage.say(forced(-10), seconds=8)
    assert the(stage).title == "Rule", "it happened before"
    stage.say(forced(10))

    assert (the(stage).title, the(stage).do) == ("Forced: d1 of hall", "Send two.")
    again = rule(match=FORCED, title="Door forced: {point} of {zone}")
    stage.step(RulesChanged(received_at=at(15), who="ann", book=book(again)))
    stage.say(forced(20))
    assert the(stage).title == "Door forced: d1 of hall"


def test_another_severity_is_told_with_what_recurs() -> None:
    """An officer has raised it meanwhile: the next occurrence says so."""
    stage = raised("medium")
    graver = rule(match=FORCED, severity="critical")
    stage.step(RulesChanged(received_at=at(5), who="ann", book=book(graver)))
    stage.say(forced(10))
    stage.say(forced(20))

    told = [row for row in stage.seen if isinstance(row, AlertChanged)]
    assert [(row.change, row.alert.severity, row.note) for row in told] == [
        ("raised", "medium", ""),
        ("recurred", "critical", "medium before"),
        ("recurred", "critical", ""),
    ]


def test_after_the_end_it_is_another_alert() -> None:
    """Its own id, its own count."""
    stage = raised()
    first = the(stage)
    stage.say(normal(10))
    stage.say(forced(20))

    assert the(stage).id != first.id
    assert the(stage).occurrences == 1


def test_the_same_trigger_has_the_same_id() -> None:
    """Rule, key and time of the trigger make the id: done again after a crash, it is the same."""
    assert the(raised()).id == the(raised()).id
    assert len(the(raised()).id) == 16


# Shelving -------------------------------------------------------------------------------------------------------


def test_a_shelving_ends_by_itself() -> None:
    """At its time, back on the board as new."""
    stage = raised()
    shelve(stage, until=600)
    stage.tick(600)

    assert the(stage).handling is Handling.SHELVED
    assert (the(stage).owner, the(stage).note) == ("ann", "repair")

    stage.tick(603)

    assert the(stage).handling is Handling.NEW
    assert the(stage).shelved_until is None
    assert stage.changes() == ["raised", "shelved", "unshelved"]


def test_a_shelving_may_end_before() -> None:
    """By hand; and its old end doesn't end the next one."""
    stage = raised()
    shelve(stage, until=600)
    unshelve(stage, 100)
    shelve(stage, until=900, seconds=200)
    stage.tick(700)

    assert the(stage).handling is Handling.SHELVED
    assert stage.changes() == ["raised", "shelved", "unshelved", "shelved"]

    stage.tick(905)

    assert stage.changes()[-1] == "unshelved"


def test_more_of_the_same_stays_shelved() -> None:
    """Counted out of sight."""
    stage = raised()
    shelve(stage)
    stage.say(forced(2))

    assert the(stage).handling is Handling.SHELVED
    assert the(stage).occurrences == 2


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (1, "the end of the shelving is past"),
        (0, "the end of the shelving is past"),
        (24 * 3600 + 2, "nothing is shelved for more than 24 hours"),
    ],
)
def test_a_shelving_has_its_limits(until: float, reason: str) -> None:
    """It ends, later than now and within a day."""
    stage = raised()
    shelve(stage, until=until)

    assert stage.refusals() == [reason]
    assert the(stage).handling is Handling.NEW


def test_a_whole_day_is_allowed() -> None:
    """Exactly 24 hours."""
    stage = raised()
    shelve(stage, until=24 * 3600 + 1)

    assert the(stage).handling is Handling.SHELVED


def test_life_safety_is_never_shelved() -> None:
    """It may be taken, not put out of sight."""
    stage = raised("life_safety")
    shelve(stage)

    assert stage.refusals() == ["life safety can't be shelved; acknowledge it"]
    assert the(stage).handling is Handling.NEW


# Closing --------------------------------------------------------------------------------------------------------


def test_what_is_still_there_cannot_be_closed() -> None:
    """An alert that ends by itself stays until it does."""
    stage = raised()
    close(stage, note="nothing seen")

    assert stage.refusals() == ["the condition is still there; it clears by itself when that ends"]
    assert stage.changes() == ["raised"]


def test_what_does_not_end_by_itself_is_closed_with_a_note() -> None:
    """What was found has to be said."""
    stage = raised(match=TAMPER)
    close(stage)

    assert stage.refusals() == ["it doesn't clear by itself: say in a note what was found"]

    close(stage, note="a loose screw")

    assert stage.alerts() == []
    assert stage.seen[-1].alert.note == "a loose screw"  # type: ignore[union-attr]


def test_a_closed_alert_is_out_of_reach() -> None:
    """Nobody can do anything with it any more."""
    stage = raised(match=TAMPER)
    alert = the(stage)
    close(stage, note="x")
    stage.say(StaffAcknowledge(at=at(5), who="bob", alert=alert.id))

    assert stage.refusals() == ["no open alert has this id"]


@pytest.mark.parametrize(("second", "count"), [(59.999, 1), (60, 2)])
def test_the_cooldown_runs_from_the_closing(second: float, count: int) -> None:
    """A person closed it: from then on nothing new for so long."""
    stage = raised(match=TAMPER, cooldown=timedelta(seconds=50))
    close(stage, 10, note="x")
    stage.say(DoorTamper(at=at(second), point="d1", active=True))
    stage.say(DoorTamper(at=at(second), point="d2", active=True))

    assert stage.changes().count(Change.RAISED) == count + 1


def test_what_has_cooled_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys come and go by the thousand; their cooldowns go too."""
    monkeypatch.setattr("monitor.core.alerts.lifecycle.MANY_COOLING", 10)
    denied = Match(of=on("access.denied"))
    stage = Stage(book(rule(by="credential", match=denied, cooldown=timedelta(seconds=5))))
    for n in range(100):
        stage.say(AccessDenied(at=at(10 * n), point="d1", credential=f"c{n}"))
        stage.say(StaffClose(at=at(10 * n + 1), who="ann", alert=the(stage).id, note="x"))

    assert len(stage.engine.state.cooling) <= 10


# What an alert says ---------------------------------------------------------------------------------------------


def test_an_alert_says_where_and_what() -> None:
    """Title with its fields filled in, place, procedure, times."""
    told = rule(match=FORCED, title="{point} in {zone}: {alarm}, {raw}{n}", do="Send the patrol.")
    stage = Stage(book(told))
    stage.say(forced(5), seconds=6)
    alert = the(stage)

    assert alert.title == "d1 in hall: forced_open, 1"
    assert alert.values == {
        "point": "d1",
        "zone": "hall",
        "alarm": "forced_open",
        "raw": "",
        "n": "1",
    }
    assert (alert.site, alert.zone, alert.point, alert.key) == ("centre", "hall", "d1", "d1")
    assert alert.do == "Send the patrol."
    assert (alert.happened_at, alert.raised_at, alert.last_at) == (at(5), at(6), at(5))


@pytest.mark.parametrize(("seconds", "late"), [(6, False), (6.001, True)])
def test_an_alert_says_when_it_is_old_news(seconds: float, late: bool) -> None:
    """Known more than three times the lateness after it happened."""
    stage = Stage(book(rule(match=FORCED)))
    stage.say(forced(0), seconds=seconds)

    assert the(stage).late is late


def test_times_in_a_title_are_in_utc() -> None:
    """Whatever zone the sender wrote them in."""
    told: Rule = rule(
        by="inspection", title="due {due_at}", match=Match(of=on("inspection.scheduled"))
    )
    stage = Stage(book(told))
    event = msgspec.convert(
        {
            "type": "inspection.scheduled",
            "at": at(0),
            "checklist": "check",
            "inspection": "i1",
            "due_at": "2026-06-01T07:30:00+07:00",
        },
        Event,
    )
    stage.say(event)

    assert the(stage).title == "due 2026-06-01 00:30Z"


def test_open_alerts_are_found_again_after_a_restart() -> None:
    """The desk of a restored state counts on, and knows what is open."""
    stage = raised()
    state = msgspec.json.decode(msgspec.json.encode(stage.engine.state), type=State)
    stage.engine = type(stage.engine)(state, lateness=timedelta(seconds=2), tolerance=timedelta(0))
    stage.say(forced(2))
    stage.say(normal(3))

    assert stage.changes() == ["raised", "recurred", "cleared"]
