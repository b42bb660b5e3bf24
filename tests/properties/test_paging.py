"""The laws of paging: nothing is dropped, no one is paged twice for one reason, life safety never waits."""

from collections.abc import Sequence

from hypothesis import given

from monitor.core.alert import Alert, Change, Handling
from monitor.core.inputs import Input, RosterChanged
from monitor.core.oncall.escalation import FALLBACK_ONCE
from monitor.core.transitions import AlertChanged, PageOrdered
from tests.support.engine import START
from tests.support.histories import ROSTER, new, run, runs


def of(page: PageOrdered) -> list[str]:
    """The alerts of a page."""
    return [*(row.id for row in page.alerts), *page.more]


def steady(inputs: Sequence[Input]) -> list[Input]:
    """A history with one roster from beginning to end."""
    rules, *rest = inputs
    roster = RosterChanged(received_at=START, who="start", roster=ROSTER)
    return [rules, roster, *(row for row in rest if not isinstance(row, RosterChanged))]


@given(runs(size=40))
def test_no_page_is_ordered_twice(inputs: list[Input]) -> None:
    """An id is made of one person, one alert or digest, one step and one round."""
    pages = [
        row.id for event in run(new(), inputs) for row in event if isinstance(row, PageOrdered)
    ]

    assert len(pages) == len(set(pages))


@given(runs(size=40))
def test_life_safety_is_never_grouped(inputs: list[Input]) -> None:
    """A life-safety alert is in no digest and no summary, and never waits in a digest queue."""
    engine = new()
    for event in run(engine, inputs):
        for page in event:
            if isinstance(page, PageOrdered) and page.kind in ("digest", "summary"):
                assert not [row for row in page.alerts if row.severity == "life_safety"]
    for bag in engine.state.paging.queues.values():
        waiting = [row or engine.state.alerts.open[alert] for alert, row in bag.rows.items()]
        assert not [row for row in waiting if row.severity == "life_safety"]


@given(runs(size=40))
def test_nothing_is_dropped(inputs: list[Input]) -> None:
    """Every visible alert is paged, waits in a digest queue, or escalates to a person who can be reached."""
    engine = new()
    found = set[str]()
    raised = set[str]()
    for transitions in run(engine, steady(inputs)):
        for row in transitions:
            if isinstance(row, PageOrdered):
                found.update(of(row))
            elif (
                isinstance(row, AlertChanged)
                and row.change is Change.RAISED
                and row.alert.handling is Handling.NEW
            ):
                raised.add(row.alert.id)
    begun = {alert for bag in engine.state.paging.queues.values() for alert in bag.rows}

    assert raised <= found | begun


@given(runs(size=40))
def test_an_acknowledged_alert_does_not_escalate(inputs: list[Input]) -> None:
    """While a person in the roster has an alert, or it is shelved, no one else is paged because no one took it."""
    engine = new()
    alerts: dict[str, Alert] = {}
    for transitions in run(engine, inputs):
        for row in transitions:
            if isinstance(row, AlertChanged):
                alerts[row.alert.id] = row.alert
            elif isinstance(row, PageOrdered) and row.kind == "escalated":
                assert alerts[row.alerts[0].id].needs_owner


@given(runs(size=40))
def test_every_waiting_alert_has_a_timer(inputs: list[Input]) -> None:
    """No new alert is left without a timer that pages the next person."""
    engine = new()
    run(engine, inputs)
    state = engine.state
    ladders = (
        {} if state.paging.roster is None else {row.id: row for row in state.paging.roster.policies}
    )
    for alert_id, climb in state.paging.escalations.items():
        alert = state.alerts.open[alert_id]
        if alert.status != ("active", "new") or not ladders[climb.policy].steps:
            continue
        ended = climb.step >= len(ladders[climb.policy].steps)
        if alert.severity in FALLBACK_ONCE and ended and climb.reached:
            continue
        held = {row.person for row in state.paging.queues.values() if alert_id in row.rows}
        assert (
            climb.due is not None or alert_id in state.paging.postponed or held & {*climb.reached}
        )
