"""Every number on the dashboards is correct, according to the messages sent and to the journal."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.build.press import BRIDGE
from monitor.core.events import EVENT_TYPES
from monitor.core.venue.display_names import DisplayNames
from monitor.simulate import Expected, Planned, truth
from monitor.sinks.influx.measurements import READY_CODES, SEVERITY_CODES
from tests.support.morning import ACTED, CONFIG, LENGTH, NOW, OFFICER, SEED, START, VENUE, rule_set
from tests.support.wall import Wall, boards, everything, panels, target

FIVE = timedelta(minutes=5)
POINTS = {row.id: row for row in VENUE.points}
SITES = {row.id: row.site for row in VENUE.zones}


def sent(wall: Wall, plan: Sequence[Planned] = ()) -> Iterator[dict[str, Any]]:
    """Yield every event in the monitor's own format that was sent, up to `NOW` or as planned, each once."""
    seen: set[str] = set()
    for row in plan or wall.filled.plan:
        try:
            event = json.loads(row.payload)
        except ValueError:
            continue
        is_ours = isinstance(event, dict) and event.get("type") in EVENT_TYPES
        if is_ours and row.outcome == "input" and event.get("id") not in seen:
            seen.add(event["id"])
            yield event


def passed(event: dict[str, Any]) -> bool:
    """Return whether a person passed an access point of the venue."""
    point = POINTS.get(event.get("point", ""))
    kind = "access.taken" if point and point.passage_sensor else "access.granted"
    return point is not None and event["type"] == kind


def is_live(event: dict[str, Any]) -> bool:
    """Return whether an event is neither replayed nor from a wrong clock."""
    at = datetime.fromisoformat(event["at"])
    return not event.get("replay") and START <= at <= NOW


def test_nothing_was_refused(wall: Wall) -> None:
    """InfluxDB accepted every point."""
    assert wall.refused == []


def test_open_alerts_are_those_of_the_journal(wall: Wall) -> None:
    """The counts by severity and the list agree with the journal; what is over or shelved is listed but not counted."""
    alerts = [row for row in wall.filled.now.alerts if not row.silent]
    counts = Counter(
        row.severity for row in alerts if row.handling != "shelved" and row.condition == "active"
    )
    assert len(alerts) > 10

    titles = {
        "life_safety": "P0 life safety: now",
        "critical": "P1 critical: now",
        "high": "P2 high: now",
        "medium": "P3 medium: now",
    }
    for severity, title in titles.items():
        assert wall.value("venue-overview", title) == counts[severity]  # type: ignore[index]
    untaken = sum(row.severity == "life_safety" and row.handling == "new" for row in alerts)
    assert wall.value("venue-overview", "P0 life safety: nobody has it") == untaken
    shown = wall.rows("venue-overview", "Open alerts")
    assert {row["alert_id"] for row in shown} == {row.id for row in alerts}
    by_id = {row.id: row for row in alerts}
    names = DisplayNames(VENUE)
    for row in shown:
        alert = by_id[row["alert_id"]]
        assert row["code"] == SEVERITY_CODES[alert.severity]
        assert (row["site_name"], row["zone_name"]) == tuple(
            names.of(kind, name) for kind, name in (("site", alert.site), ("zone", alert.zone))
        )
        assert row["condition"] == alert.condition
        assert row["handling"] == alert.handling
        assert abs(row["age_s"] - (NOW - alert.raised_at).total_seconds()) <= 11


def test_handling_and_time_to_acknowledge(wall: Wall) -> None:
    """Two alerts were acknowledged by one officer, shown as a pseudonym, after the time in the journal."""
    taken = [row for row in wall.filled.now.alerts if row.handling == "acknowledged"]
    waited = sorted(int((ACTED - row.raised_at).total_seconds()) for row in taken)
    assert len(waited) == 2
    middle = wall.value("venue-history", "Time to acknowledge, median")
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
    """A selected site shows only its own alerts."""
    for site in VENUE.sites:
        of = [row for row in wall.filled.now.alerts if row.site == site.id and not row.silent]
        shown = wall.rows("venue-overview", "Open alerts", site=site.id)
        assert {row["alert_id"] for row in shown} == {row.id for row in of}


def test_the_press_dashboard_shows_only_the_press_centre(wall: Wall) -> None:
    """The press dashboard shows only the press centre even if "All" is selected; its silent devices are counted."""
    press = {site.id for site in VENUE.sites if "press" in site.id}
    of = [row for row in wall.filled.now.alerts if row.site in press and not row.silent]
    assert {row["alert_id"] for row in wall.rows("venue-press", "Open alerts here")} == {
        row.id for row in of
    }
    down = [row for row in wall.rows("venue-points", "Devices") if not row["up"]]
    assert wall.value("venue-press", "Silent devices") == sum(
        SITES.get(row["zone"]) in press for row in down
    )


