"""Where holders were seen last, who stands where, and which values move: what the core concludes from these."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from monitor.core.derive import holders as whereabouts
from monitor.core.derive import readings
from monitor.core.events import Event
from monitor.core.events.access import AccessGranted, AccessMuster, AccessTaken
from monitor.core.events.people import PostManned
from monitor.core.events.vocabulary import Direction
from monitor.core.events.work import ReadingRecorded
from monitor.core.events.zone import (
    EmergencyCleared,
    EmergencyFire,
    ZoneClosed,
    ZoneCount,
    ZoneOpened,
)
from monitor.core.rules.model import Absence, Match, Rule
from monitor.core.venue.model import Venue
from tests.support.engine import Stage, at, book, on, rule

PLAN: dict[str, Any] = {
    "congress": {"id": "c", "name": "C", "shortest_way": timedelta(minutes=5)},
    "sites": [{"id": name, "name": name, "kind": "venue"} for name in ("north", "south", "far")],
    "zones": [
        {"id": f"{name}-hall", "name": name, "site": name, "capacity": 999, "area_m2": 999.0}
        | {"anti_passback": name == "north"}
        for name in ("north", "south", "far")
    ],
    "points": [
        {"id": f"{name}-gate", "name": name, "kind": "gate", "zone": f"{name}-hall"}
        | {"passage_sensor": True}
        for name in ("north", "south", "far")
    ],
    "ways": [{"sites": ["south", "north"], "takes": timedelta(minutes=1)}],
    "posts": [
        {"id": f"manager-{n}", "name": "M", "zone": "north-hall", "kind": "crowd_manager"}
        for n in (1, 2)
    ],
}
TOO_FAST = rule(by="holder", match=Match(of=on("holder.moved", where="short_by_s > 0")))
MUSTER = rule(
    by="holder",
    absence=Absence(
        after=on("muster.expected"), of=on("access.muster", "muster.over"), within="60s"
    ),
)
STRAYED = rule(by="holder", match=Match(of=on("holder.strayed")))
MISSING = rule(
    by="zone",
    match=Match(
        of=on("zone.staffed", where="missing > 0"), end=on("zone.staffed", where="missing == 0")
    ),
)
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))


def keys(*events: Event, of: Rule = TOO_FAST, until: float = 4000) -> list[str]:
    """Whose alerts a rule has raised and not cleared after these events."""
    stage = Stage(book(of, venue=msgspec.convert(PLAN, Venue)))
    for said in events:
        stage.say(said)
    stage.tick(until)
    return [alert.key for alert in stage.alerts() if alert.cleared_at is None]


def passes(seconds: float, site: str, holder: str = "h1", way: Direction = "in") -> AccessTaken:
    """Somebody passes the gate of a site."""
    return AccessTaken(at=at(seconds), point=f"{site}-gate", holder=holder, direction=way)


@pytest.mark.parametrize(
    ("site", "seconds", "expected"),
    [
        ("south", 59, ["h1"]),
        ("south", 60, []),
        ("far", 299, ["h1"]),
        ("far", 300, []),
        ("north", 1, []),
    ],
)
def test_each_pair_of_sites_has_its_own_time(
    site: str, seconds: float, expected: list[str]
) -> None:
    """The way that the venue file gives, either way round; else the congress's; within a site none."""
    assert keys(passes(0, "north"), passes(seconds, site)) == expected


def test_the_previous_passage_counts() -> None:
    """Not the first one of the day; and letting in is no passage where a sensor tells who passed."""
    let_in = AccessGranted(at=at(610), point="south-gate", holder="h1", direction="in")

    assert keys(passes(0, "far"), passes(600, "north"), let_in, passes(660, "south")) == []
    assert keys(passes(0, "north"), passes(600, "far"), passes(660, "north")) == ["h1"]


def test_who_is_inside_has_to_report() -> None:
    """Whoever came in and did not go out, at that site; until reported, gone, or the alarm is over."""
    inside = [passes(n, "north", holder) for n, holder in enumerate(("h1", "h2", "h3", "h4"))]
    out = passes(10, "north", "h4", "out")
    elsewhere = passes(11, "south", "h5")
    fire = EmergencyFire(at=at(20), zone="north-hall")
    reported = AccessMuster(at=at(30), point="north-gate", holder="h1")
    gone = passes(40, "north", "h2", "out")

    assert keys(*inside, out, elsewhere, fire, reported, gone, of=MUSTER) == ["h3"]

    over = EmergencyCleared(at=at(200), zone="north-hall")

    assert keys(*inside, fire, over, of=MUSTER) == []


