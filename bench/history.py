"""Writes a journal with a past: the monitor starts again after an outage, and large journals are slower than new."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec

from bench.stream import Stream
from monitor.core.decode import decode, identity
from monitor.core.inputs import Tick
from monitor.core.state.state import State
from monitor.journal import Journal, Record

AT_ONCE = 10_000
RATE = 20.0
"""Events a second, day and night: a large venue."""


def write(path: Path, events: int, ended: datetime) -> int:
    """Write so many events and the monitor's end after them, in an empty state; return the last number."""
    records = _records(Stream(ended - timedelta(seconds=events / RATE), RATE, seed=2))
    with Journal(path) as journal:
        for start in range(0, events, AT_ONCE):
            journal.commit(list(islice(records, min(AT_ONCE, events - start))))
            journal.checkpoint()
        last = Record(Tick(received_at=ended), [])
        return journal.commit([last], msgspec.json.encode(State(now=ended)))


def _records(stream: Stream) -> Iterator[Record]:
    for topic, payload in stream:
        said = decode(topic, payload, stream.now)
        yield Record(said, [], identity(said, topic, payload), topic, payload)
