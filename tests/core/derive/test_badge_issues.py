"""Which issue of a badge is in use: an older one is accepted before the newer one, never after."""

import pytest

from monitor.core.derive import badge_issues
from monitor.core.events.access import AccessGranted
from monitor.core.rules.model import Match, Rule
from tests.support.engine import EngineHarness, at, on, rule, rule_set

OUTDATED = rule(by="holder", match=Match(of=on("credential.outdated")))
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))


def uses(seconds: float, issue: int, holder: str = "h1", *, replay: bool = False) -> AccessGranted:
    """An issue of the badge is used and admitted."""
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
    harness = EngineHarness(rule_set(of))
    for event in events:
        harness.receive(event)
    harness.tick(events[-1].at.timestamp() - at(0).timestamp() + 60)
    return [alert.key for alert in harness.alerts()]


def test_an_older_issue_after_a_newer_one_is_found() -> None:
    """Reprinted in the morning, the badge has two issues; then the older one is used again."""
    assert found(uses(0, 1), uses(60, 2), uses(120, 2)) == []
    assert found(uses(0, 1), uses(60, 2), uses(120, 1)) == ["h1"]
    assert found(uses(0, 3), uses(9, 3, "h2"), uses(99, 2, "h2")) == ["h2"]


def test_the_time_of_use_counts_not_of_arrival() -> None:
    """An offline reader reports the use of the older issue, or of the newer one, later."""
    harness = EngineHarness(rule_set(OUTDATED))
    harness.receive(uses(0, 1))
    harness.receive(uses(600, 2))
    harness.receive(uses(300, 1), seconds=700)
    harness.tick(800)
    assert harness.alerts() == []

    harness.receive(uses(200, 2), seconds=900)
    harness.receive(uses(300, 1), seconds=901)
    harness.tick(1000)
    assert [alert.key for alert in harness.alerts()] == ["h1"]


def test_a_replayed_use_is_learned_and_raises_nothing() -> None:
    """A controller's stored events show which issue is newer; they are not live."""
    assert found(uses(0, 2, replay=True), uses(60, 1, replay=True)) == []
    assert found(uses(0, 2, replay=True), uses(60, 1)) == ["h1"]


def test_no_issue_and_no_holder_are_ignored() -> None:
    """Some systems have no issues, and a visitor's ticket has no holder."""
    assert found(uses(0, 2), uses(60, 0), uses(90, 2, ""), uses(99, 1, "")) == []


def test_issues_are_followed_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monitor reports when its cap is exceeded; a holder not seen for a month is forgotten."""
    monkeypatch.setattr(badge_issues, "MOST", 1)
    month = badge_issues.IDLE.total_seconds()

    assert found(uses(0, 2), uses(1, 2, "h2"), of=CAPPED) == ["issues of badges"]
    assert found(uses(0, 2), uses(1, 2, "h2"), uses(2, 1)) == ["h1"]
    assert found(uses(0, 2), uses(month, 2, "h2"), of=CAPPED) == []
