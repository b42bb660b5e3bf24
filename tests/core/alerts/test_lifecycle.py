"""The alert lifecycle: how an alert is raised, recurs, is shelved, and ends."""

from datetime import timedelta

import pytest

from monitor.core.alert import TABLE, Act, Condition, Handling
from monitor.core.inputs import RulesChanged
from monitor.core.phrase import phrase
from monitor.core.state import snapshot
from monitor.core.transitions import AlertChanged
from monitor.texts import ENGLISH
from tests.support.engine import EngineHarness, at, rule, rule_set
from tests.support.forced_door import (
    FORCED,
    acknowledge,
    close,
    forced,
    normal,
    open_alert,
    raised,
    shelve,
)

STATES = list(TABLE)


# The table ------------------------------------------------------------------------------------------------------


def test_every_state_is_in_the_table() -> None:
    """The table lists exactly the states that an alert can have; closed is final."""
    gone = (Condition.CLEARED, Handling.CLOSED)
    leads_to = {state for acts in TABLE.values() for state in acts.values()}

    assert leads_to <= TABLE.keys()
    assert TABLE[gone] == {}
    assert all(TABLE[state][Act.WITHDRAW] == gone for state in STATES if state != gone)
    assert all(Act.OCCUR in TABLE[state] for state in STATES if state != gone)


@pytest.mark.parametrize("state", [row for row in STATES if Handling.CLOSED not in row])
@pytest.mark.parametrize("act", [Act.END, Act.CLEAR])
def test_what_is_active_can_end(state: tuple[Condition, Handling], act: Act) -> None:
    """An active alert can end however it is handled; only a shelved one that is not life safety closes at once."""
    active = state[0] is Condition.ACTIVE
    shelved = state[1] is Handling.SHELVED

    assert (act in TABLE[state]) is (active and not (shelved and act is Act.CLEAR))


# Acknowledged ---------------------------------------------------------------------------------------------------


def test_a_recurrence_stays_with_its_owner() -> None:
    """A recurrence is counted, and needs no new acknowledgement."""
    harness = raised()
    acknowledge(harness)
    harness.receive(forced(2))

    assert open_alert(harness).handling is Handling.ACKNOWLEDGED
    assert (open_alert(harness).owner, open_alert(harness).occurrences) == ("ann", 2)


# The condition ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handled", [None, acknowledge, shelve])
def test_the_end_of_the_condition_closes_the_alert(handled: object) -> None:
    """When its condition ends, the alert closes, however people have handled it."""
    harness = raised()
    if callable(handled):
        handled(harness)
    harness.receive(normal(10))
    last = harness.seen[-1]

    assert isinstance(last, AlertChanged)
    assert last.change == "cleared"
    assert last.alert.status == (Condition.CLEARED, Handling.CLOSED)
    assert last.alert.cleared_at == at(10)
    assert harness.alerts() == []


@pytest.mark.parametrize("handled", [None, acknowledge])
def test_life_safety_waits_for_a_person(handled: object) -> None:
    """The condition is over, but the alert stays until a person closes it."""
    harness = raised("life_safety")
    if callable(handled):
        handled(harness)
    handling = open_alert(harness).handling
    harness.receive(normal(10))

    assert open_alert(harness).status == (Condition.CLEARED, handling)

    close(harness, 20)

    assert harness.alerts() == []
    assert harness.changes()[-1] == "closed"


def test_a_cleared_alert_may_recur() -> None:
    """If it recurs before it is closed, it is the same alert, new again and without an owner."""
    harness = raised("life_safety")
    first = open_alert(harness)
    acknowledge(harness)
    harness.receive(normal(10))
    harness.receive(normal(11))
    harness.receive(forced(20))

    assert harness.changes() == ["raised", "acknowledged", "cleared", "returned"]
    assert open_alert(harness).id == first.id
    assert open_alert(harness).status == (Condition.ACTIVE, Handling.NEW)
    assert open_alert(harness).cleared_at is None
    assert open_alert(harness).acknowledged_at is None
    assert open_alert(harness).occurrences == 2


