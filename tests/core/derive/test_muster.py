"""A muster goes on when rules are changed: who is missing stays missing, who has reported need not do so again."""

import msgspec
import pytest
from msgspec.structs import replace

from monitor.core.engine import last_values as standing
from monitor.core.events.access import AccessGranted, AccessMuster
from monitor.core.events.zone import EmergencyCleared, EmergencyFire
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import RuleBook
from tests.support.engine import BOOK, Stage, at

MISSING, NOBODY = "muster-incomplete", "muster-not-begun"


def other_book(*, minutes: int | None = None) -> RuleBook:
    """The shipped rules, with both muster rules written otherwise; or with another limit only."""
    rules = []
    for row in BOOK.rules:
        absence = row.absence
        if row.id in {MISSING, NOBODY} and absence is not None:
            if minutes is not None:
                absence = replace(absence, within=f"{minutes}m")
            else:
                told = msgspec.to_builtins(absence)
                after = told["after"] if isinstance(told["after"], dict) else told["after"][0]
                after["where"] = " and ".join(filter(None, (after["where"], 'site != "moon"')))
                absence = msgspec.convert({**told, "after": [after]}, type(absence))
        rules.append(replace(row, absence=absence))
    return replace(BOOK, rules=tuple(rules))


@pytest.fixture(
    params=[BOOK, other_book()], ids=["the same rules", "both muster rules written otherwise"]
)
def other(request: pytest.FixtureRequest) -> RuleBook:
    """The rules that come into force during the muster."""
    book: RuleBook = request.param
    return book


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Three badges in the hall, more than subjects of one type are remembered; and a fire after a minute."""
    monkeypatch.setattr(standing, "MOST", 2)
    stage = Stage(BOOK)
    for n in (1, 2, 3):
        stage.say(AccessGranted(at=at(n), point="d1", holder=f"h{n}", direction="in"))
    stage.say(EmergencyFire(at=at(60), zone="hall"))
    stage.tick(90)
    assert stage.engine.state.mustering
    return stage


def change(stage: Stage, book: RuleBook, seconds: float) -> None:
    """Put other rules in force."""
    stage.step(RulesChanged(received_at=at(seconds), who="ann", book=book))


def reports(stage: Stage, holder: str, seconds: float) -> None:
    """Somebody reports at an assembly point."""
    stage.say(AccessMuster(at=at(seconds), point="g1", holder=holder))


def missing(stage: Stage) -> dict[str, float]:
    """Who is told to be missing, and when that began, in seconds after the start."""
    return {
        row.key: (row.happened_at - at(0)).total_seconds()
        for row in stage.alerts(MISSING)
        if row.cleared_at is None
    }


def test_whoever_has_not_reported_is_missing(venue: Stage, other: RuleBook) -> None:
    """Ten minutes after the alarm, not after the change."""
    reports(venue, "h1", 100)
    change(venue, other, 200)
    reports(venue, "h2", 300)
    venue.tick(1500)

    assert missing(venue) == {"h3": 660.0}


def test_somebody_has_reported_already(venue: Stage, other: RuleBook) -> None:
    """The muster has begun: nobody says after the change that it has not."""
    reports(venue, "h1", 100)
    venue.tick(150)
    change(venue, other, 200)
    venue.tick(1500)

    assert venue.changes(NOBODY) == []


def test_nobody_has_reported(venue: Stage, other: RuleBook) -> None:
    """Five minutes after the alarm, not after the change; whoever reports first ends it."""
    change(venue, other, 200)
    venue.tick(500)

    assert [row.happened_at for row in venue.alerts(NOBODY)] == [at(360)]

    reports(venue, "h1", 510)
    venue.tick(520)

    assert venue.changes(NOBODY) == ["raised", "cleared"]


def test_who_is_missing_already_is_told_once(venue: Stage, other: RuleBook) -> None:
    """The alerts stay as they are; who reports then is not missing any more."""
    reports(venue, "h1", 100)
    venue.tick(700)
    change(venue, other, 800)
    reports(venue, "h2", 900)
    venue.tick(2000)

    assert missing(venue) == {"h3": 660.0}
    assert venue.changes(MISSING) == ["raised", "raised", "cleared"]


@pytest.mark.parametrize("changed_at", [200, 800])
def test_the_end_of_the_alarm_ends_it(venue: Stage, other: RuleBook, changed_at: float) -> None:
    """Nobody is missing any more, whether that was told before the change or has not been yet."""
    venue.tick(changed_at - 5)
    change(venue, other, changed_at)
    venue.say(EmergencyCleared(at=at(changed_at + 50), zone="hall"))
    venue.tick(3000)

    assert missing(venue) == {}
    assert not venue.engine.state.mustering
    assert [row for row in venue.alerts(NOBODY) if row.cleared_at is None] == []


def test_rules_that_are_changed_after_the_alarm(venue: Stage, other: RuleBook) -> None:
    """What is over doesn't begin again."""
    reports(venue, "h1", 100)
    venue.say(EmergencyCleared(at=at(150), zone="hall"))
    venue.tick(200)
    change(venue, other, 300)
    venue.tick(3000)

    assert venue.changes(MISSING) == venue.changes(NOBODY) == []


def test_another_limit(venue: Stage) -> None:
    """Measured from the alarm, too."""
    change(venue, other_book(minutes=4), 200)
    venue.tick(1500)

    assert missing(venue) == {"h1": 300.0, "h2": 300.0, "h3": 300.0}
