"""Where inspectors were from when until when: forms that overlap, and those that only arrive together."""

from datetime import UTC, datetime

import pytest

from monitor.core.derive import inspection_overlap as visits
from monitor.core.events import Event
from monitor.core.events.inspection import (
    InspectionCancelled,
    InspectionItem,
    InspectionStarted,
    InspectionSubmitted,
)
from monitor.core.rules.model import Match, Rule
from tests.support.engine import SHIPPED, Stage, at, book, on, rule

OVERLAPS = rule(by="inspector", match=Match(of=on("inspection.overlapped", where="overlap_s > 60")))
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))
HALL, VAULT = "check", "vault-check"
VENUE = SHIPPED.trial_venue


def form(
    seconds: float,
    checklist: str,
    *,
    begun: float | datetime | None = None,
    finished: float | None = None,
    inspector: str = "ann",
    revision: int = 1,
) -> InspectionSubmitted:
    """A form; the times in it are seconds after the start too."""
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


def found(*events: Event, of: Rule = OVERLAPS) -> list[str]:
    """The inspectors who were in two places."""
    stage = Stage(book(of, venue=VENUE))
    for said in events:
        stage.say(said)
    stage.tick(40_000)
    return [alert.key for alert in stage.alerts()]


def test_forms_sent_together_are_placed_by_their_own_times() -> None:
    """A tablet comes out of the cellar and sends two forms within two seconds: that is no offence."""
    one_by_one = (
        form(6000, HALL, begun=0, finished=900),
        form(6002, VAULT, begun=960, finished=1800),
    )
    at_once = form(6000, HALL, begun=0, finished=900), form(6002, VAULT, begun=300, finished=1800)

    assert found(*one_by_one) == []
    assert found(*at_once) == ["ann"]
    assert found(form(6000, HALL), form(6002, VAULT)) == []


def test_starts_alone_are_no_inspection_yet() -> None:
    """Called away, and begun elsewhere: until a form is there nothing was inspected twice at once."""
    assert found(starts(0, HALL), starts(300, VAULT)) == []
    assert found(starts(0, HALL), starts(300, VAULT), form(500, HALL)) == ["ann"]


@pytest.mark.parametrize(("seconds", "expected"), [(360, []), (361, ["ann"])])
def test_an_overlap_is_as_long_as_both_last(seconds: float, expected: list[str]) -> None:
    """From when the later one began to when the earlier one ended."""
    assert found(starts(0, HALL), starts(300, VAULT), form(seconds, VAULT)) == expected


def test_the_first_answer_begins_a_visit_too() -> None:
    """Not every form system says when somebody starts."""
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
    """One cancelled, one given up long ago, another person, and a form that is corrected later."""
    cancelled = InspectionCancelled(
        at=at(50), checklist=HALL, inspection=f"of {HALL}", inspector="ann"
    )
    long_ago = visits.LONGEST.total_seconds() + 1

    assert found(starts(0, HALL), cancelled, starts(60, VAULT), form(900, VAULT)) == []
    assert found(starts(0, HALL), starts(long_ago, VAULT), form(long_ago + 900, VAULT)) == []
    assert found(starts(0, HALL, "bob"), starts(60, VAULT), form(900, VAULT)) == []
    corrected = form(4000, HALL, revision=2)
    assert found(starts(0, HALL), form(600, HALL), form(4000, VAULT, begun=3000), corrected) == []


def test_a_name_is_compared_as_people_read_it() -> None:
    """Capitals make nobody another person."""
    assert found(form(900, HALL, begun=0, inspector="Ann"), form(901, VAULT, begun=0)) == ["ann"]


@pytest.mark.parametrize(
    "lie", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), at(950)]
)
def test_times_that_cannot_be_are_not_believed(lie: datetime) -> None:
    """A start at the edge of the calendar, or after the end: the form counts from when it came."""
    assert found(form(900, HALL, begun=lie), form(901, VAULT, begun=0)) == []


def test_a_tablet_whose_clock_is_wrong_is_wrong_for_all_times() -> None:
    """What lies an hour ahead is placed when it comes; so are the times in it, as far before it as they say."""
    ahead = form(900 + 3600, HALL, begun=0 + 3600, finished=890 + 3600)
    stage = Stage(book(OVERLAPS, venue=VENUE))
    stage.say(ahead, seconds=900)
    stage.say(form(901, VAULT, begun=100))
    stage.tick(2000)

    assert [alert.key for alert in stage.alerts()] == ["ann"]


def test_only_so_many_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what can be followed the monitor says so."""
    monkeypatch.setattr(visits, "MOST_INSPECTORS", 1)
    monkeypatch.setattr(visits, "MOST_VISITS", 1)

    assert found(starts(0, HALL), starts(1, VAULT, "bob"), of=CAPPED) == ["visits of inspectors"]
    stage = Stage(book(OVERLAPS, venue=VENUE))
    for said in (starts(0, HALL), starts(1, VAULT)):
        stage.say(said)
    stage.tick(60)

    assert list(stage.engine.state.visits["ann"]) == [f"of {VAULT}"]