def test_a_recurrence_has_the_changed_title_and_procedure() -> None:
    """If the wording of a rule changes, its open alert has the new wording from the next occurrence on."""
    harness = raised("medium")
    mended = rule(match=FORCED, title="Forced: {point} of {zone}", do="Send two.")
    harness.step(RulesChanged(received_at=at(5), who="ann", rule_set=rule_set(mended)))
    assert open_alert(harness).title == "Rule"
    harness.receive(forced(-10), seconds=8)
    assert open_alert(harness).title == "Rule", "it happened before"
    harness.receive(forced(10))

    assert (open_alert(harness).title, open_alert(harness).do) == (
        "Forced: Door of the hall of Hall",
        "Send two.",
    )
    again = rule(match=FORCED, title="Door forced: {point} of {zone}")
    harness.step(RulesChanged(received_at=at(15), who="ann", rule_set=rule_set(again)))
    harness.receive(forced(20))
    assert open_alert(harness).title == "Door forced: Door of the hall of Hall"


def test_a_recurrence_has_the_changed_severity() -> None:
    """If the severity of a rule changes, its open alert has the new one from the next occurrence on."""
    harness = raised("medium")
    graver = rule(match=FORCED, severity="critical")
    harness.step(RulesChanged(received_at=at(5), who="ann", rule_set=rule_set(graver)))
    harness.receive(forced(10))
    harness.receive(forced(20))

    found = [row for row in harness.seen if isinstance(row, AlertChanged)]
    assert [(row.change, row.alert.severity, row.note) for row in found] == [
        ("raised", "medium", ""),
        ("recurred", "critical", phrase("severity-before", severity="medium")),
        ("recurred", "critical", ""),
    ]


def test_after_the_end_it_is_another_alert() -> None:
    """The next alert has its own id and its own count."""
    harness = raised()
    first = open_alert(harness)
    harness.receive(normal(10))
    harness.receive(forced(20))

    assert open_alert(harness).id != first.id
    assert open_alert(harness).occurrences == 1


def test_the_same_trigger_has_the_same_id() -> None:
    """The id is made of rule, key and time of the trigger, so that a repetition after a crash gives the same alert."""
    assert open_alert(raised()).id == open_alert(raised()).id
    assert len(open_alert(raised()).id) == 16


# Shelved --------------------------------------------------------------------------------------------------------


def test_a_shelving_ends_by_itself() -> None:
    """At the given time the alert is unshelved as new."""
    harness = raised()
    shelve(harness, until=600)
    harness.tick(600)

    assert open_alert(harness).handling is Handling.SHELVED
    assert (open_alert(harness).owner, open_alert(harness).note) == ("ann", "repair")

    harness.tick(603)

    assert open_alert(harness).handling is Handling.NEW
    assert (open_alert(harness).owner, open_alert(harness).shelved_until) == ("", None)
    assert harness.changes() == ["raised", "shelved", "unshelved"]


def test_a_recurrence_stays_shelved() -> None:
    """A recurrence is counted, and the shelved alert stays hidden."""
    harness = raised()
    shelve(harness)
    harness.receive(forced(2))

    assert open_alert(harness).handling is Handling.SHELVED
    assert open_alert(harness).occurrences == 2


# What an alert contains -----------------------------------------------------------------------------------------


def test_an_alert_has_title_place_and_procedure() -> None:
    """An alert has a title with its fields filled in, the place, the procedure and the times."""
    found = rule(
        match=FORCED, title="{point} in {zone}: {alarm}[, {raw}], {n}", do="Send the patrol."
    )
    harness = EngineHarness(rule_set(found))
    harness.receive(forced(5), seconds=6)
    alert = open_alert(harness)

    assert alert.title == "Door of the hall in Hall: forced open, 1"
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
def test_an_alert_is_marked_late(seconds: float, late: bool) -> None:
    """An alert is late if it is known more than three times the lateness after the event."""
    harness = EngineHarness(rule_set(rule(match=FORCED)))
    harness.receive(forced(0), seconds=seconds)

    assert open_alert(harness).late is late


def test_open_alerts_are_found_again_after_a_restart() -> None:
    """A restored engine knows its open alerts and goes on counting."""
    harness = raised()
    state = snapshot.decode(snapshot.encode(harness.engine.state))
    harness.engine = type(harness.engine)(
        state, lateness=timedelta(seconds=2), tolerance=timedelta(0), wording=ENGLISH
    )
    harness.receive(forced(2))
    harness.receive(normal(3))

    assert harness.changes() == ["raised", "recurred", "cleared"]
