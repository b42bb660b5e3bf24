"""What the journal keeps of an alert: whole transitions, from which people see later who did what, when and why."""

from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert, Change, Condition, Handling, TickedStep
from monitor.core.events import ReceivedEvent, kind_of
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
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.vocabulary import Disposition
from monitor.core.events.work import ActionDone, ActionOpened
from monitor.core.inputs import RosterChanged, RulesChanged
from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import EscalationPolicy, EscalationStep, Person, Roster
from monitor.core.rules.model import Match
from monitor.core.transitions import AlertChanged, StaffAct, StaffRefused
from tests.support.engine import EngineHarness, at, on, rule, rule_set
from tests.support.forced_door import FORCED

LATCHED = Match(of=on("door.alarm", where='alarm == "forced_open"'))
RAISED = Alert(
    id="ff705e6a0b08a8b6",
    rule="rule",
    key="d1",
    title="Forced: Door of the hall",
    severity="high",
    do="Send the patrol.",
    site="centre",
    zone="hall",
    point="d1",
    values={"point": "d1"},
    happened_at=at(0),
    raised_at=at(1),
    last_at=at(0),
)
"""The alert of a door that was forced, as it is known a second later."""


def alarm(
    seconds: float, state: Literal["normal", "forced_open"] = "forced_open"
) -> DoorAlarmChanged:
    """The door is forced, or reports another state."""
    return DoorAlarmChanged(at=at(seconds), point="d1", alarm=state)


def forced(match: Match = FORCED, **parts: object) -> EngineHarness:
    """An engine with the alert of a forced door."""
    parts = {"title": "Forced: {point}", "do": "Send the patrol.", **parts}
    harness = EngineHarness(rule_set(rule(match=match, **parts)))
    harness.receive(alarm(0), seconds=1)
    return harness


def command(kind: type[Staff], seconds: float, who: str = "ann", **parts: Any) -> Staff:  # noqa: ANN401
    """A person's command about the alert."""
    return kind(at=at(seconds), who=who, alert=RAISED.id, **parts)


def changed(
    seconds: float,
    change: Change,
    alert: Alert,
    who: str = "",
    note: str | Phrase = "",
) -> list[AlertChanged]:
    """The one transition that is expected."""
    return [AlertChanged(at=at(seconds), change=change, alert=alert, who=who, note=note)]


ACKNOWLEDGED = replace(
    RAISED,
    handling=Handling.ACKNOWLEDGED,
    owner="ann",
    note="on my way",
    acknowledged_at=at(10),
)
SHELVED = replace(
    RAISED, handling=Handling.SHELVED, owner="ann", note="repair", shelved_until=at(600)
)


def acknowledged() -> EngineHarness:
    """An engine with the same alert, which Ann has acknowledged."""
    harness = forced()
    assert harness.receive(command(StaffAcknowledge, 10, note="on my way")) == changed(
        10, Change.ACKNOWLEDGED, ACKNOWLEDGED, "ann", "on my way"
    )
    return harness


def shelved() -> EngineHarness:
    """An engine with the same alert, which Ann has shelved."""
    harness = forced()
    assert harness.receive(
        command(StaffShelve, 10, until=at(600), reason="repair", note="not read")
    ) == changed(10, Change.SHELVED, SHELVED, "ann", "repair")
    return harness


# It happens -----------------------------------------------------------------------------------------------------


def test_a_new_alert_has_place_procedure_and_times() -> None:
    """A new alert has no note, and no person has done anything about it yet."""
    assert forced().seen[-1:] == changed(1, Change.RAISED, RAISED)


def test_a_recurrence_is_counted_and_leaves_the_acknowledgement() -> None:
    """After a recurrence, owner, note and time of the acknowledgement stay."""
    again = replace(ACKNOWLEDGED, occurrences=2, last_at=at(20))

    assert acknowledged().receive(alarm(20)) == changed(20, Change.RECURRED, again)


