"""What has to be true of doors, zones and fires at the end of a day, according to naive judges."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from monitor.core.alert import Change
from monitor.core.phrase import Phrase
from monitor.core.transitions import ReadinessChanged
from monitor.ingest.pipeline import Pipeline
from tests.simulation import naive
from tests.simulation.oracle import Oracle
from tests.simulation.packet import Packet
from tests.simulation.traffic import CHECKLIST, DOORS, FIRE_ZONES, SITE_OF
from tests.simulation.world import World


def fires(world: World, oracle: Oracle, packets: Sequence[Packet]) -> Iterator[str]:
    """Each fire and each forced door of the venue has an alert, whatever strangers send."""
    raised = {row.alert.key for row in oracle.changes() if row.alert.rule == "fire"}
    for zone in FIRE_ZONES:
        topic = f"venue/{SITE_OF.get(zone, 'centre')}/emergency/{zone}"
        fires = [
            row for row in naive.contents(packets, topic) if row.get("type") == "emergency.fire"
        ]
        if fires and zone not in raised:
            yield f"a fire in {zone} has no alert"
    if not world.is_clock_true:
        return
    told = {
        (row.alert.key, t)
        for row in oracle.changes()
        if row.alert.rule == "door-forced"
        for t in (row.alert.happened_at, row.alert.last_at)
    }
    for door in DOORS:
        for row in naive.contents(packets, f"venue/centre/door/{door}"):
            is_forced = row.get("type") == "door.alarm" and row["alarm"] == "forced_open"
            if is_forced and (door, datetime.fromisoformat(row["at"])) not in told:
                yield f"{door} was forced at {row['at']}, and no alert says so"


def zones(world: World, pipeline: Pipeline, packets: Sequence[Packet]) -> Iterator[str]:
    """Numbers of people, and readiness, are as the naive judges have them."""
    zones = {row.zone: row for row in pipeline.journal.zones()}
    if not world.is_clock_true:
        # What the broker kept while the clock was wrong may mean either clock: two passages may change places.
        return
    inside = naive.people_inside(naive.contents(packets, naive.TURNSTILE))
    if inside is not None and "foyer" in zones and zones["foyer"].occupancy != inside:
        yield f"in the foyer are {inside} people, not {zones['foyer'].occupancy}"
    counted = naive.latest_count(naive.contents(packets, naive.COUNTED))
    if counted is not None and "arena" in zones and zones["arena"].occupancy != counted:
        yield f"in the arena are {counted} people, not {zones['arena'].occupancy}"
    hall = next((row for row in pipeline.journal.readiness() if row.zone == "hall"), None)
    if hall is not None:
        yield from _readiness(hall, naive.findings(naive.contents(packets, naive.INSPECTED)))


def _readiness(hall: ReadinessChanged, findings: Mapping[str, bool]) -> Iterator[str]:
    """The hall is ready only if the naive judge says so, and what is wrong with it is what was found last."""
    if hall.state in ("go", "go_with_conditions") and not naive.can_be_ready(findings):
        yield f"the hall is a {hall.state}, and the naive judge says no"
    failed = {
        row.what.args["item"]
        for row in hall.reasons
        if row.checklist == CHECKLIST
        and isinstance(row.what, Phrase)
        and row.what.id == "checklist-item-failed"
    }
    expected = {text for item, text in naive.CRITICAL_ITEMS.items() if not findings.get(item, True)}
    if failed != expected:
        yield f"in the hall these have failed: {sorted(expected)}, not {sorted(map(str, failed))}"


def doors(world: World, oracle: Oracle) -> Iterator[str]:
    """A door that was held open too long has been so since its limit after the opening, not since someone looked."""
    if not world.is_clock_true:
        return
    begins: dict[str, set[datetime]] = defaultdict(set)
    for packet in world.broker.acknowledged.values():
        if packet.payload in world.noted.sent and b'"door.' in packet.payload:
            body = json.loads(packet.payload)
            begins[body["point"]].add(datetime.fromisoformat(body["at"]))
        # While there is an emergency, doors may stand open.
        if packet.payload in world.noted.sent and b'"emergency.cleared"' in packet.payload:
            begins[""].add(datetime.fromisoformat(json.loads(packet.payload)["at"]))
    for row in oracle.changes():
        alert = row.alert
        # Strangers open the door d2, too.
        if alert.key != "d2" and alert.rule == "door-held-open" and row.change is Change.RAISED:
            since = begins[alert.key] | begins[""]
            ages = {(alert.happened_at - t).total_seconds() for t in since}
            if 30.0 not in ages:
                yield f"{alert.key} counts as held open since {alert.happened_at}"
