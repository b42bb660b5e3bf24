"""Writes a journal of existing events, because a large journal is slower than a new one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.stream import Stream
from monitor.core.decode import decode
from monitor.core.identity import identity
from monitor.core.inputs import Tick
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.core.state.time import TimeState
from monitor.journal import Journal, Maintenance, Record

AT_ONCE = 10_000
RATE = 20.0
"""Events per second, day and night: a large venue."""


def write(path: Path, events: int, ended: datetime) -> int:
    """Write events, then a snapshot of an empty state at `ended`; return the last sequence number."""
    records = _records(Stream(ended - timedelta(seconds=events / RATE), RATE, seed=2))
    with Journal(path) as journal, Maintenance(path) as maintenance:
        for start in range(0, events, AT_ONCE):
            journal.commit(list(islice(records, min(AT_ONCE, events - start))))
            maintenance.checkpoint()
        last = Record(Tick(received_at=ended), [])
        return journal.commit([last], snapshot.encode(State(time=TimeState(now=ended))))


def _records(stream: Stream) -> Iterator[Record]:
    for topic, payload in stream:
        decoded = decode(topic, payload, stream.now)
        yield Record(decoded, [], identity(decoded, topic, payload), topic, payload)
