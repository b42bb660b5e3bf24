"""Open items: what is remembered of actions, certificates and sign-offs, and which zones an event concerns."""

from typing import Any

import pytest

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.inspection import InspectionItem, InspectionSubmitted, Item
from monitor.core.events.vocabulary import Result
from monitor.core.events.work import (
    ActionAssigned,
    ActionCancelled,
    ActionDone,
    ActionOpened,
    ActionReopened,
    ActionStarted,
    CertificateIssued,
    CertificateRevoked,
    ReadinessSigned,
    ReadinessWithdrawn,
)
from monitor.core.phrase import phrase
from monitor.core.readiness import open_items
from monitor.core.state.state import State
from monitor.core.state.time import LONG_AGO, TimestampedEvent
from monitor.core.state.work import ActionState, CertificateState, SignOffState
from tests.support.engine import EngineHarness, at, rule_set

PLACES = CompiledRules(rule_set()).places
HALL, NOWHERE = PLACES.zones["hall"], PLACES.nowhere


def taken(*events: AnyEvent) -> tuple[State, frozenset[str]]:
    """The state after these events, and the zones that the last of them concerns."""
    state, zones = State(rule_set=rule_set()), frozenset[str]()
    effects = Effects(state.time)
    for n, event in enumerate(events):
        named = PLACES.zones.get(getattr(event, "zone", ""), NOWHERE)
        row = TimestampedEvent(event.at, n, event)
        zones = frozenset(open_items.record(state, row, named, effects))
    return state, zones


def opened(seconds: float, **parts: Any) -> ActionOpened:  # noqa: ANN401
    """A critical repair in the hall."""
    fields = {"action": "a1", "kind": "repair", "severity": "critical", "zone": "hall", **parts}
    return ActionOpened(at=at(seconds), **fields)


# Actions --------------------------------------------------------------------------------------------------------


def test_an_opened_action_is_remembered_with_all_that_was_said() -> None:
    """An opened action is remembered with all its fields, and concerns its zone."""
    event = opened(
        5, asset="pump", lead="site", coordinating=("fire",), from_item="exits", due_at=at(60)
    )
    state, zones = taken(event)

    assert zones == {"", "hall"}
    assert state.work.actions == {
        "a1": ActionState(
            at=at(5),
            kind="repair",
            severity="critical",
            zone="hall",
            asset="pump",
            from_item="exits",
            lead="site",
            coordinating=("fire",),
            due_at=at(60),
            worked_at=at(5),
        )
    }


@pytest.mark.parametrize(
    ("event", "stage", "done_by", "worked"),
    [
        (ActionAssigned(at=at(20), action="a1", who="dan"), "done", "carl", 10),
        (ActionStarted(at=at(20), action="a1", who="dan"), "done", "carl", 20),
        (ActionDone(at=at(20), action="a1", who="dan"), "done", "dan", 20),
        (ActionReopened(at=at(20), action="a1", who="dan"), "open", "", 20),
        (ActionCancelled(at=at(20), action="a1", who="dan"), "cancelled", "carl", 10),
    ],
)
def test_each_step_of_the_work_is_remembered(
    event: AnyEvent, stage: str, done_by: str, worked: float
) -> None:
    """An action's stage, who did it, and when it was last worked on are remembered."""
    state, zones = taken(opened(5), ActionDone(at=at(10), action="a1", who="carl"), event)
    action = state.work.actions["a1"]

    assert (action.stage, action.done_by, action.worked_at) == (stage, done_by, at(worked))
    assert action.at == at(20)
    assert zones == {"hall"}


def test_a_step_that_happened_earlier_changes_nothing() -> None:
    """A late step changes nothing; steps at one instant count in the order of arrival."""
    late, same = ActionReopened(at=at(9), action="a1"), ActionReopened(at=at(10), action="a1")
    before = (opened(5), ActionDone(at=at(10), action="a1", who="carl"))

    assert taken(*before, late)[0].work.actions["a1"].stage == "done"
    assert taken(*before, same)[0].work.actions["a1"].stage == "open"


def test_an_action_that_moves_concerns_both_zones() -> None:
    """The zone that the action leaves is better off, and must be assessed again."""
    moved = ActionStarted(at=at(10), action="a1", zone="foyer")

    assert taken(opened(5), moved)[1] == {"hall", "foyer"}


@pytest.mark.parametrize("is_known", [True, False])
def test_finished_building_work_voids_the_sign_off(is_known: bool) -> None:
    """Finished work voids the sign-off even if the action's opening is missing, so that its kind is not known."""
    done = ActionDone(at=at(10), action="a1", zone="hall")
    state, _ = taken(*([opened(5)] if is_known else []), done)
    why = phrase("sign-off-work-done", kind="repair" if is_known else "", action="a1")

    assert state.work.sign_offs == {"hall": SignOffState("", LONG_AGO, at(10), why)}


# Certificates ---------------------------------------------------------------------------------------------------


def issued(seconds: float, zone: str = "hall") -> CertificateIssued:
    """The lift is certified."""
    return CertificateIssued(
        at=at(seconds), asset="lift", kind="brakes", zone=zone, issuer="tuev", expires_at=at(900)
    )


def revoked(seconds: float) -> CertificateRevoked:
    """The certificate is revoked."""
    return CertificateRevoked(at=at(seconds), asset="lift", kind="brakes")


