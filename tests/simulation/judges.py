"""What has to be true at the end of a day, beyond what the oracle compares."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from monitor.core.alert import Alert
from monitor.core.events.monitor import MonitorClockStepped, MonitorSessionLost, MonitorTookOver
from monitor.core.inputs import Notice
from monitor.core.state import snapshot
from monitor.ingest.pipeline import Pipeline
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from tests.simulation import exits
from tests.simulation.broker import LIMIT
from tests.simulation.judge_pages import settled, silences
from tests.simulation.judge_places import doors, fires, zones
from tests.simulation.judge_readiness import never_better, rights
from tests.simulation.machine import BEGIN
from tests.simulation.oracle import Oracle
from tests.simulation.packet import Packet
from tests.simulation.watcher import REPEAT, SILENT_AFTER
from tests.simulation.world import World

LARGEST_STATE = 6_000_000
"""Bytes of a snapshot: the quotas bound what strangers can add."""


def judge(
    world: World, oracle: Oracle, pipeline: Pipeline, packets: Sequence[Packet]
) -> Iterator[str]:
    """Yield the promises that were broken.

    Args:
        world: the world at the end of the day.
        oracle: has followed the journal.
        pipeline: the monitor's.
        packets: what was acknowledged, and not lost in a way that was noticed.

    """
    if world.broker.waiting:
        yield f"{world.broker.waiting} messages were never acknowledged"
    yield from _sinks(world, oracle)
    yield from _board(world, pipeline)
    yield from settled(world, oracle, pipeline)
    yield from _bounds(world, pipeline)
    yield from _clock_steps(world, oracle)
    yield from _watched(world)
    yield from _taken_over(world, oracle)
    yield from never_better(world, oracle)
    yield from rights(world, oracle)
    if world.broker.status != b"online":
        yield f"the status is {world.broker.status!r}, and the monitor is there"
    if not world.noted.is_loss_accepted:
        yield from _session(world, oracle)
        yield from fires(world, oracle, packets)
        yield from zones(world, pipeline, packets)
        yield from silences(world, oracle)
        yield from doors(world, oracle)
        yield from exits.judge(world, oracle, packets)


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
            if row.transition not in archive.taken.get(key, ()) and key not in archive.refused:
                yield f"{name} never got {key} {type(row.transition).__name__}"
        if world.noted.is_loss_accepted:
            continue
        for key, taken in archive.taken.items():
            for transition in taken:
                if transition not in oracle.history.get(key, ()):
                    yield f"{name} got {key} {transition}, which the core didn't say"


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


def _bounds(world: World, pipeline: Pipeline) -> Iterator[str]:
    """Memory and queues stay bounded."""
    size = len(snapshot.encode(pipeline.engine.state))
    if size > LARGEST_STATE:
        yield f"the state has {size} bytes"
    life = world.life
    if life is not None and life.most_unacknowledged > 2 * LIMIT:
        yield f"{life.most_unacknowledged} messages were unacknowledged at a time"


def _clock_steps(world: World, oracle: Oracle) -> Iterator[str]:
    """Each step of the clock is noticed."""
    noticed = sum(isinstance(row, MonitorClockStepped) for row in oracle.noticed)
    if noticed < len(world.noted.clock_steps) and not world.noted.is_loss_accepted:
        yield f"of {len(world.noted.clock_steps)} steps of the clock {noticed} were noticed"


def _session(world: World, oracle: Oracle) -> Iterator[str]:
    """A session that the broker has lost is noticed: messages may be missing."""
    lost_at = world.noted.session_lost_at
    if lost_at is None or not world.is_clock_true:
        return
    since = BEGIN + timedelta(seconds=lost_at)
    if not any(isinstance(row, MonitorSessionLost) and row.at >= since for row in oracle.noticed):
        yield f"the session was lost at {since}, and nobody knows"


def _taken_over(world: World, oracle: Oracle) -> Iterator[str]:
    """A take-over is in the journal that it leads to."""
    named = sum(
        isinstance(row.input, Notice) and isinstance(row.input.event, MonitorTookOver)
        for row in oracle.followed
    )
    if world.noted.take_overs and not named and not world.noted.is_loss_accepted:
        yield "a second machine has taken over, and the journal doesn't name it"


def _watched(world: World) -> Iterator[str]:
    """A watcher pages when the monitor falls silent, and only then; it is silent only when it can't be heard."""
    watcher, late = world.watcher, timedelta(seconds=5)
    watcher.look()
    heard = [BEGIN, *watcher.heard, world.machine.true_time()]
    spans = [span for span in pairwise(heard) if span[1] - span[0] > SILENT_AFTER]
    for first, last in spans:
        if last - first <= SILENT_AFTER + late:
            continue
        due = first + SILENT_AFTER
        if not any(due - REPEAT <= t <= min(last, due + late) for t in watcher.told):
            yield f"the monitor was silent from {first} to {last}, and the watcher told no one"
        if last - first - _excused(world, first, last) > SILENT_AFTER:
            yield f"the monitor was silent from {first} to {last}, and there was no reason"
    for t in watcher.told:
        if not any(first < t < last + late for first, last in spans):
            yield f"the watcher told of a silence at {t}, and there was none"


def _excused(world: World, first: datetime, last: datetime) -> timedelta:
    """Return for how long the monitor could not be heard in a span."""
    total = timedelta(0)
    for gap in (*world.noted.gaps, *world.noted.broker_down):
        begins, ends = (BEGIN + timedelta(seconds=seconds) for seconds in gap)
        total += max(timedelta(0), min(ends, last) - max(begins, first))
    return total
