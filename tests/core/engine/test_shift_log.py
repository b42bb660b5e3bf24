"""The shift log: entries have two times and are numbered; a strike has a person and a reason, and is refused twice."""

from typing import Any

import pytest

from monitor.core.engine.shift_log import MOST_STRUCK
from monitor.core.events.access import AccessDuress
from monitor.core.events.commands import LogStruck, LogWritten
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Match
from monitor.core.state import snapshot
from monitor.core.transitions import LogEntry, LogEntryStruck, LogEntryWritten, StaffRefused
from tests.support.engine import EngineHarness, at, on, rule, rule_set

FORCED = Match(of=on("door.alarm"))


def wrote(harness: EngineHarness, seconds: float, **parts: Any) -> list[Any]:  # noqa: ANN401
    """Ann writes an entry."""
    return harness.receive(LogWritten(at=at(seconds), **{"who": "ann", "text": "quiet"} | parts))


def struck(harness: EngineHarness, seconds: float, entry: str = "1", **parts: Any) -> list[Any]:  # noqa: ANN401
    """Bob strikes an entry."""
    fields = {"who": "bob", "reason": "wrong door"} | parts
    return harness.receive(LogStruck(at=at(seconds), entry=entry, **fields))


@pytest.fixture
def harness() -> EngineHarness:
    """An engine with a rule about a door, and a silent one."""
    duress = rule(id="duress", silent=True, match=Match(of=on("access.duress")))
    return EngineHarness(rule_set(rule(match=FORCED), duress))


def test_an_entry_has_two_times(harness: EngineHarness) -> None:
    """It was written when the monitor received it, and happened when the person says."""
    (late,) = wrote(harness, 600, happened_at=at(60))
    (now,) = wrote(harness, 700, text="lights out")

    entry = LogEntry(id="1", written_at=at(600), happened_at=at(60), who="ann", text="quiet")
    assert late == LogEntryWritten(at=at(600), entry=entry)
    assert (now.entry.id, now.entry.happened_at) == ("2", at(700))


def test_an_entry_is_at_the_site_of_its_zone_or_alert(harness: EngineHarness) -> None:
    """Whoever reads the log of a site finds it; an entry about a silent alert is silent."""
    harness.receive(DoorAlarmChanged(at=at(0), point="d1", alarm="forced_open"))
    harness.receive(AccessDuress(at=at(1), point="d1"), seconds=5)
    (alert,), (duress,) = harness.alerts(), harness.alerts("duress")
    found = [
        wrote(harness, 10, **parts)[0].entry
        for parts in ({"zone": "hall"}, {"alert": alert.id}, {"site": "centre", "alert": duress.id})
    ]

    assert [(row.site, row.zone, row.silent) for row in found] == [
        ("centre", "hall", False),
        ("centre", alert.zone, False),
        ("centre", "", True),
    ]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"text": " "}, phrase("log-empty")),
        ({"happened_at": at(400)}, phrase("log-future")),
        ({"zone": "nowhere"}, phrase("mask-place-unknown", place="nowhere")),
        ({"site": "nowhere"}, phrase("mask-place-unknown", place="nowhere")),
    ],
)
def test_an_entry_is_refused_with_the_reason(
    harness: EngineHarness, parts: dict[str, Any], reason: Phrase
) -> None:
    """A refused entry gets no number."""
    refused = StaffRefused(at=at(5), who="ann", act="log", alert="", reason=reason)
    assert wrote(harness, 5, **parts) == [refused]
    assert wrote(harness, 6)[0].entry.id == "1"


def test_a_strike_has_person_and_reason(harness: EngineHarness) -> None:
    """The second of two officers sees who was first."""
    wrote(harness, 1)

    assert struck(harness, 2) == [
        LogEntryStruck(at=at(2), entry="1", who="bob", reason="wrong door")
    ]
    assert struck(harness, 3, who="ann") == [
        StaffRefused(
            at=at(3), who="ann", act="strike", alert="1", reason=phrase("log-struck", person="bob")
        )
    ]


@pytest.mark.parametrize("entry", ["", "0", "2", "01", "-1", "x", "²", "9" * 128])
def test_an_unknown_entry_is_not_struck(harness: EngineHarness, entry: str) -> None:
    """Its number may be mistyped."""
    wrote(harness, 1)
    (refused,) = struck(harness, 2, entry)

    assert refused.reason == phrase("log-unknown")


def test_a_strike_needs_a_reason(harness: EngineHarness) -> None:
    """A strike without a reason would be a deletion."""
    wrote(harness, 1)
    assert struck(harness, 2, reason=" ")[0].reason == phrase("log-needs-reason")


def test_the_state_stays_small(harness: EngineHarness) -> None:
    """However long the log grows, the snapshot does not."""
    for n in range(MOST_STRUCK + 50):
        wrote(harness, n, text="x" * 4000)
        struck(harness, n, str(n + 1))
    assert len(harness.engine.state.shift_log.struck) == MOST_STRUCK
    assert len(snapshot.encode(harness.engine.state)) < 100_000