def test_a_certificate_is_remembered_by_asset_and_kind() -> None:
    """A certificate is remembered with its zone, its issuer and its end."""
    state, zones = taken(issued(5))

    assert zones == {"hall"}
    assert state.work.certificates == {
        "lift brakes": CertificateState(at(5), "lift", "brakes", "hall", "tuev", at(900))
    }


@pytest.mark.parametrize("is_known", [True, False])
def test_a_revoked_certificate_stays_with_its_zone(is_known: bool) -> None:
    """A revoked certificate no longer has an end; one that was never issued belongs to every site."""
    state, zones = taken(*([issued(5)] if is_known else []), revoked(10))
    zone = "hall" if is_known else ""

    assert zones == {zone}
    assert state.work.certificates == {
        "lift brakes": CertificateState(at(10), "lift", "brakes", zone)
    }


def test_a_certificate_for_another_zone_concerns_both() -> None:
    """The zone that the certificate leaves must be assessed again."""
    assert taken(issued(5), issued(10, "foyer"))[1] == {"hall", "foyer"}


def test_an_older_certificate_that_arrives_late_changes_nothing() -> None:
    """Of two versions of a certificate the later one counts."""
    state, zones = taken(revoked(10), issued(5))

    assert zones == frozenset()
    assert state.work.certificates["lift brakes"].expires_at is None


# Limits ---------------------------------------------------------------------------------------------------------


def test_actions_and_certificates_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known actions and certificates can still change; a new one is refused."""
    monkeypatch.setattr("monitor.core.readiness.open_items.MOST", 1)
    state, _ = taken(opened(5), issued(6))

    assert not open_items.is_full(State(), opened(9))
    assert not open_items.is_full(State(), issued(9))
    assert not open_items.is_full(state, ActionDone(at=at(9), action="a1"))
    assert not open_items.is_full(state, revoked(9))
    assert open_items.is_full(state, opened(9, action="a2"))
    assert open_items.is_full(
        state, CertificateIssued(at=at(9), asset="lift", kind="rope", expires_at=at(900))
    )
    assert not open_items.is_full(state, ReadinessSigned(at=at(9), zone="hall", who="eve"))


# Sign-offs ------------------------------------------------------------------------------------------------------


def test_a_sign_off_is_remembered_with_what_voids_it() -> None:
    """Of two sign-offs or withdrawals the later one counts, and the reason names who withdrew it."""
    state, zones = taken(
        ReadinessSigned(at=at(5), zone="hall", who="eve"),
        ReadinessSigned(at=at(4), zone="hall", who="bob"),
        ReadinessWithdrawn(at=at(10), zone="hall", who="ann"),
        ReadinessWithdrawn(at=at(9), zone="hall", who="dan"),
    )

    assert zones == {"hall"}
    assert state.work.sign_offs == {
        "hall": SignOffState("eve", at(5), at(10), phrase("sign-off-withdrawn", who="ann", note=""))
    }


@pytest.mark.parametrize(
    ("item", "result", "voids"),
    [
        ("exits-free", "fail", True),
        ("exits-free", "pass", False),
        ("carpet", "fail", False),
        ("unheard-of", "fail", False),
    ],
)
def test_a_failed_item_voids_the_sign_off_if_it_matters(
    item: str,
    result: Result,
    voids: bool,
) -> None:
    """An observation and an item that is not on the checklist do not void the sign-off."""
    harness = EngineHarness(rule_set())
    harness.receive(ReadinessSigned(at=at(5), zone="hall", who="eve"))
    harness.receive(
        InspectionItem(at=at(10), checklist="check", inspection="i1", item=item, result=result)
    )
    harness.tick(20)
    why = phrase(
        "sign-off-item-failed", checklist="Fire safety of the hall", item="All exits are free"
    )

    assert harness.engine.state.work.sign_offs["hall"] == (
        SignOffState("eve", at(5), at(10), why) if voids else SignOffState("eve", at(5))
    )


@pytest.mark.parametrize("revision", [1, 2])
def test_only_a_later_revision_voids_the_sign_off(revision: int) -> None:
    """The first revision is the inspection itself, so it does not void the sign-off."""
    harness = EngineHarness(rule_set())
    harness.receive(ReadinessSigned(at=at(5), zone="hall", who="eve"))
    harness.receive(
        InspectionSubmitted(
            at=at(10),
            checklist="check",
            inspection="i1",
            revision=revision,
            items=(Item(item="exits-free", result="pass"),),
        )
    )
    harness.tick(20)
    why = phrase("sign-off-amended", checklist="Fire safety of the hall", inspection="i1")

    assert harness.engine.state.work.sign_offs["hall"] == (
        SignOffState("eve", at(5), at(10), why) if revision == 2 else SignOffState("eve", at(5))
    )


@pytest.mark.parametrize(
    "event",
    [
        InspectionItem(at=at(5), checklist="c", inspection="i1", item="x", result="fail"),
        InspectionSubmitted(at=at(5), checklist="c", inspection="i1"),
        ReadinessSigned(at=at(5), zone="unheard-of", who="eve"),
    ],
)
def test_what_is_at_no_known_place_concerns_no_zone(event: AnyEvent) -> None:
    """An event at no known place concerns no zone and is not remembered."""
    state, zones = taken(event)

    assert (zones, state.work) == (frozenset(), State().work)