def test_a_return_is_counted_apart() -> None:
    """An alert that had cleared is new again, without an owner; a recurrence after that is no return."""
    harness = forced(severity="life_safety")
    assert harness.receive(alarm(5, "normal")) == changed(
        5,
        Change.CLEARED,
        replace(RAISED, severity="life_safety", condition=Condition.CLEARED, cleared_at=at(5)),
    )
    returned = replace(RAISED, severity="life_safety", occurrences=2, returns=1, last_at=at(6))
    assert harness.receive(alarm(6)) == changed(6, Change.RETURNED, returned)
    assert harness.receive(alarm(7)) == changed(
        7, Change.RECURRED, replace(returned, occurrences=3, last_at=at(7))
    )


def test_a_shelved_alert_keeps_its_severity() -> None:
    """A shelved alert keeps its severity, so it cannot become one that may not be shelved.

    From the first recurrence after the shelving it has the new severity.
    """
    harness = shelved()
    graver = rule(match=FORCED, severity="critical")
    harness.step(RulesChanged(received_at=at(15), who="x", rule_set=rule_set(graver)))
    harness.receive(alarm(20))
    assert harness.alerts()[0].severity == "high"

    harness.receive(command(StaffUnshelve, 30))
    harness.receive(alarm(40))

    assert harness.alerts()[0].severity == "critical"


@pytest.mark.parametrize(("due", "shown"), [(at(7200), "10:00"), (at(86_400), "2 January 08:00")])
def test_a_title_has_the_date_of_another_day_only(due: datetime, shown: str) -> None:
    """The title has the day of the first occurrence, even after further ones."""
    opened = Match(of=on("action.opened"))
    harness = EngineHarness(rule_set(rule(by="zone", title="due {due_at}", match=opened)))
    for n in (0, 1):
        event = ActionOpened(at=at(n), action=f"a{n}", kind="repair", zone="hall", due_at=due)
        harness.receive(event)

        assert harness.alerts()[0].title == f"due {shown}"


def test_a_zone_that_the_venue_does_not_know_is_kept() -> None:
    """The alert names the zone that the sender named."""
    opened = Match(of=on("action.opened"))
    harness = EngineHarness(rule_set(rule(by="action", match=opened)))
    harness.receive(ActionOpened(at=at(0), action="a1", kind="repair", zone="roof"))

    assert (harness.alerts()[0].site, harness.alerts()[0].zone) == ("", "roof")


ACTION = ActionOpened(
    at=at(0), action="a1", kind="repair", zone="hall", lead="works", coordinating=("fire",)
)


@pytest.mark.parametrize(
    ("by", "events", "agencies"),
    [
        ("action", [ACTION], ("works", ("fire",))),
        ("action", [ACTION, ActionDone(at=at(10), action="a1")], ("works", ("fire",))),
        ("action", [ActionDone(at=at(1), action="a2")], ("", ())),
        (
            "checklist",
            [
                InspectionItem(
                    at=at(0), checklist="check", inspection="i1", item="carpet", result="fail"
                )
            ],
            ("safety", ()),
        ),
        ("point", [alarm(0)], ("", ())),
    ],
)
def test_an_alert_names_the_agencies_that_must_act(
    by: str, events: list[ReceivedEvent], agencies: tuple[str, tuple[str, ...]]
) -> None:
    """The agencies are those of the event, of the action it belongs to, or of the checklist; none if none is known."""
    harness = EngineHarness(rule_set(rule(by=by, match=Match(of=on(kind_of(events[-1]))))))
    for event in events:
        harness.receive(event)
    harness.tick(20)
    alert = harness.alerts()[-1]

    assert (alert.lead, alert.coordinating) == agencies


# People handle it -----------------------------------------------------------------------------------------------


def test_another_person_takes_over() -> None:
    """The alert has the second owner, note and time."""
    assert acknowledged().receive(command(StaffAcknowledge, 20, "bob", note="my turn")) == changed(
        20,
        Change.ACKNOWLEDGED,
        replace(ACKNOWLEDGED, owner="bob", note="my turn", acknowledged_at=at(20)),
        "bob",
        "my turn",
    )


