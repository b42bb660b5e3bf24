"""Limits: what attackers and mistakes can't fill."""

from datetime import timedelta

import pytest

from monitor.core.events.access import AccessDenied, CredentialState
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorOpened
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.rules.model import Count, Hold, Match, Rule
from tests.support.engine import Stage, at, book, fact, on, rule

CAPPED = rule(by="rule", id="capped", match=Match(of=on("monitor.keys_capped")))
DENIED = Match(of=on("access.denied"))


def denied(n: int) -> AccessDenied:
    """A refusal of one credential after another."""
    return AccessDenied(at=at(n), point="d1", credential=f"c{n}")


@pytest.fixture
def few_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three open alerts a rule."""
    monkeypatch.setattr("monitor.core.alerts.lifecycle.MOST_ALERTS", 3)


@pytest.fixture
def few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three keys a rule or fact."""
    monkeypatch.setattr("monitor.core.engine.signals.MOST_KEYS", 3)


def test_what_a_rule_cannot_tell_apart_is_counted() -> None:
    """An event that fits and lacks the key raises nothing; that it came is no secret."""
    nobody = AccessDenied(at=at(0), point="d1")
    known = fact("known", "credential", set=on("access.denied"), clear=on("credential.state"))
    stage = Stage(book(rule(by="credential", match=DENIED), known))
    stage.say(nobody, denied(1), nobody)
    stage.tick(10)

    assert [alert.key for alert in stage.alerts()] == ["c1"]
    assert stage.engine.take_keyless() == {"rule": 2, "known": 2}
    assert stage.engine.take_keyless() == {}


@pytest.mark.usefixtures("few_alerts")
def test_a_rule_has_so_many_open_alerts_and_no_more() -> None:
    """What is more is one message, counted; what is open goes on."""
    stage = Stage(book(rule(by="credential", match=DENIED), CAPPED))
    for n in range(6):
        stage.say(denied(n))
    stage.say(denied(0))

    assert len(stage.alerts()) == 3
    assert stage.changes() == ["raised", "raised", "raised", "recurred"]
    assert stage.changes("capped") == ["raised", "recurred", "recurred"]
    assert stage.alerts("capped")[0].key == "rule"


@pytest.mark.usefixtures("few_alerts")
def test_life_safety_has_no_such_limit() -> None:
    """The four hundredth is as dangerous as the first."""
    stage = Stage(book(rule(by="credential", severity="life_safety", match=DENIED), CAPPED))
    for n in range(6):
        stage.say(denied(n))

    assert len(stage.alerts()) == 6
    assert stage.changes("capped") == []


@pytest.mark.usefixtures("few_alerts")
def test_a_closed_alert_makes_room() -> None:
    """The limit is of open ones."""
    ending = Match(of=on("access.denied"), end=on("access.granted"))
    stage = Stage(book(rule(by="credential", match=ending), CAPPED))
    for n in range(3):
        stage.say(denied(n))
    (first, *_) = stage.alerts()
    stage.engine._desk.withdraw(first, "test")  # noqa: SLF001 - the shortest way to an empty place
    stage.say(denied(5))

    assert len(stage.alerts()) == 3
    assert stage.changes("capped") == []


@pytest.mark.usefixtures("few_alerts")
def test_rules_about_the_limit_have_one_themselves() -> None:
    """Their own overflow is not told on and on."""
    stage = Stage(
        book(CAPPED, rule(by="rule", id="again", match=Match(of=on("monitor.keys_capped"))))
    )
    for n in range(6):
        stage.notice(MonitorKeysCapped(at=at(n), rule=f"r{n}"))

    assert len(stage.alerts("capped")) == len(stage.alerts("again")) == 3


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
def test_a_rule_follows_so_many_keys_and_no_more(followed: Rule) -> None:
    """Those it follows it goes on to follow."""
    stage = Stage(book(followed, CAPPED))
    for n in range(6):
        stage.say(denied(n))
    stage.say(AccessDenied(at=at(6), point="d1", credential="c0", id="2"))
    stage.tick(9)

    assert stage.engine.state.keys["rule"].keys() == {"c0", "c1", "c2"}
    assert stage.changes("capped") == ["raised", "recurred", "recurred"]
    assert "c0" in {alert.key for alert in stage.alerts()}


@pytest.mark.usefixtures("few_keys")
def test_a_fact_is_known_of_so_many_and_no_more() -> None:
    """The alert names the fact; what is known is still kept up to date."""
    barred = fact(
        "barred",
        "credential",
        set=on("credential.state", where='state == "lost"'),
        clear=on("credential.state", where='state == "active"'),
    )
    stage = Stage(book(barred, CAPPED))
    for n in range(5):
        stage.say(CredentialState(at=at(n), credential=f"c{n}", state="lost"))
    stage.say(CredentialState(at=at(6), credential="c0", state="active"))
    stage.tick(20)
    known = stage.engine.state.facts["barred"]

    assert known.keys() == {"c0", "c1", "c2"}
    assert not known["c0"].holds
    assert [alert.key for alert in stage.alerts("capped")] == ["barred"]


def test_an_unknown_name_is_said_once_an_hour() -> None:
    """However many messages name it; a device and a door of one name are two."""
    unknown = rule(by="kind subject", match=Match(of=on("monitor.unknown")))
    stage = Stage(book(unknown))
    for seconds in range(0, 7200, 600):
        stage.say(DoorOpened(at=at(seconds), point="x"))
        stage.say(DeviceHeartbeat(at=at(seconds), device="x"))

    assert {alert.key: alert.occurrences for alert in stage.alerts()} == {
        "point / x": 2,
        "device / x": 2,
    }


def test_unknown_names_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends names at random gets one alert, and an hour later the next ones are said again."""
    monkeypatch.setattr("monitor.core.engine.engine.MOST_UNKNOWN", 3)
    unknown = rule(by="subject", match=Match(of=on("monitor.unknown")))
    stage = Stage(book(unknown, CAPPED))
    for n in range(6):
        stage.say(DoorOpened(at=at(n), point=f"x{n}"))

    assert [alert.key for alert in stage.alerts()] == ["x0", "x1", "x2"]
    assert [alert.key for alert in stage.alerts("capped")] == ["unknown names"]
    assert len(stage.engine.state.unknown) == 3

    stage.say(DoorOpened(at=at(3700), point="x9"))

    assert "x9" in {alert.key for alert in stage.alerts()}


def test_an_unknown_checklist_is_said() -> None:
    """Also when its items come one by one."""
    unknown = rule(by="kind subject", match=Match(of=on("monitor.unknown")))
    stage = Stage(book(unknown))
    stage.say(
        InspectionItem(at=at(1), checklist="elsewhere", inspection="i1", item="x", result="pass")
    )

    assert [alert.key for alert in stage.alerts()] == ["checklist / elsewhere"]
