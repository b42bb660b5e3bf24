"""What later words about an action or a report leave out: the first one has said it."""

from datetime import timedelta

import pytest

from monitor.core.derive import enrich as recall
from monitor.core.events import Event
from monitor.core.events.people import ReportClosed, ReportFiled
from monitor.core.events.work import ActionDone, ActionOpened, ActionVerified
from monitor.core.rules.model import Match, Rule, Sequence
from tests.support.engine import Stage, at, book, on, rule

CLOSED = rule(by="zone about", match=Match(of=on("report.closed")))
VERIFIED = rule(by="asset", match=Match(of=on("action.verified")))
CONTESTED = rule(by="subject", match=Match(of=on("work.contested"), end=on("work.settled")))


def found(*events: Event, of: Rule) -> list[str]:
    """The keys of the alerts that are open."""
    stage = Stage(book(of))
    for said in events:
        stage.say(said)
    stage.tick(60)
    return [alert.key for alert in stage.alerts()]


def filed(seconds: float, report: str = "r1") -> ReportFiled:
    """A report of a smell in the hall."""
    return ReportFiled(at=at(seconds), report=report, zone="hall", about="smell")


def opened(seconds: float, action: str, lead: str, zone: str = "") -> ActionOpened:
    """Work on a lift."""
    return ActionOpened(
        at=at(seconds), action=action, kind="repair", asset="lift-1", lead=lead, zone=zone
    )


def test_a_report_is_closed_by_its_number() -> None:
    """Where, and about what, was said when it was filed; what is said again counts."""
    assert found(filed(0), ReportClosed(at=at(5), report="r1"), of=CLOSED) == ["hall / smell"]
    other = ReportClosed(at=at(5), report="r1", about="noise")
    assert found(filed(0), other, of=CLOSED) == ["hall / noise"]
    assert found(ReportClosed(at=at(5), report="r9"), of=CLOSED) == []


def test_in_the_order_in_which_it_happened() -> None:
    """A rule with a memory hears of it in its turn: filed and closed at once, or the other way round on the way."""
    back = rule(
        by="zone about",
        sequence=Sequence(
            steps=(on("report.filed"), on("report.closed")), within=timedelta(hours=1)
        ),
    )
    closed = ReportClosed(at=at(5), report="r1")
    stage = Stage(book(back))
    stage.say(closed)
    stage.say(filed(4), seconds=5.5)
    stage.tick(60)

    assert [alert.key for alert in stage.alerts()] == ["hall / smell"]


def test_an_action_is_verified_by_its_number() -> None:
    """The asset was named when it was opened."""
    verified = ActionVerified(at=at(9), action="a1", who="ann")

    assert found(opened(0, "a1", "it"), verified, of=VERIFIED) == ["lift-1"]
    assert found(verified, of=VERIFIED) == []


def test_more_reports_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was filed longest ago is forgotten."""
    monkeypatch.setattr(recall, "MOST", 2)
    closed = [ReportClosed(at=at(9), report=f"r{n}") for n in range(1, 4)]
    told = filed(0, "r1"), filed(1, "r2"), filed(2, "r1"), filed(3, "r3")

    assert found(*told, closed[1], of=CLOSED) == ["hall / smell"]
    assert found(*told, closed[0], of=CLOSED) == []


def test_leads_are_contested_while_work_of_both_is_open() -> None:
    """However long ago the first was opened; a third one is told as well; until all but one are done."""
    told = [opened(0, "a1", "it"), opened(1, "a2", "health"), opened(2, "a3", "fire")]
    done = [ActionDone(at=at(10 + n), action=f"a{n}", who="bob") for n in (1, 2)]
    stage = Stage(book(CONTESTED))
    for said in told:
        stage.say(said)
    stage.say(done[0])
    stage.tick(20)
    assert [(alert.key, alert.occurrences) for alert in stage.alerts()] == [("lift-1", 3)]

    stage.say(done[1], seconds=30)
    stage.tick(60)
    assert stage.alerts() == []


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
    """So that those who watch the zone are told of it, and a mask of the zone holds; two zones are none."""
    stage = Stage(book(CONTESTED))
    for n, (lead, zone) in enumerate(zip(("it", "health"), zones, strict=True)):
        stage.say(opened(n, f"a{n}", lead, zone))
    stage.tick(20)

    assert [(alert.site, alert.zone) for alert in stage.alerts()] == [where]
