"""The laws of paging: nothing is dropped, nobody is told twice for one reason, life safety never waits."""

from collections.abc import Sequence

from hypothesis import given

from monitor.core.alert import Change, Handling
from monitor.core.inputs import Input, RosterChanged
from monitor.core.oncall.escalation import TOLD_ONCE
from monitor.core.transitions import AlertChanged, PageOrdered
from tests.support.engine import START
from tests.support.histories import ROSTER, new, run, runs


def of(page: PageOrdered) -> list[str]:
    """The alerts that a page tells of."""
    return [*(row.id for row in page.alerts), *page.more]


def steady(inputs: Sequence[Input]) -> list[Input]:
    """The same history, with one roster from the beginning to the end."""
    rules, *rest = inputs
    roster = RosterChanged(received_at=START, who="start", roster=ROSTER)
    return [rules, roster, *(row for row in rest if not isinstance(row, RosterChanged))]


@given(runs(size=40))
def test_no_page_is_ordered_twice(inputs: list[Input]) -> None:
    """An id stands for one person, one alert or bag, one step and one turn."""
    pages = [row.id for told in run(new(), inputs) for row in told if isinstance(row, PageOrdered)]

    assert len(pages) == len(set(pages))


@given(runs(size=40))
def test_life_safety_is_never_put_together(inputs: list[Input]) -> None:
    """No digest and no summary holds it, and none of it waits in a bag."""
    engine = new()
    for told in run(engine, inputs):
        for page in told:
            if isinstance(page, PageOrdered) and page.kind in ("digest", "summary"):
                assert not [row for row in page.alerts if row.severity == "life_safety"]
    for bag in engine.state.paging.bags.values():
        waiting = [row or engine.state.alerts[alert] for alert, row in bag.rows.items()]
        assert not [row for row in waiting if row.severity == "life_safety"]


@given(runs(size=40))
def test_nothing_is_dropped(inputs: list[Input]) -> None:
    """Every alert that is raised in the open is told to somebody, waits in a bag, or climbs to who can be reached."""
    engine = new()
    told = set[str]()
    raised = set[str]()
    for transitions in run(engine, steady(inputs)):
        for row in transitions:
            if isinstance(row, PageOrdered):
                told.update(of(row))
            elif (
                isinstance(row, AlertChanged)
                and row.change is Change.RAISED
                and row.alert.handling is Handling.NEW
            ):
                raised.add(row.alert.id)
    begun = {alert for bag in engine.state.paging.bags.values() for alert in bag.rows}

    assert raised <= told | begun


@given(runs(size=40))
def test_what_somebody_has_does_not_climb(inputs: list[Input]) -> None:
    """While it is acknowledged or shelved, nobody else is told that nobody took it."""
    engine = new()
    handling: dict[str, Handling] = {}
    for transitions in run(engine, inputs):
        for row in transitions:
            if isinstance(row, AlertChanged):
                handling[row.alert.id] = row.alert.handling
            elif isinstance(row, PageOrdered) and row.kind == "escalated":
                assert handling[row.alerts[0].id] is Handling.NEW


@given(runs(size=40))
def test_whoever_waits_has_a_timer(inputs: list[Input]) -> None:
    """No alert stands open to all while nothing will ever tell the next one of it."""
    engine = new()
    run(engine, inputs)
    state = engine.state
    ladders = {} if state.roster is None else {row.id: row for row in state.roster.ladders}
    for alert_id, climb in state.paging.climbs.items():
        alert = state.alerts[alert_id]
        if alert.standing != ("active", "new") or not ladders[climb.ladder].steps:
            continue
        ended = climb.step >= len(ladders[climb.ladder].steps)
        if alert.severity in TOLD_ONCE and ended and climb.reached:
            continue
        held = {row.person for row in state.paging.bags.values() if alert_id in row.rows}
        assert climb.due is not None or alert_id in state.paging.still or held & {*climb.reached}
