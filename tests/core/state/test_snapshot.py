"""Snapshots: the state is restored as it was, and an unknown snapshot is refused as a whole."""

import msgspec
import pytest

from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.core.state.timers import EscalationTimer, RuleTimer
from monitor.core.state.version_1 import MOVED, PAGING
from tests.support.engine import START


def test_a_state_is_restored_as_it_was() -> None:
    """The restored state includes the timers of both heaps."""
    state = State()
    state.time.timers.push(RuleTimer(START, "rule", "key"))
    state.paging.timers.push(EscalationTimer(START, "alert"))
    assert snapshot.decode(snapshot.encode(state)) == state


NEW = {
    "devices.disconnected_since",
    *("work.pending", "work.versions"),
    "devices.unknown_keys",
    *("shift_log.entries", "shift_log.struck", "shift_log.hand_overs"),
    *("paging.handed_over", "paging.hand_overs"),
    *("paging.digest_due", "paging.undelivered"),
    *("alerts.unknown", "alerts.unknown_names", "rules.unknown_keys", "rules.unknown_values"),
    "rules.expected",
    *("time.doubt", "time.step_limit", "time.passed", "time.is_cut", "alerts.stepped"),
    "work.inspections",
    "people.rolls",
}
"""Fields that the first version did not have: they begin empty."""


def test_the_first_version_has_a_place_for_every_field() -> None:
    """Every name in the table is a field of the state; every older field of the state but the version is in it."""
    moved = {f"{part}.{name}".strip(".") for part, name in MOVED.values() if name}
    moved |= {f"paging.{name}" for name in PAGING.values()}
    state = State()
    parts = {name for name in state.__struct_fields__ if name not in ("version", "rule_set")}
    fields = {f"{part}.{name}" for part in parts for name in getattr(state, part).__struct_fields__}
    assert moved == fields - NEW | {"rule_set"}


def test_a_snapshot_from_before_inspections_were_remembered_is_read() -> None:
    """Version 0.2.0 recorded neither the ends of inspections nor since when work could have been inspected."""
    t = "2026-01-01T00:00:00Z"
    answers = {"exits-free": {"at": t, "result": "pass", "inspection": "i1", "inspector": "ann"}}
    body = msgspec.json.decode(snapshot.encode(State()))
    body["work"] = {
        "checklists": {"check": {"answers": answers, "void": {}, "approved": {}}},
        "actions": {"a1": {"at": t, "stage": "done", "done_by": "carl", "zone": "hall"}},
    }
    work = snapshot.decode(msgspec.json.encode(body)).work

    assert work.checklists["check"].answers["exits-free"].sent_at == work.actions["a1"].at
    assert (work.actions["a1"].stage, work.actions["a1"].worked_at) == ("done", None)


@pytest.mark.parametrize(
    "body", [b'{"version":3}', b'{"now":"2026-01-01T00:00:00Z","moon":1}', b'{"now":"late"}', b"{"]
)
def test_an_unknown_snapshot_is_refused(body: bytes) -> None:
    """If the snapshot has a later version, an unknown field, a wrong value or half a file, the inputs are replayed."""
    with pytest.raises(msgspec.MsgspecError):
        snapshot.decode(body)
