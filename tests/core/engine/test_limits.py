"""Limits: what attackers and mistakes cannot fill up."""

from datetime import timedelta

import pytest

from monitor.core.events.access import AccessDenied, CredentialState
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorOpened
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.phrase import phrase
from monitor.core.rules.model import Count, Hold, Match, Rule
from tests.support.engine import EngineHarness, at, fact, on, rule, rule_set

CAPPED = rule(by="rule", id="capped", match=Match(of=on("monitor.keys_capped")))
DENIED = Match(of=on("access.denied"))


def denied(n: int) -> AccessDenied:
    """Refusals of one credential after another."""
    return AccessDenied(at=at(n), point="d1", credential=f"c{n}")


@pytest.fixture
def few_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit each rule to three open alerts."""
    monkeypatch.setattr("monitor.core.alerts.open_alerts.MOST_ALERTS", 3)


@pytest.fixture
def few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit each rule or fact to three keys."""
    monkeypatch.setattr("monitor.core.engine.signals.MOST_KEYS", 3)


def test_a_matching_event_without_the_key_is_counted() -> None:
    """A matching event without the key raises no alert, and its arrival is reported."""
    without_key = AccessDenied(at=at(0), point="d1")
    known = fact("known", "credential", set=on("access.denied"), clear=on("credential.state"))
    harness = EngineHarness(rule_set(rule(by="credential", match=DENIED), known))
    harness.receive(without_key, denied(1), without_key)
    harness.tick(10)

    assert [alert.key for alert in harness.alerts()] == ["c1"]
    assert harness.engine.take_keyless() == {"rule": 2, "known": 2}
    assert harness.engine.take_keyless() == {}


@pytest.mark.usefixtures("few_alerts")
def test_open_alerts_of_a_rule_are_capped() -> None:
    """What exceeds the cap is counted in one message; open alerts go on."""
    harness = EngineHarness(rule_set(rule(by="credential", match=DENIED), CAPPED))
    for n in range(6):
        harness.receive(denied(n))
    harness.receive(denied(0))

    assert len(harness.alerts()) == 3
    assert harness.changes() == ["raised", "raised", "raised", "recurred"]
    assert harness.changes("capped") == ["raised", "recurred", "recurred"]
    assert harness.alerts("capped")[0].key == "rule"


@pytest.mark.usefixtures("few_alerts")
def test_life_safety_has_no_cap() -> None:
    """Life safety has no cap: the four hundredth alert is as dangerous as the first."""
    harness = EngineHarness(
        rule_set(rule(by="credential", severity="life_safety", match=DENIED), CAPPED)
    )
    for n in range(6):
        harness.receive(denied(n))

    assert len(harness.alerts()) == 6
    assert harness.changes("capped") == []


@pytest.mark.usefixtures("few_alerts")
def test_a_closed_alert_makes_room() -> None:
    """The cap counts open alerts: there is room for one more, not for two."""
    ending = Match(of=on("access.denied"), end=on("access.granted"))
    harness = EngineHarness(rule_set(rule(by="credential", match=ending), CAPPED))
    for n in range(3):
        harness.receive(denied(n))
    (first, *_) = harness.alerts()
    harness.engine._context.alerts.withdraw(first, phrase("rule-changed"))  # noqa: SLF001 - the shortest way to an empty place
    harness.receive(denied(5))

    assert len(harness.alerts()) == 3
    assert harness.changes("capped") == []

    harness.receive(denied(6))

    assert len(harness.alerts()) == 3
    assert [row.happened_at for row in harness.alerts("capped")] == [at(6)]


@pytest.mark.usefixtures("few_alerts")
def test_rules_about_the_cap_have_a_cap_themselves() -> None:
    """An overflow of the rules about the cap does not raise further alerts."""
    harness = EngineHarness(
        rule_set(CAPPED, rule(by="rule", id="again", match=Match(of=on("monitor.keys_capped"))))
    )
    for n in range(6):
        harness.notice(MonitorKeysCapped(at=at(n), rule=f"r{n}"))

    assert len(harness.alerts("capped")) == len(harness.alerts("again")) == 3