@pytest.mark.parametrize("seconds", [50, 150])
def test_who_has_gone_to_another_site_need_not_report(seconds: float) -> None:
    """A passage there is a way out of here, before somebody was told to be missing or after."""
    fire = EmergencyFire(at=at(20), zone="north-hall")

    assert keys(passes(0, "north"), fire, passes(seconds, "south"), of=MUSTER) == []


def test_a_passage_that_may_be_a_way_in_is_no_way_out() -> None:
    """Nobody knows where the badge went: unknown is not safe."""
    fire = EmergencyFire(at=at(20), zone="north-hall")

    assert keys(passes(0, "north"), fire, passes(50, "north", way="unknown"), of=MUSTER) == ["h1"]


NIGHT = (
    ZoneClosed(at=at(36_000), zone="north-hall"),
    ZoneOpened(at=at(36_000 + 4 * 3600), zone="north-hall"),
)


def strays(*events: Event) -> list[str]:
    """Who leaves the hall in the north at the end without having gone in."""
    return keys(*events, passes(90_000, "north", way="out"), of=STRAYED, until=100_000)


def test_who_was_inside_before_a_night_has_gone_home() -> None:
    """Closed for four hours and opened: a badge that was not seen since has to go in before it goes out."""
    closed, opened = NIGHT
    soon = replace(opened, at=opened.at - timedelta(seconds=1))

    assert strays(passes(0, "north"), *NIGHT) == ["h1"]
    assert strays(passes(0, "north"), closed, soon) == []
    assert strays(passes(0, "north"), closed) == []
    assert strays(passes(0, "north"), *NIGHT, passes(80_000, "north")) == []


def test_it_was_closed_again_since() -> None:
    """The evening of the new day; and what is told twice is one night."""
    closed, opened = NIGHT
    again = replace(closed, at=opened.at - timedelta(seconds=10))
    evening = replace(closed, at=at(80_000))

    assert strays(passes(0, "north"), *NIGHT, evening) == ["h1"]
    assert strays(passes(0, "north"), closed, again, opened) == ["h1"]
    assert strays(passes(0, "north"), *NIGHT, passes(70_000, "north"), evening) == []


def test_whoever_was_not_known_to_be_elsewhere_has_gone_home_too() -> None:
    """Counted empty before it was closed, nobody knew where the badge was; after the night it is not inside."""
    empty = ZoneCount(at=at(100), zone="north-hall", count=0)

    assert strays(passes(0, "north"), empty) == []
    assert strays(passes(0, "north"), empty, *NIGHT) == ["h1"]


def test_a_manager_for_each_250_people() -> None:
    """Those whose post is manned, against those who are inside; which is told first makes no difference."""
    full = ZoneCount(at=at(10), zone="north-hall", count=251)
    first = PostManned(at=at(0), post="manager-1")
    second = PostManned(at=at(20), post="manager-2")

    assert keys(first, full, of=MISSING) == ["north-hall"]
    assert keys(first, full, second, of=MISSING) == []


def test_who_has_left_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A congress of weeks sees more badges than can be followed; who is inside stays."""
    monkeypatch.setattr(whereabouts, "MOST", 2)
    told = [
        passes(0, "north", "h1"),
        passes(1, "north", "h1", "out"),
        passes(2, "north", "h2"),
        passes(3, "north", "h3"),
        passes(10, "far", "h2"),
    ]

    assert keys(*told) == ["h2"]
    assert keys(*told, of=CAPPED) == []


def test_attackers_choose_badges_and_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what can be followed the monitor says so, and goes on with the others."""
    monkeypatch.setattr(whereabouts, "MOST", 1)
    monkeypatch.setattr(readings, "MOST", 1)
    measured = [
        ReadingRecorded(at=at(5 + n), asset=f"a{n}", quantity="voltage", value=230.0)
        for n in range(2)
    ]

    found = keys(passes(0, "north", "h1"), passes(1, "north", "h2"), *measured, of=CAPPED)

    assert sorted(found) == ["series of readings", "whereabouts of holders"]