def test_an_acknowledgement_that_runs_out_names_its_owner() -> None:
    """The alert is new again, and the reason says whose acknowledgement it was."""
    policy = EscalationPolicy(
        id="all",
        acknowledged_for=timedelta(seconds=60),
        steps=(EscalationStep(notify=("ann",)),),
    )
    people = (Person(id="ann", name="Ann", channels=("phone",)),)
    roster = Roster(people=people, policies=(policy,))
    harness = EngineHarness(
        rule_set(rule(match=FORCED, title="Forced: {point}", do="Send the patrol."))
    )
    harness.step(RosterChanged(received_at=at(0), who="x", roster=roster))
    harness.receive(alarm(0), seconds=1)
    harness.receive(command(StaffAcknowledge, 10, note="on my way"))
    why = phrase("acknowledgement-ran-out", person="ann")

    assert [row for row in harness.tick(71) if isinstance(row, AlertChanged)] == changed(
        70, Change.LAPSED, replace(RAISED, note=why), "ann", why
    )


def test_unshelving_by_hand_names_the_person() -> None:
    """The alert is new again, and the reason for the shelving stays its note."""
    assert shelved().receive(command(StaffUnshelve, 20, "bob", note="seen again")) == changed(
        20, Change.UNSHELVED, replace(RAISED, note="repair"), "bob", "seen again"
    )


def test_a_shelving_that_ran_out_names_no_person() -> None:
    """The alert is unshelved for the reason that its time had run out."""
    (row,) = shelved().tick(605)

    assert [row] == changed(
        602.000001,
        Change.UNSHELVED,
        replace(RAISED, note="repair"),
        "",
        phrase("time-ran-out"),
    )


def test_a_closed_alert_has_the_persons_note() -> None:
    """Both the alert and the change have the person's note."""
    closed = replace(
        RAISED,
        latched=True,
        condition=Condition.CLEARED,
        handling=Handling.CLOSED,
        note="a loose screw",
    )

    assert forced(LATCHED).receive(command(StaffClose, 20, note="a loose screw")) == changed(
        20, Change.CLOSED, closed, "ann", "a loose screw"
    )


def test_an_alert_is_withdrawn_with_the_reason() -> None:
    """An alert is closed because its rule is no longer in force, not by a person."""
    why = phrase("rule-not-in-force")
    seen = acknowledged().step(RulesChanged(received_at=at(20), who="x", rule_set=rule_set()))

    assert seen == changed(
        20,
        Change.CLOSED,
        replace(ACKNOWLEDGED, condition=Condition.CLEARED, handling=Handling.CLOSED, note=why),
        "",
        why,
    )


@pytest.mark.parametrize("disposition", get_args(Disposition))
def test_a_closed_alert_keeps_its_disposition(disposition: Disposition) -> None:
    """What it turned out to be is on the alert; old senders that do not state it are accepted."""
    (row,) = forced(LATCHED).receive(command(StaffClose, 20, note="x", disposition=disposition))

    assert isinstance(row, AlertChanged)
    assert (row.change, row.alert.disposition) == (Change.CLOSED, disposition)
    (old,) = forced(LATCHED).receive(command(StaffClose, 20, note="x"))
    assert isinstance(old, AlertChanged)
    assert old.alert.disposition is None


# Steps and notes ------------------------------------------------------------------------------------------------

STEPS = "Send the patrol.\nLook.\nReport."


def ticked(*rows: tuple[int, str, float]) -> tuple[TickedStep, ...]:
    """The ticked steps of an alert: number, person, time."""
    return tuple(TickedStep(step=step, who=who, at=at(seconds)) for step, who, seconds in rows)


def test_a_ticked_step_has_its_person_and_time() -> None:
    """Steps are kept by number; a tick that is taken back is gone, and handling stays as it is."""
    harness = forced(do=STEPS)
    alert = replace(RAISED, do=STEPS)
    third = replace(alert, ticked=ticked((3, "ann", 5)))
    both = replace(alert, ticked=ticked((1, "bob", 6), (3, "ann", 5)))

    assert harness.receive(command(StaffTick, 5, step=3)) == changed(5, Change.TICKED, third, "ann")
    assert harness.receive(command(StaffTick, 6, "bob", step=1)) == changed(
        6, Change.TICKED, both, "bob"
    )
    assert harness.receive(command(StaffTick, 7, step=1, undo=True, note="mistaken")) == changed(
        7, Change.UNTICKED, third, "ann", "mistaken"
    )


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"step": 4}, phrase("tick-step-unknown", step=4, last=3)),
        ({"step": 3}, phrase("tick-already", step=3, person="ann")),
        ({"step": 1, "undo": True}, phrase("tick-none", step=1)),
    ],
)
def test_a_tick_without_meaning_is_refused(parts: dict[str, Any], reason: Phrase) -> None:
    """The second of two officers sees who was first."""
    harness = forced(do=STEPS)
    harness.receive(command(StaffTick, 5, step=3))

    assert harness.receive(command(StaffTick, 6, "bob", **parts)) == [
        StaffRefused(at=at(6), who="bob", act="tick", alert=RAISED.id, reason=reason)
    ]


