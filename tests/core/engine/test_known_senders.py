"""Ids that no file lists, and topics: whoever invents them by the thousand takes no room from known senders."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.events.access import AccessDenied
from monitor.core.events.inspection import InspectionSubmitted
from monitor.core.events.people import RequestOpened
from monitor.core.events.work import ActionOpened
from monitor.core.inputs import Rejected
from monitor.core.roster import Person, Roster
from monitor.core.rules.model import Count, Match, Rule
from tests.support.engine import RULE_SET, EngineHarness, at, on, rule, rule_set

REJECTED = rule(by="source", match=Match(of=on("monitor.rejected")))
CAPPED = rule(by="rule", id="capped", match=Match(of=on("monitor.keys_capped")))


def harness(*rules: Rule) -> EngineHarness:
    """An engine with these rules and with anna on the roster."""
    made = EngineHarness(rule_set(*rules) if rules else RULE_SET)
    made.engine.state.paging.roster = Roster(people=(Person(id="anna", name="Anna"),))
    return made


def reject(harness: EngineHarness, *topics: str) -> None:
    """Refuse a message on each of these topics."""
    for topic in topics:
        harness.step(Rejected(received_at=at(1), source=topic, reason="not JSON"))


def test_a_flooding_vendor_hides_no_rejects_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each vendor, and each kind of topic of a site, has a share of the alerts of a rule."""
    monkeypatch.setattr("monitor.core.alerts.open_alerts.MOST_ALERTS", 3)
    monkeypatch.setattr("monitor.core.alerts.open_alerts.MOST_OF_SHARE", 3)
    found = harness(REJECTED, CAPPED)
    for flood in ("esp-rfid/{}/send", "venue/centre/door/x{}", "venue/x{}/door/y", "{}"):
        reject(found, *(flood.format(n) for n in range(20)))
    true = ["zigbee2mqtt/contact", "venue/centre/action/a1", "venue/centre/door/d1"]
    reject(found, *true)
    keys = [alert.key for alert in found.alerts()]

    assert keys[-3:] == true
    assert len(keys) == 4 * 3 + 3
    assert [alert.key for alert in found.alerts("capped")] == ["rule"]


def test_a_closed_alert_gives_its_share_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The share counts open alerts, those of a restored state too."""
    monkeypatch.setattr("monitor.core.alerts.open_alerts.MOST_OF_SHARE", 2)
    found = harness(REJECTED, CAPPED)
    reject(found, "esp/1", "esp/2", "esp/3")
    first, _ = found.alerts()
    found.engine._context.alerts.withdraw(first, "test")  # type: ignore[arg-type]  # noqa: SLF001
    reject(found, "esp/4", "esp/5")

    assert [alert.key for alert in found.alerts()] == ["esp/2", "esp/4"]


@pytest.mark.parametrize(
    ("by", "invented", "true"),
    [
        (
            "request",
            lambda n: RequestOpened(at=at(n), request=f"q{n}", zone="hall", who="eve"),
            RequestOpened(at=at(50), request="q", zone="hall", who="anna"),
        ),
        (
            "credential",
            lambda n: AccessDenied(at=at(n), point="d1", credential=f"{n:032x}"),
            AccessDenied(at=at(50), point="d1", credential="f" * 32, device="r1"),
        ),
    ],
)
def test_a_rule_tracks_known_senders_after_a_flood(
    monkeypatch: pytest.MonkeyPatch,
    by: str,
    invented: Callable[[int], ReceivedEvent],
    true: ReceivedEvent,
) -> None:
    """Invented requests and badges share a quota; those of a person on the roster or a known reader have a reserve."""
    monkeypatch.setattr("monitor.core.engine.signals.MOST_KEYS", 3)
    count = Count(of=on(kind_of(true)), at_least=2, within=timedelta(seconds=60))
    found = harness(rule(by=by, count=count), CAPPED)
    for n in range(10):
        found.receive(invented(n), invented(n))
    found.receive(true, true)
    found.tick(60)
    keys = [alert.key for alert in found.alerts()]

    assert len(keys) == 4
    assert keys[-1] == getattr(true, by)
    assert [alert.key for alert in found.alerts("capped")] == ["rule"]


def test_actions_of_people_on_the_roster_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the quota only they have room, and only as much again."""
    monkeypatch.setattr("monitor.core.readiness.open_items.MOST", 3)
    found = harness()
    for n, who in enumerate(["eve"] * 10 + ["anna"] * 10):
        row = ActionOpened(at=at(n), action=f"a{n}", kind="repair", zone="hall", who=who)
        found.receive(row)
    found.tick(60)

    assert list(found.engine.state.work.actions) == ["a0", "a1", "a2", "a10", "a11", "a12"]
    assert found.alerts("monitor-keys-capped") != []


def test_the_inspections_of_strangers_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented forms do not displace the evidence of a known inspector."""
    monkeypatch.setattr("monitor.core.readiness.inspections.MOST", 3)
    found = harness()
    for n, who in enumerate(["anna", *["eve"] * 10]):
        found.receive(
            InspectionSubmitted(at=at(n), checklist="check", inspection=f"i{n}", inspector=who)
        )
    found.tick(60)

    assert list(found.engine.state.work.inspections) == ["i0", "i9", "i10"]
