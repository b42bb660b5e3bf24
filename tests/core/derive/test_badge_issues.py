"""Which issue of a badge is in use: the old one before the new one, never after."""

import pytest

from monitor.core.derive import badge_issues as issues
from monitor.core.events.access import AccessGranted
from monitor.core.rules.model import Match, Rule
from tests.support.engine import Stage, at, book, on, rule

OUTDATED = rule(by="holder", match=Match(of=on("credential.outdated")))
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))


def uses(seconds: float, issue: int, holder: str = "h1", *, replay: bool = False) -> AccessGranted:
    """Somebody is let in with an issue of the badge."""
    return AccessGranted(
        at=at(seconds),
        point="d1",
        holder=holder,
        credential_issue=issue,
        direction="in",
        replay=replay,
    )


def found(*events: AccessGranted, of: Rule = OUTDATED) -> list[str]:
    """The holders whose old badge was used."""
    stage = Stage(book(of))
    for said in events:
        stage.say(said)
    stage.tick(events[-1].at.timestamp() - at(0).timestamp() + 60)
    return [alert.key for alert in stage.alerts()]


def test_the_old_one_after_the_new_one() -> None:
    """Reprinted in the morning: two issues a day. Found by somebody else: the old one comes again."""
    assert found(uses(0, 1), uses(60, 2), uses(120, 2)) == []
    assert found(uses(0, 1), uses(60, 2), uses(120, 1)) == ["h1"]
    assert found(uses(0, 3), uses(9, 3, "h2"), uses(99, 2, "h2")) == ["h2"]


def test_when_it_was_used_counts_and_not_when_it_was_told() -> None:
    """A reader that was cut off tells later of the old badge; or of the new one."""
    stage = Stage(book(OUTDATED))
    stage.say(uses(0, 1))
    stage.say(uses(600, 2))
    stage.say(uses(300, 1), seconds=700)
    stage.tick(800)
    assert stage.alerts() == []

    stage.say(uses(200, 2), seconds=900)
    stage.say(uses(300, 1), seconds=901)
    stage.tick(1000)
    assert [alert.key for alert in stage.alerts()] == ["h1"]


def test_a_memory_tells_which_is_new_and_accuses_nobody() -> None:
    """What a controller sends again is learned from; it is no news."""
    assert found(uses(0, 2, replay=True), uses(60, 1, replay=True)) == []
    assert found(uses(0, 2, replay=True), uses(60, 1)) == ["h1"]


def test_no_number_and_nobody_say_nothing() -> None:
    """A system without issues; a visitor's ticket."""
    assert found(uses(0, 2), uses(60, 0), uses(90, 2, ""), uses(99, 1, "")) == []


def test_attackers_choose_badges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what can be followed the monitor says so; who has not come for a month is forgotten."""
    monkeypatch.setattr(issues, "MOST", 1)
    month = issues.IDLE.total_seconds()

    assert found(uses(0, 2), uses(1, 2, "h2"), of=CAPPED) == ["issues of badges"]
    assert found(uses(0, 2), uses(1, 2, "h2"), uses(2, 1)) == ["h1"]
    assert found(uses(0, 2), uses(month, 2, "h2"), of=CAPPED) == []
