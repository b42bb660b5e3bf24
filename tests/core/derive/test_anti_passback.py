"""Badges that went in and did not come out are forgotten once their zone is empty, wherever they were seen since."""

from typing import Any

import msgspec
import pytest

from monitor.core.derive import anti_passback
from monitor.core.events.access import AccessTaken
from monitor.core.events.vocabulary import Direction
from monitor.core.events.zone import ZoneClosed, ZoneCount
from monitor.core.rules.model import Level, Match
from monitor.core.venue.model import Venue
from tests.support.engine import EngineHarness, at, on, rule, rule_set

PLAN: dict[str, Any] = {
    "congress": {"id": "c", "name": "C"},
    "sites": [{"id": "centre", "name": "C", "kind": "venue"}],
    "zones": [
        {"id": name, "name": name, "site": "centre", "capacity": 99, "area_m2": 99.0}
        | {"anti_passback": name == "lounge"}
        for name in ("lounge", "foyer")
    ],
    "points": [
        {"id": f"{name}-gate", "name": name, "kind": "gate", "zone": name, "passage_sensor": True}
        for name in ("lounge", "foyer")
    ],
}
TWICE = rule(
    by="holder zone",
    level=Level(
        up=on("access.taken", where='anti_passback and direction == "in"'),
        down=on("access.taken", where='anti_passback and direction == "out"'),
        set=on("apb.forgiven", "holder.forgotten"),
        value="inside",
        above=1,
        clear_at=0,
    ),
)
CAPPED = rule(id="capped", by="rule", match=Match(of=on("monitor.keys_capped")))


def harness() -> EngineHarness:
    """The lounge, whose badges are counted in and out, and the foyer beside it."""
    return EngineHarness(rule_set(TWICE, CAPPED, venue=msgspec.convert(PLAN, Venue)))


def passes(seconds: float, zone: str, way: Direction = "in", **parts: Any) -> AccessTaken:  # noqa: ANN401
    """A badge passes the gate of a zone."""
    fields = {"holder": "h1"} | parts
    return AccessTaken(at=at(seconds), point=f"{zone}-gate", direction=way, **fields)


def empty(seconds: float, count: int = 0) -> ZoneCount:
    """The lounge is counted: this many people are inside."""
    return ZoneCount(at=at(seconds), zone="lounge", count=count)


@pytest.mark.parametrize("ended", [empty(100), ZoneClosed(at=at(100), zone="lounge")])
def test_a_badge_seen_elsewhere_is_forgotten_too(ended: ZoneCount | ZoneClosed) -> None:
    """A badge that left by another way into the foyer may enter again once the lounge is empty."""
    venue = harness()
    venue.receive(passes(0, "lounge"))
    venue.receive(passes(50, "foyer"))
    venue.receive(ended)
    venue.receive(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == []


def test_a_badge_with_an_alert_is_forgotten_too() -> None:
    """After two entries and one exit, the alert ends when the zone is counted empty; the next day starts anew."""
    venue = harness()
    for event in (passes(0, "lounge"), passes(10, "lounge"), passes(20, "lounge", "out")):
        venue.receive(event)
    venue.receive(empty(100))
    venue.receive(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == ["raised", "cleared"]


def test_one_person_left_keeps_every_badge() -> None:
    """No badge is forgotten while one person is in the zone, because it is not known whose badge that is."""
    venue = harness()
    venue.receive(passes(0, "lounge"))
    venue.receive(passes(50, "foyer"))
    venue.receive(empty(100, count=1))
    venue.receive(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == ["raised"]


def test_an_entry_after_the_count_stays() -> None:
    """An entry since the count stays, even if the count arrives later."""
    venue = harness()
    venue.receive(passes(100, "lounge"))
    venue.tick(150)
    venue.receive(empty(50), seconds=160)
    venue.receive(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == ["raised"]


def test_a_late_passage_from_before_the_count_is_forgotten() -> None:
    """Passages reported late by a controller that was offline are forgotten if the zone was counted empty since."""
    venue = harness()
    venue.receive(empty(100))
    venue.tick(150)
    venue.receive(passes(50, "lounge", replay=True), seconds=160)
    venue.receive(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == []


def test_a_replayed_passage_counts() -> None:
    """A replayed entry counts as it does for the rule, so a second entry raises the alert."""
    venue = harness()
    venue.receive(passes(0, "lounge", replay=True))
    venue.receive(passes(50, "lounge"))
    venue.receive(empty(100))
    venue.tick(300)

    assert venue.changes() == ["raised", "cleared"]


def test_badges_that_left_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its cap the monitor reports that it follows no more badges, because attackers choose them."""
    monkeypatch.setattr(anti_passback, "MOST", 1)
    venue = harness()
    venue.receive(passes(0, "lounge"))
    venue.receive(passes(10, "lounge", "out"))
    venue.receive(passes(20, "lounge", holder="h2"))
    venue.tick(30)
    assert venue.alerts("capped") == []

    venue.receive(passes(40, "lounge", holder="h3"))
    venue.tick(60)

    assert [row.key for row in venue.alerts("capped")] == ["badges inside"]
