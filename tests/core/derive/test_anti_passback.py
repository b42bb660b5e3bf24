"""Badges that went into a zone and did not come out: forgotten once nobody is there, wherever they were seen since."""

from typing import Any

import msgspec
import pytest

from monitor.core.derive import anti_passback as passback
from monitor.core.events.access import AccessTaken
from monitor.core.events.vocabulary import Direction
from monitor.core.events.zone import ZoneClosed, ZoneCount
from monitor.core.rules.model import Level, Match
from monitor.core.venue.model import Venue
from tests.support.engine import Stage, at, book, on, rule

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


def stage() -> Stage:
    """The lounge, whose badges are counted in and out, and the foyer beside it."""
    return Stage(book(TWICE, CAPPED, venue=msgspec.convert(PLAN, Venue)))


def passes(seconds: float, zone: str, way: Direction = "in", **parts: Any) -> AccessTaken:  # noqa: ANN401
    """A badge passes the gate of a zone."""
    told = {"holder": "h1"} | parts
    return AccessTaken(at=at(seconds), point=f"{zone}-gate", direction=way, **told)


def empty(seconds: float, count: int = 0) -> ZoneCount:
    """So many are in the lounge."""
    return ZoneCount(at=at(seconds), zone="lounge", count=count)


@pytest.mark.parametrize("ended", [empty(100), ZoneClosed(at=at(100), zone="lounge")])
def test_a_badge_that_was_seen_elsewhere_since(ended: ZoneCount | ZoneClosed) -> None:
    """It went out by another way and into the foyer: the lounge is empty all the same, and it may come in."""
    venue = stage()
    venue.say(passes(0, "lounge"))
    venue.say(passes(50, "foyer"))
    venue.say(ended)
    venue.say(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == []


def test_a_badge_that_is_told_is_forgotten_too() -> None:
    """In twice and out once, the alert ends when the zone is counted empty; the next day begins anew."""
    venue = stage()
    for said in (passes(0, "lounge"), passes(10, "lounge"), passes(20, "lounge", "out")):
        venue.say(said)
    venue.say(empty(100))
    venue.say(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == ["raised", "cleared"]


def test_somebody_is_left() -> None:
    """One person in the zone, and nobody knows whose badge that is."""
    venue = stage()
    venue.say(passes(0, "lounge"))
    venue.say(passes(50, "foyer"))
    venue.say(empty(100, count=1))
    venue.say(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == ["raised"]


def test_who_came_in_after_the_count_is_inside() -> None:
    """The count comes late; the badge has come in since."""
    venue = stage()
    venue.say(passes(100, "lounge"))
    venue.tick(150)
    venue.say(empty(50), seconds=160)
    venue.say(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == ["raised"]


def test_a_passage_that_is_told_after_the_count() -> None:
    """The controller was away while the zone was counted empty, and tells of its passages afterwards."""
    venue = stage()
    venue.say(empty(100))
    venue.tick(150)
    venue.say(passes(50, "lounge", replay=True), seconds=160)
    venue.say(passes(200, "lounge"))
    venue.tick(300)

    assert venue.changes() == []


def test_a_passage_that_a_controller_had_kept_counts() -> None:
    """As it does for the rule: in by a memory, and in once more."""
    venue = stage()
    venue.say(passes(0, "lounge", replay=True))
    venue.say(passes(50, "lounge"))
    venue.say(empty(100))
    venue.tick(300)

    assert venue.changes() == ["raised", "cleared"]


def test_who_has_come_out_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what can be followed the monitor says so: attackers choose badges."""
    monkeypatch.setattr(passback, "MOST", 1)
    venue = stage()
    venue.say(passes(0, "lounge"))
    venue.say(passes(10, "lounge", "out"))
    venue.say(passes(20, "lounge", holder="h2"))
    venue.tick(30)
    assert venue.alerts("capped") == []

    venue.say(passes(40, "lounge", holder="h3"))
    venue.tick(60)

    assert [row.key for row in venue.alerts("capped")] == ["badges inside"]
