"""Every number on the wall is the number that is true: by what the simulator sent, and by what the journal holds."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.core.events import EVENT_TYPES
from monitor.simulate import truth
from monitor.sinks.influx.measurements import READY_CODES, SEVERITY_CODES
from tests.support.wall import ACTED, CONFIG, LENGTH, NOW, OFFICER, SEED, START, VENUE, Wall

POINTS = {row.id: row for row in VENUE.points}
SITES = {row.id: row.site for row in VENUE.zones}


def told(wall: Wall) -> Iterator[dict[str, Any]]:
    """Every event in our own language that the simulator sent, each once."""
    seen: set[str] = set()
    for row in wall.plan:
        try:
            said = json.loads(row.payload)
        except ValueError:
            continue
        is_ours = isinstance(said, dict) and said.get("type") in EVENT_TYPES
        if is_ours and row.meant == "news" and said.get("id") not in seen:
            seen.add(said["id"])
            yield said


def passed(said: dict[str, Any]) -> bool:
    """Somebody went through an access point of the venue."""
    point = POINTS.get(said.get("point", ""))
    kind = "access.taken" if point and point.passage_sensor else "access.granted"
    return point is not None and said["type"] == kind


def is_news(said: dict[str, Any]) -> bool:
    """Neither an old story told again, nor from a clock that is wrong."""
    at = datetime.fromisoformat(said["at"])
    return not said.get("replay") and START <= at <= NOW


def test_nothing_was_refused(wall: Wall) -> None:
    """InfluxDB took every point."""
    assert wall.refused == []


def test_open_alerts_are_those_of_the_journal(wall: Wall) -> None:
    """How many of each severity, and the list: what, where, who has it; shelved ones are listed and not counted."""
    alerts = [row for row in wall.line.journal.alerts() if not row.silent]
    counts = Counter(row.severity for row in alerts if row.handling != "shelved")
    assert len(alerts) > 10

    titles = {
        "life_safety": "P0 life safety: open",
        "critical": "P1 critical: open",
        "high": "P2 high: open",
        "medium": "P3 medium: open",
    }
    for severity, title in titles.items():
        assert wall.value("venue-overview", title) == counts[severity]  # type: ignore[index]
    untaken = sum(row.severity == "life_safety" and row.handling == "new" for row in alerts)
    assert wall.value("venue-overview", "P0 life safety: nobody has it") == untaken
    shown = wall.rows("venue-overview", "Open alerts")
    assert {row["alert_id"] for row in shown} == {row.id for row in alerts}
    by_id = {row.id: row for row in alerts}
    for row in shown:
        alert = by_id[row["alert_id"]]
        assert row["code"] == SEVERITY_CODES[alert.severity]
        assert (row["site"], row["zone"], row["point"]) == (
            alert.site or "none",
            alert.zone or "none",
            alert.point or "none",
        )
        assert row["handling"] == alert.handling
        assert abs(row["age_s"] - (NOW - alert.raised_at).total_seconds()) <= 11


def test_who_has_it_and_how_soon(wall: Wall) -> None:
    """Two were taken, by one officer without a name, after the seconds that the journal tells; one was shelved."""
    taken = [row for row in wall.line.journal.alerts() if row.handling == "acknowledged"]
    waited = sorted(int((ACTED - row.raised_at).total_seconds()) for row in taken)
    assert len(waited) == 2
    middle = wall.value("venue-history", "Time to «mine», middle")
    assert middle == pytest.approx(sum(waited) / 2, abs=3)
    assert wall.value("venue-history", "Shelved now") == 1
    shown = {row["alert_id"]: row for row in wall.rows("venue-overview", "Open alerts")}
    owners = {shown[row.id]["owner"] for row in taken}
    assert {shown[row.id]["handling"] for row in taken} == {"acknowledged"}
    assert len(owners) == 1
    assert not owners & {"", OFFICER}
    steps = Counter(row["change"] for row in wall.rows("venue-history", "Transitions"))
    assert (steps["acknowledged"], steps["shelved"]) == (2, 1)


def test_a_site_shows_its_own(wall: Wall) -> None:
    """Chosen in the list, a site's numbers are its own."""
    for site in VENUE.sites:
        of = [row for row in wall.line.journal.alerts() if row.site == site.id and not row.silent]
        shown = wall.rows("venue-overview", "Open alerts", site=site.id)
        assert {row["alert_id"] for row in shown} == {row.id for row in of}


