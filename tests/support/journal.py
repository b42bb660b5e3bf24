"""A journal in which everything has happened once, and ways to damage it."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from monitor.core.decode import decode
from monitor.core.events.monitor import MonitorConnected
from monitor.core.inputs import Notice
from monitor.journal import Record
from tests.support.pipeline import START, PipelineHarness, event_payload

STORY: list[tuple[str, str, dict[str, object]]] = [
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "forced_open"}),
    ("access/d1", "access.duress", {"point": "d1"}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 11}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 3}),
    ("door/d99", "door.opened", {"point": "d99"}),
    ("staff/ann", "staff.acknowledge", {"who": "ann", "alert": "none"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "normal"}),
]


def opened(n: int, at: datetime = START) -> Record:
    """The n-th opening of a door, as the pipeline passes it on."""
    topic, payload = "venue/centre/door/d1", event_payload("door.opened", at, point="d1", id=str(n))
    return Record(decode(topic, payload, at), [], str(n).encode(), topic, payload)


def filled(path: Path) -> Path:
    """A journal in which everything has happened once: alerts open and closed, zones, a refusal, garbage, snapshots."""
    with PipelineHarness(path) as line:
        connected = MonitorConnected(at=START, broker="b")
        line.pipeline.submit(Notice(received_at=START, event=connected))
        line.wait(61)  # the reader was not connected
        for n, (where, kind, fields) in enumerate(STORY):
            payload = event_payload(kind, line.clock.time, id=str(n), **fields)
            line.take(line.sent(f"venue/centre/{where}", payload))
            line.wait(5)
        line.wait(60)
        line.pipeline.snapshot()
        line.take(line.sent("venue/centre/door/d1", b"nonsense"))
        line.pipeline.snapshot()
        line.journal.readers.advance("mqtt", line.journal.seq)
    return path


def change(path: Path, *statements: str) -> None:
    """Change the file directly in SQLite."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def flip(path: Path, at: int) -> None:
    """Flip one bit of the file."""
    whole = bytearray(path.read_bytes())
    whole[at] ^= 0x04
    path.write_bytes(whole)
