"""Later events about an action or a report are completed from the first one."""

from datetime import timedelta

import pytest

from monitor.core.derive import enrich
from monitor.core.events import ReceivedEvent
from monitor.core.events.people import ReportClosed, ReportFiled
from monitor.core.events.work import ActionDone, ActionOpened, ActionVerified
from monitor.core.rules.model import Match, Rule, Sequence
from tests.support.engine import EngineHarness, at, on, rule, rule_set

CLOSED = rule(by="zone about", match=Match(of=on("report.closed")))
VERIFIED = rule(by="asset", match=Match(of=on("action.verified")))
CONTESTED = rule(by="subject", match=Match(of=on("work.contested"), end=on("work.settled")))


def found(*events: ReceivedEvent, of: Rule) -> list[str]:
    """The keys of the alerts that are open."""
    harness = EngineHarness(rule_set(of))
    for event in events:
        harness.receive(event)
    harness.tick(60)
    return [alert.key for alert in harness.alerts()]


def filed(seconds: float, report: str = "r1") -> ReportFiled:
    """A smell in the hall is reported."""
    return ReportFiled(at=at(seconds), report=report, zone="hall", about="smell")


def opened(seconds: float, action: str, lead: str, zone: str = "") -> ActionOpened:
    """Work on a lift is opened."""
    return ActionOpened(
        at=at(seconds), action=action, kind="repair", asset="lift-1", lead=lead, zone=zone
    )


def test_a_report_is_closed_by_its_number() -> None:
    """Place and subject come from the report as it was filed; the later event's own fields take precedence."""
    assert found(filed(0), ReportClosed(at=at(5), report="r1"), of=CLOSED) == ["hall / smell"]
    other = ReportClosed(at=at(5), report="r1", about="noise")
    assert found(filed(0), other, of=CLOSED) == ["hall / noise"]
    assert found(ReportClosed(at=at(5), report="r9"), of=CLOSED) == []


def test_events_are_enriched_in_order_of_time() -> None:
    """A rule with memory sees filed and closed in order, also if they arrive at once or the other way round."""
    back = rule(
        by="zone about",
        sequence=Sequence(
            steps=(on("report.filed"), on("report.closed")), within=timedelta(hours=1)
        ),
    )
    closed = ReportClosed(at=at(5), report="r1")
    harness = EngineHarness(rule_set(back))
    harness.receive(closed)
    harness.receive(filed(4), seconds=5.5)
    harness.tick(60)

    assert [alert.key for alert in harness.alerts()] == ["hall / smell"]


def test_an_action_is_verified_by_its_number() -> None:
    """A verification gets the asset that was named when the action was opened."""
    verified = ActionVerified(at=at(9), action="a1", who="ann")

    assert found(opened(0, "a1", "it"), verified, of=VERIFIED) == ["lift-1"]
    assert found(verified, of=VERIFIED) == []


def test_reports_are_remembered_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the cap, the report that was filed longest ago is forgotten."""
    monkeypatch.setattr(enrich, "MOST", 2)
    closed = [ReportClosed(at=at(9), report=f"r{n}") for n in range(1, 4)]
    events = filed(0, "r1"), filed(1, "r2"), filed(2, "r1"), filed(3, "r3")

    assert found(*events, closed[1], of=CLOSED) == ["hall / smell"]
    assert found(*events, closed[0], of=CLOSED) == []


def test_leads_are_contested_while_work_of_both_is_open() -> None:
    """Leads are contested however long ago the first work was opened, and a third lead is reported too.

    The conflict ends when the work of all but one lead is done.
    """
    events = [opened(0, "a1", "it"), opened(1, "a2", "health"), opened(2, "a3", "fire")]
    done = [ActionDone(at=at(10 + n), action=f"a{n}", who="bob") for n in (1, 2)]
    harness = EngineHarness(rule_set(CONTESTED))
    for event in events:
        harness.receive(event)
    harness.receive(done[0])
    harness.tick(20)
    assert [(alert.key, alert.occurrences) for alert in harness.alerts()] == [("lift-1", 3)]

    harness.receive(done[1], seconds=30)
    harness.tick(60)
    assert harness.alerts() == []


@pytest.mark.parametrize(
    ("zones", "where"),
    [
        (("hall", "hall"), ("centre", "hall")),
        (("hall", ""), ("centre", "hall")),
        (("hall", "foyer"), ("", "")),
        (("", ""), ("", "")),
    ],
)
def test_work_is_contested_in_the_zone_that_its_actions_name(
    zones: tuple[str, str], where: tuple[str, str]
) -> None:
    """The event reaches those who are responsible for the zone, and a mask of the zone applies; two zones give none."""
    harness = EngineHarness(rule_set(CONTESTED))
    for n, (lead, zone) in enumerate(zip(("it", "health"), zones, strict=True)):
        harness.receive(opened(n, f"a{n}", lead, zone))
    harness.tick(20)

    assert [(alert.site, alert.zone) for alert in harness.alerts()] == [where]