def test_the_press_centre_is_no_other_site(wall: Wall) -> None:
    """Also where «All» is chosen; and a device that is silent is counted, none is 0, and nothing is NO DATA."""
    press = {site.id for site in VENUE.sites if "press" in site.id}
    of = [row for row in wall.line.journal.alerts() if row.site in press and not row.silent]
    assert {row["alert_id"] for row in wall.rows("venue-press", "Open alerts here")} == {
        row.id for row in of
    }
    down = [row for row in wall.rows("venue-points", "Devices") if not row["up"]]
    points = {row.id for row in VENUE.points if SITES[row.zone] in press}
    assert wall.value("venue-press", "Silent devices") == sum(
        row["point"] in points for row in down
    )


def test_what_was_raised_is_the_simulators_truth(wall: Wall) -> None:
    """As many alerts of each rule as the simulator planted up to now, silent ones left out."""
    expected = truth(VENUE, SEED, START, LENGTH, adapters=CONFIG.adapters)
    silent = {row.id for row in wall.line.engine.state.book.rules if row.silent}
    planted = [row for row in expected if row.rule not in silent]
    due = Counter(row.rule for row in planted if row.at <= NOW - timedelta(seconds=15))
    later = Counter(row.rule for row in planted if NOW - timedelta(seconds=15) < row.at <= NOW)
    shown: Counter[str] = Counter()
    for row in wall.rows("venue-history", "Transitions"):
        if row["change"] == "raised":
            shown[row["rule"]] += 1
    assert shown.keys() == due.keys() | (shown.keys() & later.keys())
    for rule, n in shown.items():
        assert due[rule] <= n <= due[rule] + later[rule], rule
    assert wall.value("venue-history", "Raised") == shown.total()
    assert wall.value("venue-alarms", "Alerts in the time shown") == shown.total()
    priorities = {row["severity"]: row["n"] for row in wall.rows("venue-alarms", "By priority")}
    assert sum(priorities.values()) == shown.total()


def test_occupancy_is_what_the_counters_said(wall: Wall) -> None:
    """The latest count of each zone, its share of the capacity, and the sum."""
    latest: dict[str, int] = {}
    for said in told(wall):
        if said["type"] == "zone.count" and is_news(said):
            latest[said["zone"]] = said["count"]
    rows = {row["zone"]: row for row in wall.rows("venue-occupancy", "Zones")}
    assert set(rows) == set(SITES)
    assert len(latest) > 5
    for zone in VENUE.zones:
        if zone.id in latest:
            row = rows[zone.id]
            assert row["count"] == latest[zone.id]
            assert row["capacity"] == zone.capacity
            assert row["pct"] == pytest.approx(100 * latest[zone.id] / zone.capacity, abs=0.06)
            assert wall.value("venue-zone", "People inside", zone=zone.id) == latest[zone.id]
    inside = sum(row["count"] for row in rows.values() if row["count"] is not None)
    assert wall.value("venue-occupancy", "People inside") == inside
    uncounted = sum(row["count"] is None for row in rows.values())
    assert (wall.value("venue-occupancy", "Zones that nobody counts") or 0) == uncounted


def test_flow_is_how_many_passed(wall: Wall) -> None:
    """Per access point and hour, and on the access point's own dashboard."""
    went = Counter(said["point"] for said in told(wall) if passed(said) and is_news(said))
    settled = NOW - timedelta(minutes=3)
    before = Counter(
        said["point"]
        for said in told(wall)
        if passed(said) and is_news(said) and datetime.fromisoformat(said["at"]) < settled
    )
    assert before.total() > 500
    for point in POINTS:
        shown = wall.value("venue-point", "Passages in the last hour", point=point) or 0
        assert before[point] <= shown <= went[point], point


