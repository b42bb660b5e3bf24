"""The reasons in titles: each person reads them in their own language, and rules see them in English."""

import msgspec
import pytest

from monitor.core.alert import Alert
from monitor.core.events.monitor_files import MonitorRosterTrouble
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.inputs import Rejected, RosterChanged
from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import Roster, Team, Trouble
from monitor.core.rules.model import Rule
from monitor.core.venue.display_names import NO_NAMES
from monitor.texts import best, in_english, title
from tests.support.engine import SHIPPED, EngineHarness, at, rule_set

TEAMS = (Team(id="guards", name="Guards"),)
GAP = Trouble(kind="gap", subject="guards", reason=phrase("no-one-on-call", since=at(0), until=""))
REFUSAL = phrase("sender-itself", system="uhppoted-mqtt")


def shipped(name: str) -> Rule:
    """The shipped rule with this id."""
    return next(row for row in SHIPPED.rules if row.id == name)


def alert_of(name: str, *given: RosterChanged | Rejected) -> tuple[Rule, Alert]:
    """A shipped rule, and its alert after these inputs."""
    rule = shipped(name)
    harness = EngineHarness(rule_set(rule))
    for row in given:
        harness.step(row)
    harness.tick(60)
    (alert,) = harness.alerts(name)
    return rule, alert


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        (
            "en",
            "Gap in the on-call plan of guards within the next 24 hours: no one is on call from ",
        ),
        ("vi", "Lịch trực của guards có khoảng trống trong 24 giờ tới: không có ai trực từ "),
    ],
)
def test_a_gap_is_read_in_each_language(tag: str, shown: str) -> None:
    """The page about a gap in the plan gives its reason in the language of the person paged."""
    roster = Roster(teams=TEAMS, troubles=(GAP,))
    rule, alert = alert_of(
        "on-call-gap", RosterChanged(received_at=at(0), who="test", roster=roster)
    )

    assert title(alert, rule, NO_NAMES, best((tag,))).startswith(shown)
    assert in_english(alert).values["reason"] == "no one is on call from 2026-01-01 08:00Z"


def test_a_refused_message_is_read_in_each_language() -> None:
    """The reason for refusing a message is kept as an id with arguments, also within the alert."""
    wanted = phrase("adapter-not-mapped", kind="device", sender=REFUSAL, entry="x", adapter="y")
    rule, alert = alert_of(
        "rejected-input", Rejected(received_at=at(0), source="vendor/1", reason=wanted)
    )

    assert alert.values["reason"] == wanted
    assert "chưa được gán thiết bị nào" in title(alert, rule, NO_NAMES, best(("vi",)))
    assert "no device is mapped to it" in alert.title
    assert msgspec.json.decode(msgspec.json.encode(alert), type=Alert) == alert


def test_a_reason_of_an_older_version_is_kept_as_written() -> None:
    """In journals of older versions a problem of the roster is a text."""
    old = {"at": at(0), "kind": "gap", "subject": "guards", "reason": "none"}
    event = msgspec.convert(old | {"type": "monitor.roster_trouble"}, MonitorRosterTrouble)

    assert (event.reason, event.phrase) == ("none", None)
    roster = Roster(troubles=(Trouble(kind="gap", subject="guards", reason="no one at all"),))
    rule, alert = alert_of(
        "on-call-gap", RosterChanged(received_at=at(0), who="test", roster=roster)
    )
    assert title(alert, rule, NO_NAMES, best(("vi",))).endswith(": no one at all")


def test_problems_are_told_apart_by_their_reasons() -> None:
    """A gap that moves is reported again; one that stays is not."""
    moved = Trouble(
        kind="gap", subject="guards", reason=phrase("no-one-on-call", since=at(3600), until="")
    )
    harness = EngineHarness(rule_set(shipped("on-call-gap")))
    for n, trouble in enumerate((GAP, GAP, moved)):
        roster = Roster(teams=TEAMS, troubles=(trouble,))
        harness.step(RosterChanged(received_at=at(n), who="test", roster=roster))
    harness.tick(60)

    (alert,) = harness.alerts("on-call-gap")
    assert alert.occurrences == 2
    assert isinstance(alert.values["reason"], Phrase)


def test_what_is_full_is_named_in_each_language() -> None:
    """The monitor's own memory has a name in each language; a rule keeps its id."""
    rule = shipped("monitor-keys-capped")
    harness = EngineHarness(rule_set(rule))
    for name in ("badges inside", "denied-badge"):
        harness.notice(MonitorKeysCapped(at=at(0), rule=name))

    shown = [title(row, rule, NO_NAMES, best(("vi",))) for row in harness.alerts(rule.id)]
    assert "các thẻ đang ở bên trong" in shown[0]
    assert "denied-badge" in shown[1]
