"""Where holders were seen last, which posts are manned, and what the core derives from these."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from monitor.core.derive import holders, readings
from monitor.core.events import ReceivedEvent
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
from tests.support.engine import EngineHarness, at, on, rule, rule_set

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


def keys(*events: ReceivedEvent, of: Rule = TOO_FAST, until: float = 4000) -> list[str]:
    """The keys whose alerts are raised and not cleared after these events."""
    harness = EngineHarness(rule_set(of, venue=msgspec.convert(PLAN, Venue)))
    for event in events:
        harness.receive(event)
    harness.tick(until)
    return [alert.key for alert in harness.alerts() if alert.cleared_at is None]


def passes(seconds: float, site: str, holder: str = "h1", way: Direction = "in") -> AccessTaken:
    """A holder passes the gate of a site."""
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
def test_each_pair_of_sites_has_its_own_travel_time(
    site: str, seconds: float, expected: list[str]
) -> None:
    """The travel time is the venue file's, in either direction, else the congress's; within a site there is none."""
    assert keys(passes(0, "north"), passes(seconds, site)) == expected


def test_the_previous_passage_counts() -> None:
    """The previous passage counts, not the first of the day; a grant is no passage where a sensor reports passages."""
    let_in = AccessGranted(at=at(610), point="south-gate", holder="h1", direction="in")

    assert keys(passes(0, "far"), passes(600, "north"), let_in, passes(660, "south")) == []
    assert keys(passes(0, "north"), passes(600, "far"), passes(660, "north")) == ["h1"]


def test_a_badge_stands_for_its_holder_in_a_muster_too() -> None:
    """Of two badges without a holder, the one that is read at an assembly point has reported."""
    inside = [
        AccessTaken(at=at(n), point="north-gate", credential=card, direction="in")
        for n, card in enumerate(("c1", "c2"))
    ]
    fire = EmergencyFire(at=at(20), zone="north-hall")
    reported = AccessMuster(at=at(30), point="north-gate", credential="c1")

    assert keys(*inside, fire, reported, of=MUSTER) == ["c2"]


def test_holders_inside_have_to_report() -> None:
    """Each holder who entered that site and did not leave must report until they do or leave, or the alarm is over."""
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
def test_a_holder_at_another_site_need_not_report(seconds: float) -> None:
    """A passage at another site means that the holder left here, before or after being reported missing."""
    fire = EmergencyFire(at=at(20), zone="north-hall")

    assert keys(passes(0, "north"), fire, passes(seconds, "south"), of=MUSTER) == []


def test_a_passage_that_may_be_an_entry_is_no_exit() -> None:
    """After a passage in an unknown direction the badge may be anywhere, and unknown is not safe."""
    fire = EmergencyFire(at=at(20), zone="north-hall")

    assert keys(passes(0, "north"), fire, passes(50, "north", way="unknown"), of=MUSTER) == ["h1"]


NIGHT = (
    ZoneClosed(at=at(36_000), zone="north-hall"),
    ZoneOpened(at=at(36_000 + 4 * 3600), zone="north-hall"),
)


def strays(*events: ReceivedEvent) -> list[str]:
    """The holders who leave the north hall at the end without having entered."""
    return keys(*events, passes(90_000, "north", way="out"), of=STRAYED, until=100_000)


def test_after_a_night_a_badge_is_outside() -> None:
    """After its zone was closed for four hours, a badge that was not seen since has to enter before it leaves."""
    closed, opened = NIGHT
    soon = replace(opened, at=opened.at - timedelta(seconds=1))

    assert strays(passes(0, "north"), *NIGHT) == ["h1"]
    assert strays(passes(0, "north"), closed, soon) == []
    assert strays(passes(0, "north"), closed) == []
    assert strays(passes(0, "north"), *NIGHT, passes(80_000, "north")) == []


def test_a_zone_that_was_closed_again() -> None:
    """A closing on the evening of the next day does not undo the night, and a repeated message is one night."""
    closed, opened = NIGHT
    again = replace(closed, at=opened.at - timedelta(seconds=10))
    evening = replace(closed, at=at(80_000))

    assert strays(passes(0, "north"), *NIGHT, evening) == ["h1"]
    assert strays(passes(0, "north"), closed, again, opened) == ["h1"]
    assert strays(passes(0, "north"), *NIGHT, passes(70_000, "north"), evening) == []


def test_a_badge_in_an_unknown_zone_is_outside_too() -> None:
    """A badge whose place is unknown, because its zone was counted empty, is outside after the night."""
    empty = ZoneCount(at=at(100), zone="north-hall", count=0)

    assert strays(passes(0, "north"), empty) == []
    assert strays(passes(0, "north"), empty, *NIGHT) == ["h1"]


def test_a_manager_for_each_250_people() -> None:
    """Manned posts are counted against the people inside; the order of arrival makes no difference."""
    full = ZoneCount(at=at(10), zone="north-hall", count=251)
    first = PostManned(at=at(0), post="manager-1")
    second = PostManned(at=at(20), post="manager-2")

    assert keys(first, full, of=MISSING) == ["north-hall"]
    assert keys(first, full, second, of=MISSING) == []


def test_holders_outside_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A congress of weeks sees more badges than can be followed; those outside are forgotten, those inside are kept."""
    monkeypatch.setattr(holders, "MOST", 2)
    events = [
        passes(0, "north", "h1"),
        passes(1, "north", "h1", "out"),
        passes(2, "north", "h2"),
        passes(3, "north", "h3"),
        passes(10, "far", "h2"),
    ]

    assert keys(*events) == ["h2"]
    assert keys(*events, of=CAPPED) == []


def test_attackers_choose_badges_and_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its caps the monitor reports that it follows no more names, and goes on with the others."""
    monkeypatch.setattr(holders, "MOST", 1)
    monkeypatch.setattr(readings, "MOST", 1)
    measured = [
        ReadingRecorded(at=at(5 + n), asset=f"a{n}", quantity="voltage", value=230.0)
        for n in range(2)
    ]

    found = keys(passes(0, "north", "h1"), passes(1, "north", "h2"), *measured, of=CAPPED)

    assert sorted(found) == ["series of readings", "whereabouts of holders"]
