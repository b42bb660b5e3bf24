"""A seeded stream of messages for the example venue, with alerts in it, and what has to come of it."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from monitor.app.deployment import load_all
from monitor.core.alert import Change
from monitor.core.inputs import Arrival
from monitor.core.rules.model import RuleBook
from monitor.core.transitions import AlertChanged
from monitor.errors import BrokerUnavailable
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress, Publisher
from monitor.rules.read import load
from tests.support.monitor_process import Program
from tests.support.pipeline import ROOT, Line, site_of

OURSELVES = frozenset(
    {
        "rejected-input",
        "monitor-keys-capped",
        "session-lost",
        "broker-away",
        "sink-refused",
        "device-silent",
        "occupancy-uncertain",
        "zone-perhaps-over-capacity",
    }
)
"""Rules whose words depend on when it was killed: about the monitor, about silence, and about a range that lasts only
until the next count: told late, its beginning and its end are one instant."""
CHUNK = 10
"""Messages published together."""

Draft = tuple[str, dict[str, Any]]


@cache
def book() -> RuleBook:
    """The rules and the venue of the repository."""
    config, venue = load_all(ROOT / "config.toml")
    return load(config.files.rules).book(venue)


def drafts(n: int, seed: int) -> list[Draft]:
    """What ``n`` messages say: topic, and the event without its time; the same for the same seed.

    Brokers bring again what was not acknowledged *after* what came later. Rules that look at events in the order in
    which they happened make up for that; of those that speak at once, an event and its end come once for each key.
    """
    rng = Random(seed)
    venue = book().venue
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
    """Alarms that are raised at once: some end, some stay, some are counted."""
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
    found.sort(key=lambda draft: draft[1].get("alarm") == "normal")  # the end comes after it
    return found


class Published(NamedTuple):
    """A message as it was sent, and when."""

    topic: str
    payload: bytes
    at: datetime


class Stream:
    """Publishes drafts with QoS 1, stamped when they are sent first, until the broker has acknowledged each."""

    def __init__(self, address: BrokerAddress, found: Sequence[Draft], *, rate: float) -> None:
        self.address = address
        self.drafts = found
        self.rate = rate
        self.published: list[Published] = []
        self._progress = asyncio.Event()

    async def sent(self, n: int) -> None:
        """Returns when so many are with the broker."""
        while len(self.published) < n:
            self._progress.clear()
            await self._progress.wait()

    async def run(self) -> None:
        """Sends all, in order; while the broker is away it tries again, as devices do."""
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
    """What came of a stream."""

    raised: Counter[tuple[str, str]]
    """How often each rule and key was raised."""
    alerts: dict[tuple[str, str], tuple[str, int]]
    """The open ones: condition and occurrences."""
    zones: dict[str, tuple[int | None, bool | None, str]]
    """Persons, open, inspected."""


def outcome(journal: Journal) -> Outcome:
    """What a journal says came of it."""
    raised = [
        row.transition.alert
        for row in journal.transitions(0, 10_000_000)
        if isinstance(row.transition, AlertChanged) and row.transition.change is Change.RAISED
    ]
    return Outcome(
        Counter((alert.rule, alert.key) for alert in raised if alert.rule not in OURSELVES),
        {
            (alert.rule, alert.key): (alert.condition.value, alert.occurrences)
            for alert in journal.alerts()
            if alert.rule not in OURSELVES
        },
        {zone.zone: (zone.occupancy, zone.open, zone.inspected) for zone in journal.zones()},
    )


def expected(published: Sequence[Published], folder: Path) -> Outcome:
    """What comes of the same messages when nothing is killed: each arrives once, in order, at once."""
    with Line(folder / "unkilled.db", now=published[0].at, book=book()) as line:
        for message in published:
            line.wait((message.at - line.clock.time).total_seconds())
            line.take(line.sent(message.topic, message.payload))
        line.wait(5)
        return outcome(line.journal)


def times(journal: Journal) -> Counter[str]:
    """How often each event's own id is in the journal."""
    return Counter(
        event.id
        for _, given in journal.inputs()
        if isinstance(given, Arrival)
        for event in given.events
        if event.id
    )


async def all_in(program: Program, stream: Stream) -> None:
    """Returns when the journal has every message of a stream, each exactly once, and no more."""

    def complete() -> bool:
        with program.read() as journal:
            return len(times(journal)) == len(stream.drafts)

    await reached(complete, 60)
    with program.read() as journal:
        assert set(times(journal).values()) == {1}


async def as_expected(program: Program, stream: Stream) -> None:
    """Returns when alerts and zones are as without any trouble; says in which they differ if they don't get there."""
    want = await asyncio.to_thread(expected, stream.published, program.folder)
    assert want.raised
    assert want.alerts
    await reached(lambda: not program.health()["catching_up"], 60)

    def got() -> Outcome:
        with program.read() as journal:
            return outcome(journal)

    with suppress(TimeoutError):
        await reached(lambda: got() == want, 10)
    found = got()
    assert found.raised == want.raised
    assert found.alerts == want.alerts
    assert found.zones == want.zones


async def reached(holds: Callable[[], bool], seconds: float) -> None:
    """Returns as soon as it holds; fails when it doesn't in time. For what takes as long as a process does."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process tells
            await asyncio.sleep(0.1)