def test_what_was_raised_is_the_simulators_truth(wall: Wall) -> None:
    """As many alerts of each rule were raised as were planted up to now, without silent ones."""
    expected = truth(VENUE, SEED, START, LENGTH, adapters=CONFIG.adapters)
    silent = {row.id for row in rule_set().rules if row.silent}
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
    assert wall.value("venue-alarms", "Alerts in this time range") == shown.total()
    assert sum(row["n"] for row in wall.rows("venue-alarms", "By priority")) == shown.total()


def test_occupancy_is_the_latest_count(wall: Wall) -> None:
    """The occupancy of each zone is its latest count, shown with its share of the capacity and in the sum."""
    latest: dict[str, int] = {}
    for event in sent(wall):
        if event["type"] == "zone.count" and is_live(event):
            latest[event["zone"]] = event["count"]
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
    assert (wall.value("venue-occupancy", "Zones not counted") or 0) == uncounted


def test_flow_is_how_many_passed(wall: Wall) -> None:
    """The flow of each access point is the number of people who passed in the last hour, to a whole five minutes."""
    went = Counter(
        event["point"]
        for event in sent(wall, wall.filled.whole)
        if passed(event) and START <= datetime.fromisoformat(event["at"]) < NOW + FIVE
    )
    settled = NOW - timedelta(minutes=3)
    before = Counter(
        event["point"]
        for event in sent(wall)
        if passed(event) and is_live(event) and datetime.fromisoformat(event["at"]) < settled
    )
    assert before.total() > 500
    for point in POINTS:
        shown = wall.value("venue-point", "Passages in the last hour", point=point) or 0
        assert before[point] <= shown <= went[point], point


