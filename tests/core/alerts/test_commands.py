"""What people may do with an alert, and what is refused."""

from itertools import product
from typing import Any, get_args

import msgspec
import pytest

from monitor.core.alert import TABLE, Act, Condition, Handling
from monitor.core.events.commands import (
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffEscalate,
    StaffHandOver,
    StaffNote,
    StaffShelve,
    StaffTick,
    StaffUnshelve,
)
from tests.support.engine import at
from tests.support.forced_door import (
    TAMPER,
    acknowledge,
    close,
    open_alert,
    raised,
    shelve,
    unshelve,
)

ORDERS: dict[Act, type[Staff]] = {
    Act.ACKNOWLEDGE: StaffAcknowledge,
    Act.SHELVE: StaffShelve,
    Act.UNSHELVE: StaffUnshelve,
    Act.CLOSE: StaffClose,
    Act.HAND_OVER: StaffHandOver,
    Act.ESCALATE: StaffEscalate,
    Act.TICK: StaffTick,
    Act.NOTE: StaffNote,
}
REQUIRED: dict[type[Staff], dict[str, Any]] = {
    StaffShelve: {"until": at(60), "reason": "x"},
    StaffHandOver: {"to": "bob"},
    StaffTick: {"step": 1},
}
"""What a command requires besides alert and sender."""


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (state, act)
        for state, act in product(TABLE, ORDERS)
        if act not in TABLE[state] and Handling.CLOSED not in state
    ],
)
def test_an_illegal_action_is_refused_and_changes_nothing(
    state: tuple[Condition, Handling], act: Act
) -> None:
    """The refusal names the reason, and the alert stays as it is."""
    harness = raised()
    alert = open_alert(harness)
    condition, handling = state
    harness.engine.state.alerts.open[alert.id] = msgspec.structs.replace(
        alert, condition=condition, handling=handling
    )
    before = msgspec.json.encode(harness.engine.state.alerts.open)
    kind = ORDERS[act]
    harness.receive(kind(at=at(0), who="bob", alert=alert.id, **REQUIRED.get(kind, {})))

    assert harness.refusals() == ["alert-state"]
    assert msgspec.json.encode(harness.engine.state.alerts.open) == before
    assert harness.changes() == ["raised"]


@pytest.mark.parametrize("kind", get_args(Staff))
def test_an_action_on_an_unknown_alert_is_refused(kind: type[Staff]) -> None:
    """An action on an unknown alert is refused: its id may be mistyped, or someone else was faster."""
    harness = raised()
    harness.receive(kind(at=at(1), who="ann", alert="nothing", **REQUIRED.get(kind, {})))

    assert harness.refusals() == ["alert-unknown"]


def test_an_acknowledgement_has_an_owner() -> None:
    """The alert stays open, with the owner's name and note."""
    harness = raised()
    acknowledge(harness, note="on my way")

    assert open_alert(harness).handling is Handling.ACKNOWLEDGED
    assert (open_alert(harness).owner, open_alert(harness).note) == ("ann", "on my way")
    assert open_alert(harness).acknowledged_at == harness.seen[-1].at
    assert harness.seen[-1].who == "ann"  # type: ignore[union-attr]


def test_another_person_may_take_over() -> None:
    """A relief may take an alert that has an owner; the owner cannot take it again."""
    harness = raised()
    acknowledge(harness, 1, "ann")
    acknowledge(harness, 2, "ann")
    acknowledge(harness, 3, "bob")

    assert harness.refusals() == ["alert-already-yours"]
    assert open_alert(harness).owner == "bob"
    assert harness.changes() == ["raised", "acknowledged", "acknowledged"]


@pytest.mark.parametrize(
    ("taken_from", "owner"), [("", "ann"), ("cem", "ann"), ("ann", "bob"), (None, "bob")]
)
def test_an_alert_is_taken_from_whom_the_sender_sees(taken_from: str | None, owner: str) -> None:
    """Of two people who take it at once, the second is told who was first; who names the owner takes over."""
    harness = raised()
    acknowledge(harness, 1, "ann")
    own = open_alert(harness).id
    harness.receive(StaffAcknowledge(at=at(2), who="bob", alert=own, taken_from=taken_from))

    assert open_alert(harness).owner == owner
    assert harness.refusals() == (["alert-taken"] if owner == "ann" else [])


def test_a_shelving_may_end_before() -> None:
    """A shelving can be ended by hand, and its original end doesn't end the next one."""
    harness = raised()
    shelve(harness, until=600)
    unshelve(harness, 100)
    assert open_alert(harness).owner == ""
    shelve(harness, until=900, seconds=200)
    harness.tick(700)

    assert open_alert(harness).handling is Handling.SHELVED
    assert harness.changes() == ["raised", "shelved", "unshelved", "shelved"]

    harness.tick(905)

    assert harness.changes()[-1] == "unshelved"


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (1, "shelve-end-past"),
        (0, "shelve-end-past"),
        (24 * 3600 + 2, "shelve-too-long"),
    ],
)
def test_a_shelving_has_its_limits(until: float, reason: str) -> None:
    """A shelving must end later than now and within 24 hours."""
    harness = raised()
    shelve(harness, until=until)

    assert harness.refusals() == [reason]
    assert open_alert(harness).handling is Handling.NEW


def test_24_hours_of_shelving_are_allowed() -> None:
    """Exactly 24 hours is the maximum."""
    harness = raised()
    shelve(harness, until=24 * 3600 + 1)

    assert open_alert(harness).handling is Handling.SHELVED


def test_life_safety_is_never_shelved() -> None:
    """A life-safety alert may be acknowledged, not shelved."""
    harness = raised("life_safety")
    shelve(harness)

    assert harness.refusals() == ["shelve-life-safety"]
    assert open_alert(harness).handling is Handling.NEW


def test_an_active_condition_cannot_be_closed() -> None:
    """An alert that ends by itself stays open until its condition ends."""
    harness = raised()
    close(harness, note="nothing seen")

    assert harness.refusals() == ["close-still-active"]
    assert harness.changes() == ["raised"]


def test_what_does_not_end_by_itself_is_closed_with_a_note() -> None:
    """An alert that does not end by itself is closed only with a note of what was found."""
    harness = raised(match=TAMPER)
    close(harness)

    assert harness.refusals() == ["close-needs-note"]

    close(harness, note="a loose screw")

    assert harness.alerts() == []
    assert harness.seen[-1].alert.note == "a loose screw"  # type: ignore[union-attr]


def test_a_closed_alert_refuses_every_action() -> None:
    """No action on a closed alert has any effect."""
    harness = raised(match=TAMPER)
    alert = open_alert(harness)
    close(harness, note="x")
    harness.receive(StaffAcknowledge(at=at(5), who="bob", alert=alert.id))

    assert harness.refusals() == ["alert-unknown"]
