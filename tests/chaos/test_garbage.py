"""A flood of unreadable messages: every good message gets through, and everything else stays bounded."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from monitor.core.alerts.open_alerts import MOST_OF_SHARE
from monitor.core.inputs import Rejected
from monitor.mqtt import Publisher
from tests.support.chaos_stream import Stream, all_in, as_expected, drafts, reached
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import Mosquitto

MEGABYTE = 1_000_000
"""Bytes; the embedded broker disconnects a sender of more than 1,048,576."""


def garbage(n: int, topics: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """What a broken or hostile sender may send: topic and bytes."""
    rng = Random(seed)
    at = datetime.now(UTC).isoformat()
    good = json.dumps({"type": "door.opened", "at": at, "point": "hall-gate-north-1"}).encode()
    count = b'{"type":"zone.count","at":"%s","zone":"hall-foyer","count":%s}'
    kinds: list[Callable[[], bytes]] = [
        lambda: rng.randbytes(rng.randrange(400)),
        lambda: fuzzed(good, rng) + b"}",
        lambda: good[: rng.randrange(len(good))],
        lambda: b'{"type":' + b"[" * rng.randrange(1, 50_000),
        lambda: b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        lambda: good.replace(b"hall-gate", b"\\ud800"),
        lambda: good.replace(b"hall-gate", b"\xed\xa0\x80"),
        lambda: good.replace(b"20", b"99999", 1),
        lambda: count % (at.encode(), rng.choice([b"NaN", b"-Infinity", b"1e999", b"9" * 5_000])),
        lambda: b"{}",
    ]
    for i in range(n):
        if i % 500 == 250:
            yield "venue/hall/door/x", good[:-1] + b',"raw":"' + b"x" * MEGABYTE + b'"}'
        elif i % 4 == 0:
            yield f"venue/hall/{rng.choice(['door', 'dor', '%s', 'x/y'])}/{i % topics}", b"{}"
        else:
            yield (
                f"venue/hall/door/{rng.choice(['hall-gate-north-1', 'x', 'ÿ'])}",
                rng.choice(kinds)(),
            )


def fuzzed(message: bytes, rng: Random) -> bytes:
    """The message with three of its bytes changed."""
    changed = bytearray(message)
    for at in rng.sample(range(len(message)), 3):
        changed[at] = rng.randrange(256)
    return bytes(changed)


def resident(program: MonitorProcess) -> int:
    """Bytes of memory that the process uses."""
    assert program.process is not None
    pages = int(Path(f"/proc/{program.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def flood(program: MonitorProcess, *, n: int, topics: int, good: int, seed: int) -> None:
    """Send garbage as fast as the broker accepts it, with good messages in between, and ask for the health."""
    stream = Stream(program.broker, drafts(good, seed), rate=good / 5)
    answers: list[bool] = []
    over = asyncio.Event()

    async def send() -> None:
        async with Publisher(program.broker, "noise") as publisher:
            await publisher.publish_many(garbage(n, topics, seed))

    async def ask() -> None:
        while not over.is_set():
            answers.append((await asyncio.to_thread(program.health))["broker_connected"])
            await asyncio.sleep(0.2)

    before = resident(program)
    async with asyncio.TaskGroup() as group:
        group.create_task(ask())
        async with asyncio.TaskGroup() as senders:
            senders.create_task(send())
            senders.create_task(stream.run())
        await all_in(program, stream)
        await reached(lambda: program.figure("venue_inbox_unacknowledged") == 0, 120)
        over.set()
    assert answers
    assert all(answers)
    # At most a thousand unacknowledged messages of a megabyte each; usually it is much less.
    assert resident(program) - before < 300 * MEGABYTE
    await as_expected(program, stream)

    rejected = program.figure('venue_messages_total{kind="rejected"}')
    with program.read() as journal:
        kept = sum(isinstance(given, Rejected) for _, given in journal.inputs())
        alerts = [alert for alert in journal.alerts() if alert.rule == "rejected-input"]
        capped = {a.key for a in journal.alerts() if a.rule == "monitor-keys-capped"}
    assert rejected == kept > n / 10
    # A share for doors of the hall, one for what is no kind of topic; the topic of a known door always has room.
    assert len(alerts) == len({alert.key for alert in alerts}) <= 2 * MOST_OF_SHARE + 1
    assert "rejected-input" in capped
    assert program.process is not None
    assert program.process.poll() is None


async def test_garbage_at_full_rate(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Three hundred good messages get through three thousand messages of garbage on a thousand topics."""
    with MonitorProcess(tmp_path, mosquitto.address) as program:
        await flood(program, n=3_000, topics=1_000, good=300, seed=7)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("embedded", [False, True])
async def test_garbage_for_long(tmp_path: Path, mosquitto: Mosquitto, *, embedded: bool) -> None:
    """Five thousand good messages get through a hundred thousand of garbage on ten thousand topics.

    This holds with either broker.
    """
    with MonitorProcess(tmp_path, None if embedded else mosquitto.address) as program:
        await flood(program, n=100_000, topics=10_000, good=5_000, seed=8)
