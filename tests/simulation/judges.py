"""What has to be true at the end of a day, beyond what the oracle compares."""

import json
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from monitor.core.alert import Alert, Change
from monitor.core.events.monitor import MonitorClockStepped
from monitor.core.inputs import Notice
from monitor.core.state import snapshot
from monitor.core.transitions import AlertChanged, PageOrdered
from monitor.ingest.pipeline import Pipeline
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from tests.simulation import naive
from tests.simulation.broker import LIMIT
from tests.simulation.machine import BEGIN
from tests.simulation.oracle import Oracle
from tests.simulation.traffic import DOORS, FIRE_ZONES, SITE_OF
from tests.simulation.world import World

PAGED = ("fire", "door-forced")
"""Rules whose alerts people are paged about until someone takes them."""
LONGEST_SILENCE = timedelta(minutes=15)
"""The longest wait of the policies in `tests/support/roster.toml`."""
SLACK = timedelta(minutes=4)
"""What flood limits, catching up and coarse time may add."""
PATIENCE = timedelta(minutes=17)
"""When a page must be settled: it is tried for a quarter of an hour."""
LARGEST_STATE = 6_000_000
"""Bytes of a snapshot: the quotas bound what strangers can add."""


def times(rng: Random, seconds: float) -> list[float]:
    """Draw when officers act."""
    found, t = [], 0.0
    while (t := t + rng.expovariate(1 / 400) + 20) < seconds:
        found.append(t)
    return found


def judge(world: World, oracle: Oracle, pipeline: Pipeline) -> Iterator[str]:
    """Yield the promises that were broken."""
    if world.broker.waiting:
        yield f"{world.broker.waiting} messages were never acknowledged"
    yield from _sinks(world, oracle)
    yield from _board(world, pipeline)
    yield from _pages(world, oracle, pipeline)
    yield from _bounds(world, pipeline)
    yield from _clock_steps(world, oracle)
    if not world.noted.is_loss_accepted:
        yield from _fires(world, oracle)
        yield from _zones(world, pipeline)
        yield from _silences(world, oracle)
        yield from _doors(world, oracle)


def judge_restart(world: World, path: Path, before: dict[str, Alert]) -> Iterator[str]:
    """Yield what is different after a restart."""
    with Journal(path) as journal:
        engine, _ = recover(journal, lateness=world.lateness, tolerance=timedelta(seconds=2))
        if engine.state.alerts.open != before:
            yield "after a restart other alerts are open"


def _sinks(world: World, oracle: Oracle) -> Iterator[str]:
    """Every transition arrives at every sink, and no other does."""
    for name, archive in world.archives.items():
        for row in oracle.written():
            key = row.seq, row.n
            if key not in archive.taken and key not in archive.refused:
                yield f"{name} never got {key} {type(row.transition).__name__}"
        for key, entry in archive.taken.items():
            if oracle.history.get(key) != entry.transition and not world.noted.is_loss_accepted:
                yield f"{name} got {entry}, which the core didn't say"


def _board(world: World, pipeline: Pipeline) -> Iterator[str]:
    """The board shows the open alerts, and nothing else."""
    shown = {
        topic.rsplit("/", 1)[1]
        for topic in world.broker.board
        if topic.split("/")[2] in {"alert", "silent-alert"}
    }
    opened = {row.id for row in pipeline.journal.alerts()}
    if shown != opened:
        yield f"the board lacks {sorted(opened - shown)} and shows {sorted(shown - opened)}"


def _pages(world: World, oracle: Oracle, pipeline: Pipeline) -> Iterator[str]:
    """Every page that was ordered is settled; what may come twice is marked."""
    kept = {row.page.id: row for row in pipeline.journal.outbox.latest(1_000_000)}
    received: dict[str, list[bool]] = defaultdict(list)
    for page in world.phones.received:
        received[page.page].append(page.is_repeat)
    ordered = {
        row.transition.id: row.transition.at
        for row in oracle.written()
        if isinstance(row.transition, PageOrdered)
    }
    settled_by = world.machine.now() - PATIENCE
    for own, at in ordered.items():
        row = kept.get(own)
        if at > settled_by:
            continue
        if row is None:
            yield f"page {own} is not in the outbox"
        elif row.state in ("waiting", "late"):
            yield f"page {own} is still {row.state}"
        elif row.state == "delivered" and own not in received:
            yield f"page {own} counts as delivered, and no one has it"
    if not world.noted.is_loss_accepted:
        yield from _repeats(received, ordered)


def _repeats(received: Mapping[str, Sequence[bool]], ordered: Container[str]) -> Iterator[str]:
    for own, repeats in received.items():
        if own not in ordered:
            yield f"page {own} was never ordered"
        if not all(repeats[1:]):
            yield f"page {own} came {len(repeats)} times, and not each repeat is marked"


def _bounds(world: World, pipeline: Pipeline) -> Iterator[str]:
    """Memory and queues stay bounded."""
    size = len(snapshot.encode(pipeline.engine.state))
    if size > LARGEST_STATE:
        yield f"the state has {size} bytes"
    inbox = None if world.life is None else world.life.inbox
    if inbox is not None and inbox.most_unacknowledged > 3 * LIMIT:
        yield f"{inbox.most_unacknowledged} messages were unacknowledged at a time"


def _clock_steps(world: World, oracle: Oracle) -> Iterator[str]:
    """Each step of the clock is noticed."""
    noticed = sum(
        isinstance(row.input, Notice) and isinstance(row.input.event, MonitorClockStepped)
        for row in oracle.followed
    )
    if noticed < len(world.noted.clock_steps) and not world.noted.is_loss_accepted:
        yield f"of {len(world.noted.clock_steps)} steps of the clock {noticed} were noticed"


