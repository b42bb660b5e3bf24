"""A shift is handed over: the entry keeps how things stand, and only its receiver confirms it, once."""

from typing import Any

import pytest
from msgspec.structs import replace

from monitor.core.engine.shift_hand_over import MOST_ALERTS, MOST_OPEN, SHIFT
from monitor.core.events.access import AccessDuress
from monitor.core.events.commands import (
    LogConfirmed,
    LogHandedOver,
    LogStruck,
    StaffAcknowledge,
    StaffMask,
)
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Match
from monitor.core.state import snapshot
from monitor.core.transitions import (
    HandOver,
    LogEntryConfirmed,
    LogEntryWritten,
    StaffRefused,
)
from tests.support.engine import EngineHarness, at, on, rule, rule_set

NIGHT = 8 * 3600


@pytest.fixture
def harness() -> EngineHarness:
    """An engine with a rule about a door, and a silent one."""
    duress = rule(id="duress", silent=True, severity="low", match=Match(of=on("access.duress")))
    return EngineHarness(rule_set(rule(match=Match(of=on("door.alarm"))), duress))


def handed_over(harness: EngineHarness, seconds: float, **parts: Any) -> list[Any]:  # noqa: ANN401
    """Ann hands her shift over to Bob."""
    return harness.receive(LogHandedOver(at=at(seconds), **{"who": "ann", "to": "bob"} | parts))


def confirmed(harness: EngineHarness, seconds: float, who: str = "bob", entry: str = "1") -> Any:  # noqa: ANN401
    """Somebody confirms the hand-over; return what followed."""
    (found,) = harness.receive(LogConfirmed(at=at(seconds), who=who, entry=entry))
    return found


def picture(transitions: list[Any]) -> HandOver:
    """Return the picture in the entry that was written."""
    (written,) = transitions
    assert isinstance(written, LogEntryWritten)
    assert written.entry.hand_over is not None
    return written.entry.hand_over


def test_the_entry_keeps_how_things_stand(harness: EngineHarness) -> None:
    """Open alerts with their owners, the silent first, and the masks that end in the coming shift."""
    harness.receive(DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open"))
    harness.receive(AccessDuress(at=at(1), point="d1"), seconds=5)
    (alert,) = harness.alerts()
    harness.receive(StaffAcknowledge(at=at(10), who="ann", alert=alert.id))
    for rule_id, until in (("rule", NIGHT - 60), ("*", NIGHT + 60)):
        harness.receive(
            StaffMask(
                at=at(11), who="ann", what=rule_id, point="e1", until=at(until), reason="repair"
            )
        )
    found = picture(handed_over(harness, 20, until=at(NIGHT), text="gate 3 by hand"))

    assert [(row.rule, row.owner) for row in found.alerts] == [("duress", ""), ("rule", "ann")]
    assert [(row.what, row.owner) for row in found.masks] == [("rule", "ann")]
    assert (found.to, found.until, found.more) == ("bob", at(NIGHT), {})


def opened(harness: EngineHarness, own: str, **fields: object) -> None:
    """Another alert is open besides the first."""
    alerts = harness.engine.state.alerts.open
    alerts[own] = replace(next(iter(alerts.values())), id=own, **fields)


def test_it_is_of_one_site_if_one_is_named(harness: EngineHarness) -> None:
    """What is elsewhere is left out; a shift whose end nobody gives is twelve hours long."""
    harness.receive(DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open"))
    opened(harness, "other", site="elsewhere")
    everywhere = picture(handed_over(harness, 5))
    here = picture(handed_over(harness, 6, site="centre"))

    assert [row.site for row in here.alerts] == ["centre"]
    assert {row.site for row in everywhere.alerts} == {"centre", "elsewhere"}
    assert everywhere.until == at(5) + SHIFT


def test_a_flood_of_alerts_is_counted(harness: EngineHarness) -> None:
    """An entry stays small, however much is open; the gravest and the silent are in it."""
    harness.receive(DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open"))
    for n in range(MOST_ALERTS):
        opened(harness, f"{n}")
    opened(harness, "grave", severity="life_safety")
    opened(harness, "silent", severity="low", silent=True)
    found = picture(handed_over(harness, 300))

    assert len(found.alerts) == MOST_ALERTS
    assert [row.id for row in found.alerts[:2]] == ["silent", "grave"]
    assert found.more == {"centre": 3}


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"site": "nowhere"}, phrase("mask-place-unknown", place="nowhere")),
        ({"to": "ann"}, phrase("log-own-hand-over")),
        ({"until": at(1)}, phrase("log-hand-over-ends")),
    ],
)
def test_a_hand_over_is_refused_with_the_reason(
    harness: EngineHarness, parts: dict[str, Any], reason: Phrase
) -> None:
    """Nothing is written then."""
    refused = StaffRefused(at=at(5), who="ann", act="log", alert="", reason=reason)
    assert handed_over(harness, 5, **parts) == [refused]
    assert handed_over(harness, 6)[0].entry.id == "1"


def test_its_receiver_confirms_it_once(harness: EngineHarness) -> None:
    """Neither the giver, nor anybody else, nor twice; nor one that was struck or never was."""
    handed_over(harness, 1)
    reasons = {
        who: confirmed(harness, seconds, who).reason for seconds, who in ((2, "ann"), (3, "eve"))
    }
    done = confirmed(harness, 4)
    twice = confirmed(harness, 5)
    handed_over(harness, 6)
    harness.receive(LogStruck(at=at(7), who="ann", entry="2", reason="too early"))

    assert reasons == {
        "ann": phrase("log-own-hand-over"),
        "eve": phrase("log-hand-over-for", person="bob"),
    }
    assert done == LogEntryConfirmed(at=at(4), entry="1", who="bob")
    assert twice.reason == phrase("log-confirmed", person="bob")
    assert confirmed(harness, 8, entry="2").reason == phrase("log-struck", person="ann")
    assert confirmed(harness, 9, entry="3").reason == phrase("log-no-hand-over")


def test_whoever_comes_confirms_what_names_nobody(harness: EngineHarness) -> None:
    """The giver may not know yet who it will be."""
    handed_over(harness, 1, to="")
    assert confirmed(harness, 2, "eve") == LogEntryConfirmed(at=at(2), entry="1", who="eve")


def test_the_state_stays_small(harness: EngineHarness) -> None:
    """The entries are in the journal; the state knows the latest."""
    for n in range(MOST_OPEN + 10):
        handed_over(harness, n, text="x" * 4000)
    assert len(harness.engine.state.shift_log.hand_overs) == MOST_OPEN
    assert len(snapshot.encode(harness.engine.state)) < 100_000
    assert confirmed(harness, 500).reason == phrase("log-no-hand-over")
