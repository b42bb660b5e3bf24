"""Measures what a warm standby costs: the CPU time of both sides while a journal grows, by the rate of messages."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from bench import drain, ours
from bench.stream import Stream
from monitor.core.decode import decode
from monitor.core.identity import identity
from monitor.journal import Changes, ChangesReader, CopyPosition, Journal, JournalCopy, Record

RATES = (0, 100, 1_000, 2_000)
"""Messages between two requests, which are a second apart; at most 2,000 are in one answer."""
REQUESTS = 20
"""Requests in a round."""


def measure(rounds: int) -> None:
    """Print the CPU time of one request and of one message: of the primary, and of the standby."""
    print(f"Standby: {rounds} rounds of {REQUESTS} requests; milliseconds of CPU a request, median")
    print(f"{'messages':>9}{'primary':>9}{'standby':>9}{'µs a message':>14}{'bytes a message':>17}")
    for rate in RATES:
        found = [_round(rate) for _ in range(rounds)]
        primary, standby, size = (median(column) for column in zip(*found, strict=True))
        each = (primary + standby) / rate * 1e6 if rate else 0
        share = size / rate if rate else 0
        print(f"{rate:9}{primary * 1e3:9.2f}{standby * 1e3:9.2f}{each:14.1f}{share:17.0f}")


def _round(rate: int) -> tuple[float, float, float]:
    """Return the seconds of CPU that a request takes on both sides, and the bytes of its answer."""
    now = datetime.now(UTC)
    records = list(_records(now, rate * REQUESTS))
    used = {"primary": 0.0, "standby": 0.0}
    size = 0

    @contextmanager
    def using(side: str) -> Iterator[None]:
        began = time.process_time()
        yield
        used[side] += time.process_time() - began

    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:
        path = Path(name) / ours.JOURNAL
        with (
            Journal(path) as journal,
            ChangesReader(path) as reader,
            JournalCopy(Path(name) / "copy.db") as copy,
        ):
            for n in range(REQUESTS):
                journal.commit(records[n * rate : (n + 1) * rate])
                with using("standby"):
                    asked = msgspec.msgpack.encode(copy.position())
                with using("primary"):
                    position = msgspec.msgpack.decode(asked, type=CopyPosition)
                    packed = msgspec.msgpack.encode(reader.changes(position))
                with using("standby"):
                    copy.apply(msgspec.msgpack.decode(packed, type=Changes))
                size += len(packed)
    return used["primary"] / REQUESTS, used["standby"] / REQUESTS, size / REQUESTS


def _records(now: datetime, count: int) -> Iterator[Record]:
    began = now - timedelta(seconds=count / drain.RATE)
    for topic, payload in islice(Stream(began, drain.RATE), count):
        given = decode(topic, payload, now)
        yield Record(given, [], identity(given, topic, payload), topic, payload)
