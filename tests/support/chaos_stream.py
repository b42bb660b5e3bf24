"""A seeded stream of messages for the example venue, with alerts in it, and its expected outcome."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from monitor.app.deployment import load_all
from monitor.core.alert import Change
from monitor.core.engine.gap import NEVER_LATER
from monitor.core.inputs import Arrival
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import AlertChanged
from monitor.errors import BrokerUnavailable
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress, Publisher
from monitor.rules.read import load
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import ROOT, PipelineHarness, site_of

OURSELVES = frozenset(
    {
        "rejected-input",
        "monitor-keys-capped",
        "session-lost",
        "broker-away",
        "monitor-paused",
        "sink-behind",
        "sink-refused",
        "device-silent",
        "zone-unmonitored",
        "occupancy-uncertain",
        "zone-perhaps-over-capacity",
    }
)
"""Rules whose words depend on when it was killed: about the monitor, about silence, and about a range that lasts only
until the next count: reported late, its beginning and its end are one instant."""
CHUNK = 10
"""Messages published together."""

Draft = tuple[str, dict[str, Any]]


@cache
def rule_set() -> RuleSet:
    """The rules and the venue of the repository."""
    config, venue = load_all(ROOT / "config.toml")
    return load(config.files.rules).rule_set(venue)


@cache
def incomparable() -> frozenset[str]:
    """The rules whose alerts depend on when it was killed; among them those whose waits stand still meanwhile."""
    return OURSELVES | {
        row.id
        for row in rule_set().rules
        if row.absence is not None and row.absence.until is None and row.severity not in NEVER_LATER
    }


def drafts(n: int, seed: int) -> list[Draft]:
    """The topics and events of ``n`` messages, without their times; the same for the same seed.

    Brokers redeliver unacknowledged messages *after* later ones. Rules that run in order of time make up for that; for
    rules that fire on arrival, an event and its end come once for each key.
    """
    rng = Random(seed)
    venue = rule_set().venue
    doors = sorted(point.id for point in venue.points)
    once = iter(_once(rng, doors))
    found: list[Draft] = []
    for i in range(n):
        point = rng.choice(doors)
        zone = rng.choice(venue.zones)
        passage = {"point": point, "direction": rng.choice(["in", "out"])}
        match rng.randrange(20):
            case 0:
                topic, event = next(once, None) or _denied(rng, point)
            case 1 | 2:
                topic, event = _denied(rng, point)
            case 3 | 4:
                count = rng.randrange(zone.capacity * 11 // 10 + 2)
                topic = f"zone/{zone.id}"
                event = {"type": "zone.count", "zone": zone.id, "count": count}
            case 5:
                topic = f"zone/{zone.id}"
                event = {"type": rng.choice(["zone.opened", "zone.closed"]), "zone": zone.id}
            case 6:
                topic = f"door/{point}"
                event = {"type": rng.choice(["door.locked", "door.unlocked"]), "point": point}
            case 7:
                device = rng.choice(venue.devices).id
                topic, event = f"device/{device}", {"type": "device.heartbeat", "device": device}
            case 8 | 9 | 10:
                holder = rng.choice(["guest", "staff"])
                topic = f"access/{point}"
                event = {"type": "access.taken", "holder_class": holder, **passage}
            case _:
                card = f"card-{rng.randrange(5000)}"
                topic = f"access/{point}"
                event = {"type": "access.granted", "credential": card, **passage}
        found.append((f"venue/{site_of(event)}/{topic}", event | {"id": f"{seed}-{i}"}))
    return found


def _denied(rng: Random, point: str) -> Draft:
    card = f"card-{rng.randrange(60)}"
    return f"access/{point}", {"type": "access.denied", "point": point, "credential": card}


def _once(rng: Random, doors: Sequence[str]) -> list[Draft]:
    """Alarms that are raised at once: some end, some stay active, some recur."""
    found: list[Draft] = []
    for door in doors:
        alarm = {"type": "door.alarm", "point": door}
        found.append((f"door/{door}", alarm | {"alarm": "forced_open"}))
        if rng.random() < 0.5:
            found.append((f"door/{door}", alarm | {"alarm": "normal"}))
        tamper = {"type": "door.tamper", "point": door, "active": True}
        found += [(f"door/{door}", tamper)] * rng.randrange(3)
    for door in rng.sample(doors, 3):
        found.append((f"access/{door}", {"type": "access.duress", "point": door}))
    rng.shuffle(found)
    found.sort(key=lambda draft: draft[1].get("alarm") == "normal")  # the end follows it
    return found


class Published(NamedTuple):
    """A message with the time at which it was sent."""

    topic: str
    payload: bytes
    at: datetime


class Stream:
    """Publish drafts with QoS 1, with the time of their first attempt, until the broker has acknowledged each."""

    def __init__(self, address: BrokerAddress, found: Sequence[Draft], *, rate: float) -> None:
        self.address = address
        self.drafts = found
        self.rate = rate
        self.published: list[Published] = []
        self._progress = asyncio.Event()

    async def sent(self, n: int) -> None:
        """Return when the broker has this many messages."""
        while len(self.published) < n:
            self._progress.clear()
            await self._progress.wait()

    async def run(self) -> None:
        """Send all, in order; while the broker is away, try again as devices do."""
        loop = asyncio.get_running_loop()
        rest = [self.drafts[n : n + CHUNK] for n in range(0, len(self.drafts), CHUNK)]
        waiting: list[Published] = []
        began = loop.time()
        while rest or waiting:
            try:
                async with Publisher(self.address, "stream") as publisher:
                    while rest or waiting:
                        waiting = waiting or [self._stamped(draft) for draft in rest.pop(0)]
                        await publisher.publish_many([(row.topic, row.payload) for row in waiting])
                        self.published += waiting
                        self._progress.set()
                        waiting = []
                        ahead = len(self.published) / self.rate - (loop.time() - began)
                        await asyncio.sleep(max(0.0, ahead))
            except BrokerUnavailable:
                await asyncio.sleep(0.1)
                began = loop.time() - len(self.published) / self.rate

    @staticmethod
    def _stamped(draft: Draft) -> Published:
        topic, event = draft
        now = datetime.now(UTC)
        return Published(topic, json.dumps(event | {"at": now.isoformat()}).encode(), now)


class Outcome(NamedTuple):
    """The result of a stream."""

    raised: Counter[tuple[str, str]]
    """How often each rule and key was raised."""
    alerts: dict[tuple[str, str], tuple[str, int]]
    """The open ones: condition and occurrences."""
    zones: dict[str, tuple[int | None, bool | None, str]]
    """Persons, open, inspected."""


def outcome(journal: Journal) -> Outcome:
    """The result of a stream in a journal."""
    raised = [
        row.transition.alert
        for row in journal.transitions(0, 10_000_000)
        if isinstance(row.transition, AlertChanged) and row.transition.change is Change.RAISED
    ]
    return Outcome(
        Counter((alert.rule, alert.key) for alert in raised if alert.rule not in incomparable()),
        {
            (alert.rule, alert.key): (alert.condition.value, alert.occurrences)
            for alert in journal.alerts()
            if alert.rule not in incomparable()
        },
        {zone.zone: (zone.occupancy, zone.open, zone.inspected) for zone in journal.zones()},
    )


@contextmanager
def unkilled(published: Sequence[Published], folder: Path) -> Iterator[PipelineHarness]:
    """A monitor that has taken the same messages without any kill: each arrived once, in order, at once."""
    with PipelineHarness(folder / "unkilled.db", now=published[0].at, rule_set=rule_set()) as line:
        for message in published:
            line.wait((message.at - line.clock.time).total_seconds())
            line.take(line.sent(message.topic, message.payload))
        yield line


async def all_in(program: MonitorProcess, stream: Stream) -> None:
    """Return when the journal has every message of a stream, each exactly once, and no more.

    Garbage may come first, and a slow machine takes its time over it: fail after a minute without any input.
    """
    times, seq = Counter[str](), 0

    def has_more() -> bool:
        nonlocal seq
        before = seq
        with program.read() as journal:
            for number, given in journal.inputs(seq):
                seq = number
                if isinstance(given, Arrival):
                    times.update(event.id for event in given.events if event.id)
        return seq > before

    while len(times) < len(stream.drafts):
        await reached(has_more, 60)
    await asyncio.to_thread(has_more)
    assert set(times.values()) == {1}


SETTLES = timedelta(seconds=5)
"""After the last message: the watermark has passed it, and the status of each zone is published."""


async def as_expected(program: MonitorProcess, stream: Stream) -> None:
    """Return when alerts and zones are as without any failure; report the difference if that is never reached.

    They are compared at one time: on a slow machine, windows pass and hours begin before everything is in.
    """
    await reached(lambda: not program.health()["catching_up"], 60)
    await asyncio.to_thread(_compare, program, stream)


def _compare(program: MonitorProcess, stream: Stream) -> None:
    settled = stream.published[-1].at + SETTLES
    with unkilled(stream.published, program.folder) as line:
        deadline = time.monotonic() + 10
        while True:
            with program.read() as journal:
                found = outcome(journal)
                # More may be committed between the two.
                *_, latest = journal.entries(journal.seq - 1)
            end = max(latest.received_at, settled)
            line.wait(max(0.0, (end - line.clock.time).total_seconds()))
            want = outcome(line.journal)
            if found == want or time.monotonic() > deadline:
                break
            time.sleep(0.1)
    assert want.raised
    assert want.alerts
    only = (found.raised - want.raised, want.raised - found.raised)
    assert found.raised == want.raised, only
    assert found.alerts == want.alerts
    assert found.zones == want.zones


async def reached(holds: Callable[[], bool], seconds: float) -> None:
    """Return as soon as the condition holds; fail on timeout. For conditions that depend on a process."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process tells
            await asyncio.sleep(0.1)