def test_passages_an_hour_are_told_every_five_minutes(wall: Wall) -> None:
    """Twelve times what passed in five minutes: beside the 660 of a full turnstile no hour looks half empty."""
    five = timedelta(minutes=5)
    went = Counter(
        (said["point"], (datetime.fromisoformat(said["at"]) - START) // five)
        for said in told(wall)
        if passed(said) and is_news(said)
    )
    whole = range(1, (NOW - timedelta(minutes=3) - START) // five)
    for point in POINTS:
        rows = wall.rows("venue-points", "Passages", point=point)
        shown = {int(row["time"] / 1000 - START.timestamp()) // 300: row["mean"] for row in rows}
        for n in whole:
            assert shown[n] == pytest.approx(12 * went[point, n]), (point, n)


def test_refusals_are_told_by_reason(wall: Wall) -> None:
    """As many of each reason as the simulator had refused."""
    sent = Counter(
        said["reason"]
        for said in told(wall)
        if said["type"] == "access.denied" and said["point"] in POINTS and is_news(said)
    )
    shown: Counter[str] = Counter()
    for row in wall.rows("venue-points", "Refused"):
        shown[row["reason"]] += row["sum"]
    assert sent.total() > 10
    assert +shown == sent


def test_readiness_is_that_of_the_journal(wall: Wall) -> None:
    """Each site's word, and each zone that is no plain go."""
    standing = {(row.site, row.zone): row for row in wall.line.journal.readiness()}
    sites = {row["site"]: row["code"] for row in wall.rows("venue-overview", "Ready")}
    assert sites == {
        site: READY_CODES[row.state] for (site, zone), row in standing.items() if not zone
    }
    shown = {row["zone"]: row for row in wall.rows("venue-inspections", "Zones that are not ready")}
    not_go = {zone: row for (_, zone), row in standing.items() if zone and row.state != "go"}
    assert set(shown) == set(not_go)
    assert not_go
    for zone, row in not_go.items():
        assert shown[zone]["code"] == READY_CODES[row.state]
        assert shown[zone]["lead"] == (row.reasons[0].lead or "")


def test_overdue_and_open_actions(wall: Wall) -> None:
    """What is overdue now, and which agency owes how many repairs."""
    opened: dict[str, str] = {}
    for said in told(wall):
        if said["type"] == "action.opened":
            opened[said["action"]] = said["lead"]
        if said["type"] in ("action.verified", "action.cancelled"):
            opened.pop(said["action"], None)
    leads: Counter[str] = Counter()
    for row in wall.rows("venue-inspections", "Open actions by lead"):
        leads[row["lead"]] += row["open"]
    assert leads == Counter(opened.values())
    assert wall.value("venue-inspections", "Actions open") == len(opened)
    listed = wall.rows("venue-inspections", "Overdue")
    assert wall.value("venue-inspections", "Checklists overdue") == len(listed)
    states = wall.line.engine.state.alerts.values()
    late = {row.key for row in states if row.rule in ("inspection-overdue", "checklist-not-done")}
    assert {row["checklist"] for row in listed} >= late


def test_devices_that_are_silent_are_shown_silent(wall: Wall) -> None:
    """Each device of the venue is there, and those of which an alert says that they are gone are down."""
    rows = {row["device"]: row["up"] for row in wall.rows("venue-points", "Devices")}
    assert set(rows) == {row.id for row in VENUE.devices}
    gone = {
        row.key
        for row in wall.line.journal.alerts()
        if row.rule in ("device-silent", "device-offline")
    }
    assert gone <= {device for device, up in rows.items() if not up}
    assert any(rows.values())


def test_the_monitor_lives_and_its_death_shows(wall: Wall) -> None:
    """1 while it writes; nothing, and never 0, when there is nothing."""
    assert wall.value("venue-overview", "Monitor") == 1
    assert wall.value("venue-health", "Not understood") == sum(
        row.meant == "unreadable" for row in wall.plan
    )
    empty = wall.asked('SELECT last("alive") FROM "monitor"', {}, db="empty")
    assert empty == []


def test_who_came_is_told_without_names(wall: Wall) -> None:
    """Pseudonyms of sixteen signs, as many people as there were."""
    rows = wall.rows("venue-point", "Who came")
    names = {said.get("holder") for said in told(wall)} | {
        said.get("credential") for said in told(wall)
    }
    shown = {row["subject"] for row in rows if row["subject"]}
    assert len(rows) == 200
    assert all(len(row) == 16 for row in shown)
    assert not shown & names
