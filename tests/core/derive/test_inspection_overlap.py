"""When inspectors were where: forms that overlap, and forms that only arrive together."""

from datetime import UTC, datetime

import pytest

from monitor.core.derive import inspection_overlap
from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import (
    InspectionCancelled,
    InspectionItem,
    InspectionStarted,
    InspectionSubmitted,
)
from monitor.core.rules.model import Match, Rule
from tests.support.engine import SHIPPED, EngineHarness, at, on, rule, rule_set

OVERLAPS = rule(by="inspector", match=Match(of=on("inspection.overlapped", where="overlap_s > 60")))
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))
HALL, VAULT = "check", "vault-check"
VENUE = SHIPPED.test_venue


def form(
    seconds: float,
    checklist: str,
    *,
    begun: float | datetime | None = None,
    finished: float | None = None,
    inspector: str = "ann",
    revision: int = 1,
) -> InspectionSubmitted:
    """A form, whose times are in seconds after the start too."""
    return InspectionSubmitted(
        at=at(seconds),
        checklist=checklist,
        inspection=f"of {checklist}",
        inspector=inspector,
        revision=revision,
        started_at=at(begun) if isinstance(begun, int | float) else begun,
        finished_at=None if finished is None else at(finished),
    )


def starts(seconds: float, checklist: str, inspector: str = "ann") -> InspectionStarted:
    """An inspection begins."""
    return InspectionStarted(
        at=at(seconds), checklist=checklist, inspection=f"of {checklist}", inspector=inspector
    )


def found(*events: ReceivedEvent, of: Rule = OVERLAPS) -> list[str]:
    """The inspectors with overlapping inspections."""
    harness = EngineHarness(rule_set(of, venue=VENUE))
    for event in events:
        harness.receive(event)
    harness.tick(40_000)
    return [alert.key for alert in harness.alerts()]


def test_forms_sent_together_are_placed_by_their_own_times() -> None:
    """A tablet comes back online and sends two forms within two seconds: they do not overlap."""
    one_by_one = (
        form(6000, HALL, begun=0, finished=900),
        form(6002, VAULT, begun=960, finished=1800),
    )
    at_once = form(6000, HALL, begun=0, finished=900), form(6002, VAULT, begun=300, finished=1800)

    assert found(*one_by_one) == []
    assert found(*at_once) == ["ann"]
    assert found(form(6000, HALL), form(6002, VAULT)) == []


def test_a_start_without_a_form_is_no_inspection() -> None:
    """An inspector may be called away and begin elsewhere: without a form nothing overlaps."""
    assert found(starts(0, HALL), starts(300, VAULT)) == []
    assert found(starts(0, HALL), starts(300, VAULT), form(500, HALL)) == ["ann"]


@pytest.mark.parametrize(("seconds", "expected"), [(360, []), (361, ["ann"])])
def test_an_overlap_is_as_long_as_both_last(seconds: float, expected: list[str]) -> None:
    """An overlap lasts from when the later one began to when the earlier one ended."""
    assert found(starts(0, HALL), starts(300, VAULT), form(seconds, VAULT)) == expected


def test_the_first_answer_begins_a_visit_too() -> None:
    """The first answer begins a visit too, because not every form system reports when an inspection starts."""
    answer = InspectionItem(
        at=at(0),
        checklist=HALL,
        inspection=f"of {HALL}",
        inspector="ann",
        item="lights",
        result="pass",
    )

    assert found(answer, starts(100, VAULT), form(200, HALL)) == ["ann"]


def test_what_is_no_second_visit() -> None:
    """A form that is cancelled, abandoned long ago, another person's, or corrected later is no second visit."""
    cancelled = InspectionCancelled(
        at=at(50), checklist=HALL, inspection=f"of {HALL}", inspector="ann"
    )
    long_ago = inspection_overlap.LONGEST.total_seconds() + 1

    assert found(starts(0, HALL), cancelled, starts(60, VAULT), form(900, VAULT)) == []
    assert found(starts(0, HALL), starts(long_ago, VAULT), form(long_ago + 900, VAULT)) == []
    assert found(starts(0, HALL, "bob"), starts(60, VAULT), form(900, VAULT)) == []
    corrected = form(4000, HALL, revision=2)
    assert found(starts(0, HALL), form(600, HALL), form(4000, VAULT, begun=3000), corrected) == []


def test_names_are_compared_without_case() -> None:
    """Names that differ only in capitals are those of one person."""
    assert found(form(900, HALL, begun=0, inspector="Ann"), form(901, VAULT, begun=0)) == ["ann"]


@pytest.mark.parametrize(
    "lie", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), at(950)]
)
def test_impossible_times_are_ignored(lie: datetime) -> None:
    """If the start is at the edge of the calendar or after the end, the form counts from its arrival."""
    assert found(form(900, HALL, begun=lie), form(901, VAULT, begun=0)) == []


def test_a_wrong_tablet_clock_shifts_all_its_times() -> None:
    """A form an hour ahead is placed at its arrival, and its times are moved by the same amount."""
    ahead = form(900 + 3600, HALL, begun=0 + 3600, finished=890 + 3600)
    harness = EngineHarness(rule_set(OVERLAPS, venue=VENUE))
    harness.receive(ahead, seconds=900)
    harness.receive(form(901, VAULT, begun=100))
    harness.tick(2000)

    assert [alert.key for alert in harness.alerts()] == ["ann"]


def test_inspections_are_followed_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monitor reports when its cap is exceeded."""
    monkeypatch.setattr(inspection_overlap, "MOST_INSPECTORS", 1)
    monkeypatch.setattr(inspection_overlap, "MOST_VISITS", 1)

    assert found(starts(0, HALL), starts(1, VAULT, "bob"), of=CAPPED) == ["visits of inspectors"]
    harness = EngineHarness(rule_set(OVERLAPS, venue=VENUE))
    for event in (starts(0, HALL), starts(1, VAULT)):
        harness.receive(event)
    harness.tick(60)

    assert list(harness.engine.state.work.visits["ann"]) == [f"of {VAULT}"]