def _changes(oracle: Oracle) -> Iterator[AlertChanged]:
    for row in oracle.written():
        if isinstance(row.transition, AlertChanged):
            yield row.transition


def _fires(world: World, oracle: Oracle) -> Iterator[str]:
    """Each fire and each forced door of the venue has an alert, whatever strangers send."""
    raised = {row.alert.key for row in _changes(oracle) if row.alert.rule == "fire"}
    packets = world.broker.acknowledged.values()
    for zone in FIRE_ZONES:
        topic = f"venue/{SITE_OF.get(zone, 'centre')}/emergency/{zone}"
        fires = [
            row for row in naive.contents(packets, topic) if row.get("type") == "emergency.fire"
        ]
        if fires and zone not in raised:
            yield f"a fire in {zone} has no alert"
    if not _is_clock_true(world):
        return
    told = {
        (row.alert.key, t)
        for row in _changes(oracle)
        if row.alert.rule == "door-forced"
        for t in (row.alert.happened_at, row.alert.last_at)
    }
    for door in DOORS:
        for row in naive.contents(packets, f"venue/centre/door/{door}"):
            is_forced = row.get("type") == "door.alarm" and row["alarm"] == "forced_open"
            if is_forced and (door, datetime.fromisoformat(row["at"])) not in told:
                yield f"{door} was forced at {row['at']}, and no alert says so"


def _zones(world: World, pipeline: Pipeline) -> Iterator[str]:
    """Numbers of people, and readiness, are as the naive judges have them."""
    packets = list(world.broker.acknowledged.values())
    zones = {row.zone: row for row in pipeline.journal.zones()}
    inside = naive.people_inside(naive.contents(packets, naive.TURNSTILE))
    if inside is not None and "foyer" in zones and zones["foyer"].occupancy != inside:
        yield f"in the foyer are {inside} people, not {zones['foyer'].occupancy}"
    if not _is_clock_true(world):
        return
    counted = naive.latest_count(naive.contents(packets, naive.COUNTED))
    if counted is not None and "arena" in zones and zones["arena"].occupancy != counted:
        yield f"in the arena are {counted} people, not {zones['arena'].occupancy}"
    hall = next((row for row in pipeline.journal.readiness() if row.zone == "hall"), None)
    answers = naive.contents(packets, naive.INSPECTED)
    if (
        hall is not None
        and hall.state in ("go", "go_with_conditions")
        and not naive.can_be_ready(answers)
    ):
        yield f"the hall is a {hall.state}, and the naive judge says no"


def _is_clock_true(world: World) -> bool:
    return not world.noted.clock_steps and not world.machine.drift and not world.machine.stepped


def _untaken(world: World, oracle: Oracle) -> list[naive.Open]:
    """Return when alerts needed someone."""
    begun: dict[str, datetime] = {}
    opened: list[tuple[str, datetime, datetime]] = []
    pages: dict[str, list[datetime]] = defaultdict(list)
    for row in oracle.written():
        match row.transition:
            case AlertChanged(change=Change.RAISED, alert=alert, at=t) if not alert.late:
                if alert.rule in PAGED:
                    begun[alert.id] = t
            case AlertChanged(change=Change.RECURRED):
                pass
            case AlertChanged(alert=alert, at=t) if alert.id in begun:
                opened.append((alert.id, begun.pop(alert.id), t))
            case PageOrdered(at=t) as page:
                for own in (*(alert.id for alert in page.alerts), *page.more):
                    pages[own].append(t)
            case _:
                pass
    now = world.machine.now()
    opened += [(own, t, now) for own, t in begun.items()]
    return [naive.Open(own, begins, ends, tuple(pages[own])) for own, begins, ends in opened]


def _silences(world: World, oracle: Oracle) -> Iterator[str]:
    """People are paged again and again about an alert that no one takes."""
    spans = _untaken(world, oracle) if _is_clock_true(world) else []
    for own, begins, ends in naive.longest_silences(spans):
        allowed = LONGEST_SILENCE + SLACK + _gaps(world, begins, ends)
        if ends - begins > allowed:
            yield f"no one was paged about alert {own} from {begins} to {ends}"


def _gaps(world: World, begins: datetime, ends: datetime) -> timedelta:
    """Return for how long the monitor may have been unable to do anything in a span."""
    total = timedelta(0)
    for gap in world.noted.gaps:
        first, last = (BEGIN + timedelta(seconds=seconds) for seconds in gap)
        if last > begins and first < ends:
            total += last - first + timedelta(minutes=1)
    return total


def _doors(world: World, oracle: Oracle) -> Iterator[str]:
    """A door that was held open too long has been so since its limit after the opening, not since someone looked."""
    if not _is_clock_true(world):
        return
    begins: dict[str, set[datetime]] = defaultdict(set)
    for packet in world.broker.acknowledged.values():
        if packet.payload in world.noted.sent and b'"door.' in packet.payload:
            body = json.loads(packet.payload)
            begins[body["point"]].add(datetime.fromisoformat(body["at"]))
        # While there is an emergency, doors may stand open.
        if packet.payload in world.noted.sent and b'"emergency.cleared"' in packet.payload:
            begins[""].add(datetime.fromisoformat(json.loads(packet.payload)["at"]))
    for row in _changes(oracle):
        alert = row.alert
        # Strangers open the door d2, too.
        if alert.key != "d2" and alert.rule == "door-held-open" and row.change is Change.RAISED:
            since = begins[alert.key] | begins[""]
            ages = {(alert.happened_at - t).total_seconds() for t in since}
            if 30.0 not in ages:
                yield f"{alert.key} counts as held open since {alert.happened_at}"