@pytest.mark.usefixtures("few_keys")
@pytest.mark.parametrize(
    "followed",
    [
        rule(
            by="credential",
            count=Count(of=on("access.denied"), at_least=2, within=timedelta(seconds=60)),
        ),
        rule(
            by="credential",
            hold=Hold(start=on("access.denied"), end=on("access.granted"), longer_than="5s"),
        ),
    ],
)
def test_keys_of_a_rule_are_capped(followed: Rule) -> None:
    """Beyond the cap, the keys that are already followed are still followed."""
    harness = EngineHarness(rule_set(followed, CAPPED))
    for n in range(6):
        harness.receive(denied(n))
    harness.receive(AccessDenied(at=at(6), point="d1", credential="c0", id="2"))
    harness.tick(9)

    assert harness.engine.state.rules.keys["rule"].keys() == {"c0", "c1", "c2"}
    assert harness.changes("capped") == ["raised", "recurred", "recurred"]
    assert "c0" in {alert.key for alert in harness.alerts()}


@pytest.mark.usefixtures("few_keys")
def test_keys_of_a_fact_are_capped() -> None:
    """The alert names the fact; known values are still kept up to date."""
    barred = fact(
        "barred",
        "credential",
        set=on("credential.state", where='state == "lost"'),
        clear=on("credential.state", where='state == "active"'),
    )
    harness = EngineHarness(rule_set(barred, CAPPED))
    for n in range(5):
        harness.receive(CredentialState(at=at(n), credential=f"c{n}", state="lost"))
    harness.receive(CredentialState(at=at(6), credential="c0", state="active"))
    harness.tick(20)
    known = harness.engine.state.rules.facts["barred"]

    assert known.keys() == {"c0", "c1", "c2"}
    assert not known["c0"].holds
    assert [alert.key for alert in harness.alerts("capped")] == ["barred"]


def test_an_unknown_name_is_reported_once_an_hour() -> None:
    """An unknown name is reported once an hour, however many messages carry it.

    A device and a door with the same name are two unknown names.
    """
    unknown = rule(by="kind subject", match=Match(of=on("monitor.unknown")))
    harness = EngineHarness(rule_set(unknown))
    for seconds in range(0, 7200, 600):
        harness.receive(DoorOpened(at=at(seconds), point="x"))
        harness.receive(DeviceHeartbeat(at=at(seconds), device="x"))

    assert {alert.key: alert.occurrences for alert in harness.alerts()} == {
        "point / x": 2,
        "device / x": 2,
    }


def test_reports_of_unknown_names_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender of random names raises one alert, and an hour later new names are reported again."""
    monkeypatch.setattr("monitor.core.engine.stages.arrive.MOST_UNKNOWN", 3)
    unknown = rule(by="subject", match=Match(of=on("monitor.unknown")))
    harness = EngineHarness(rule_set(unknown, CAPPED))
    for n in range(6):
        harness.receive(DoorOpened(at=at(n), point=f"x{n}"))

    assert [alert.key for alert in harness.alerts()] == ["x0", "x1", "x2"]
    assert [alert.key for alert in harness.alerts("capped")] == ["unknown names"]
    assert len(harness.engine.state.devices.unknown_names) == 3

    harness.receive(DoorOpened(at=at(3700), point="x9"))

    assert "x9" in {alert.key for alert in harness.alerts()}


def test_an_unknown_checklist_is_reported() -> None:
    """An unknown checklist is reported even when its items arrive one by one."""
    unknown = rule(by="kind subject", match=Match(of=on("monitor.unknown")))
    harness = EngineHarness(rule_set(unknown))
    harness.receive(
        InspectionItem(at=at(1), checklist="elsewhere", inspection="i1", item="x", result="pass")
    )

    assert [alert.key for alert in harness.alerts()] == ["checklist / elsewhere"]