def test_steps_are_open_again_when_the_condition_returns() -> None:
    """What was done is done for the first time only; a mere recurrence leaves the ticks."""
    harness = forced(severity="life_safety", do=STEPS)
    harness.receive(command(StaffTick, 2, step=1))
    (again,) = harness.receive(alarm(3))
    harness.receive(alarm(5, "normal"))
    (back,) = harness.receive(alarm(6))

    assert isinstance(again, AlertChanged)
    assert again.alert.ticked == ticked((1, "ann", 2))
    assert isinstance(back, AlertChanged)
    assert (back.change, back.alert.ticked) == (Change.RETURNED, ())


def test_steps_are_open_again_when_the_procedure_changes() -> None:
    """A tick does not move to another step that has the same number."""
    harness = forced(do=STEPS)
    harness.receive(command(StaffTick, 2, step=1))
    other = rule(match=FORCED, title="Forced: {point}", do="Call.\nSend the patrol.")
    harness.step(RulesChanged(received_at=at(5), who="x", rule_set=rule_set(other)))
    (again,) = harness.receive(alarm(6))

    assert isinstance(again, AlertChanged)
    assert again.alert.ticked == ()


def test_a_note_leaves_the_handling() -> None:
    """The latest note is on the alert, and each is a transition of its own."""
    assert acknowledged().receive(command(StaffNote, 20, "bob", note="door wedged")) == changed(
        20, Change.NOTED, replace(ACKNOWLEDGED, note="door wedged"), "bob", "door wedged"
    )


def test_a_note_leaves_the_reason_of_a_shelving() -> None:
    """While an alert is hidden, the board shows why."""
    assert shelved().receive(command(StaffNote, 20, "bob", note="door wedged")) == changed(
        20, Change.NOTED, SHELVED, "bob", "door wedged"
    )


def test_an_empty_note_is_refused() -> None:
    """A note without text is no history."""
    reason = phrase("note-empty")
    assert forced().receive(command(StaffNote, 20, note=" ")) == [
        StaffRefused(at=at(20), who="ann", act="note", alert=RAISED.id, reason=reason)
    ]


# Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "parts", "act"),
    [
        (StaffAcknowledge, {}, "acknowledge"),
        (StaffShelve, {"until": at(60), "reason": "x"}, "shelve"),
        (StaffUnshelve, {}, "unshelve"),
        (StaffClose, {}, "close"),
        (StaffHandOver, {"to": "ann"}, "hand_over"),
        (StaffEscalate, {}, "escalate"),
        (StaffTick, {"step": 1}, "tick"),
        (StaffNote, {"note": "x"}, "note"),
    ],
)
def test_a_refusal_names_person_act_and_alert(
    kind: type[Staff], parts: dict[str, Any], act: StaffAct
) -> None:
    """The sender of a refused command finds the answer to it."""
    harness = EngineHarness(rule_set(rule(match=FORCED)))

    assert harness.receive(kind(at=at(5), who="bob", alert="nothing", **parts)) == [
        StaffRefused(at=at(5), who="bob", act=act, alert="nothing", reason=phrase("alert-unknown"))
    ]


def test_a_refusal_names_the_state_that_forbids_the_act() -> None:
    """A shelved alert cannot be acknowledged."""
    reason = phrase("alert-state", condition="active", handling="shelved")

    assert shelved().receive(command(StaffAcknowledge, 20, "bob")) == [
        StaffRefused(at=at(20), who="bob", act="acknowledge", alert=RAISED.id, reason=reason)
    ]