def test_passages_per_hour_are_shown_every_five_minutes(wall: Wall) -> None:
    """The hourly figures are twelve times the passages of five minutes, comparable with the 660 of a full turnstile."""
    went = Counter(
        (event["point"], (datetime.fromisoformat(event["at"]) - START) // FIVE)
        for event in sent(wall)
        if passed(event) and is_live(event)
    )
    whole = range(1, (NOW - timedelta(minutes=3) - START) // FIVE)
    for point in POINTS:
        rows = wall.rows("venue-points", "Passages", point=point)
        shown = {int(row["time"] / 1000 - START.timestamp()) // 300: row["mean"] for row in rows}
        for n in whole:
            assert shown[n] == pytest.approx(12 * went[point, n]), (point, n)


def test_refusals_are_shown_by_reason(wall: Wall) -> None:
    """As many refusals of each reason are shown as were sent."""
    refused = Counter(
        event["reason"]
        for event in sent(wall)
        if event["type"] == "access.denied" and event["point"] in POINTS and is_live(event)
    )
    shown: Counter[str] = Counter()
    for row in wall.rows("venue-points", "Refused"):
        shown[row["reason"]] += row["sum"]
    assert refused.total() > 10
    assert +shown == refused


def test_readiness_is_that_of_the_journal(wall: Wall) -> None:
    """The readiness of each site, and of each zone that is not a plain go, is that of the journal."""
    statuses = {(row.site, row.zone): row for row in wall.filled.now.readiness}
    sites = {row["site_name"]: row["code"] for row in wall.rows("venue-overview", "Sites")}
    names = DisplayNames(VENUE)
    assert sites == {
        names.of("site", site): READY_CODES[row.state]
        for (site, zone), row in statuses.items()
        if not zone
    }
    shown = {row["zone"]: row for row in wall.rows("venue-inspections", "Zones not ready")}
    not_go = {zone: row for (_, zone), row in statuses.items() if zone and row.state != "go"}
    assert set(shown) == set(not_go)
    assert not_go
    for zone, row in not_go.items():
        assert shown[zone]["code"] == READY_CODES[row.state]
        assert shown[zone]["lead_name"] == names.of("lead", row.reasons[0].lead or "")


def test_overdue_and_open_actions(wall: Wall) -> None:
    """The overdue checklists and the open repairs of each agency are shown."""
    opened: dict[str, str] = {}
    for event in sent(wall):
        if event["type"] == "action.opened":
            opened[event["action"]] = event["lead"]
        if event["type"] in ("action.verified", "action.cancelled"):
            opened.pop(event["action"], None)
    leads: Counter[str] = Counter()
    for row in wall.rows("venue-inspections", "Open actions by lead"):
        leads[row["lead_name"]] += row["open"]
    names = DisplayNames(VENUE)
    assert leads == Counter(names.of("lead", lead) for lead in opened.values())
    assert wall.value("venue-inspections", "Actions open") == len(opened)
    listed = wall.rows("venue-inspections", "Overdue")
    assert wall.value("venue-inspections", "Checklists overdue") == len(listed)
    late = {
        row.key
        for row in wall.filled.now.alerts
        if row.rule in ("inspection-overdue", "checklist-not-done")
    }
    assert {row["checklist"] for row in listed} >= late


def test_devices_that_are_silent_are_shown_silent(wall: Wall) -> None:
    """Every device of the venue is listed, and those with an alert about their silence are down."""
    of = {row.name or row.id: row.id for row in VENUE.devices}
    rows = {of[row["device_name"]]: row["up"] for row in wall.rows("venue-points", "Devices")}
    assert set(rows) == {row.id for row in VENUE.devices}
    gone = {
        row.key for row in wall.filled.now.alerts if row.rule in ("device-silent", "device-offline")
    }
    assert gone <= {device for device, up in rows.items() if not up}
    assert any(rows.values())


def test_a_running_monitor_is_alive_and_a_dead_one_is_missing(wall: Wall) -> None:
    """The value is 1 while the monitor writes, and missing, never 0, when it doesn't."""
    assert wall.value("venue-overview", "Monitor") == 1
    assert wall.value("venue-health", "Rejected messages") == sum(
        row.outcome == "unreadable" for row in wall.filled.plan
    )
    empty = wall.asked('SELECT last("alive") FROM "monitor"', {}, db="empty")
    assert empty == []


def test_access_events_are_shown_without_names(wall: Wall) -> None:
    """People are shown as pseudonyms of sixteen characters."""
    rows = wall.rows("venue-point", "Latest access events")
    names = {event.get("holder") for event in sent(wall)} | {
        event.get("credential") for event in sent(wall)
    }
    shown = {row["subject"] for row in rows if row["subject"]}
    assert len(rows) == 200
    assert all(len(row) == 16 for row in shown)
    assert not shown & names


def test_arabic_keeps_the_order_of_its_words(wall: Wall) -> None:
    """Grafana's pages are written from left to right: what is written from right to left stands apart in them."""
    query = (
        'SELECT last("headline_ar"), "msg_ar" FROM "alert_open" WHERE $timeFilter GROUP BY "alarm"'
    )
    series = wall.asked(query, {})
    assert len(series) > 10
    for row in series:
        _, headline, title = row["values"][-1]
        assert headline[:4] in {f"\u2067P{n} " for n in range(5)}
        assert (title[0], title[-1], headline[-1]) == ("\u2067", "\u2069", "\u2069")


def test_a_reading_that_goes_silent_is_seen(wall: Wall) -> None:
    """It is an open alert of the press centre, the oldest of the latest readings, and a gap in its line."""
    (expected,) = planted("power-silent")
    assert expected.at < NOW
    asset, quantity = expected.key.split(" / ")
    (alert,) = (row for row in wall.filled.now.alerts if row.rule == expected.rule)
    listed = {row["alert_id"]: row for row in wall.rows("venue-press", "Open alerts here")}
    assert listed[alert.id]["condition"] == "active"

    last = max(
        datetime.fromisoformat(event["at"])
        for event in sent(wall)
        if event["type"] == "reading.recorded" and event["asset"] == asset
    )
    latest = {
        (row["asset"], row["quantity"]): datetime.fromtimestamp(row["time"] / 1000, UTC)
        for row in wall.rows("venue-press", "Latest readings")
    }
    assert latest.pop((asset, quantity)) == last
    assert last < NOW - FIVE < min(latest.values())

    line = [row for row in wall.rows("venue-press", "Uplink loss") if row["asset"] == asset]
    drawn = [row["time"] / 1000 for row in line if row["mean"] is not None]
    assert START.timestamp() <= min(drawn) < max(drawn) <= last.timestamp()
    assert expected.at - last >= BRIDGE  # longer than what the line is drawn across


def test_a_certificate_that_ends_too_early_is_listed(wall: Wall) -> None:
    """It has its state and the time that is left, among all and on the dashboard of its asset."""
    (expected,) = planted("certificate-lapses-early")
    asset, _ = expected.key.split(" / ")
    (issued,) = (
        event
        for event in sent(wall)
        if event["type"] == "certificate.issued" and event["asset"] == asset
    )
    left = datetime.fromisoformat(issued["expires_at"]) - NOW
    (listed,) = (
        row for row in wall.rows("venue-inspections", "Certificates") if row["asset"] == asset
    )
    (alone,) = wall.rows("venue-asset", "Certificates", asset=asset)
    for row in (listed, alone):
        assert row["code"] == 1
        assert row["left_s"] == pytest.approx(left.total_seconds(), abs=61)


def test_a_zone_that_is_not_counted_is_no_empty_one(wall: Wall) -> None:
    """While the monitor is alive the dashboard of such a zone says so: neither zero nor NO DATA."""
    wall.server.create("uncounted")
    ns = int((NOW - timedelta(seconds=5)).timestamp()) * 10**9
    wall.server.write(f"occupancy,site=s,zone=z counted=0i,capacity=10i {ns}", "uncounted")
    words = {"Admission": "unknown", "People inside": "not counted", "Full": "not counted"}
    board = boards()["venue-zone"]
    for panel in panels(board):
        if panel["title"] in words:
            query = target("venue-zone", panel["title"])
            (series,) = wall.asked(query, everything(board), db="uncounted")
            assert series["values"][-1][1] == -1
            said = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]["-1"]
            assert said["text"] == words.pop(panel["title"])
    assert not words


def planted(rule: str) -> list[Expected]:
    """Return the alerts of a rule that the simulator says must be raised."""
    expected = truth(VENUE, SEED, START, LENGTH, adapters=CONFIG.adapters)
    return [row for row in expected if row.rule == rule]
