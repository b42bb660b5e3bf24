"""Times each stage of the line by itself, in this process and without a network: where would an improvement pay?"""

import gc
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import drain, history, ours, stream
from bench.stream import Stream
from monitor import venue
from monitor.core.decode import decode, identity
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.core.inputs import Notice, RulesChanged, Tick
from monitor.core.state.state import State
from monitor.journal import Journal, Record
from monitor.rules import read as rulebook

BATCH = 500
LATENESS = timedelta(seconds=2)


def measure(messages: int, before: int) -> None:
    """Take so many messages in, and print what each stage took."""
    print(
        f"Stages: {messages:,} messages in batches of {BATCH}; journal with {before:,} events before them."
    )
    used: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        used[name] += time.perf_counter() - began

    with TemporaryDirectory(prefix="bench-") as name:
        path = Path(name) / ours.JOURNAL
        now = datetime.now(UTC)
        began = now - timedelta(seconds=messages / drain.RATE)
        history.write(path, before, began)
        engine = _engine(Path(name), began, now)
        kept = list(islice(Stream(began, drain.RATE), messages))
        gc.freeze()
        with Journal(path) as journal:
            for start in range(0, messages, BATCH):
                batch = kept[start : start + BATCH]
                with stage("decode"):
                    told = [decode(topic, payload, now) for topic, payload in batch]
                with stage("identity"):
                    keys = [
                        identity(said, *message) for said, message in zip(told, batch, strict=True)
                    ]
                with stage("seen"):
                    journal.seen(keys)
                with stage("step, on arrival"):
                    followed = [engine.step(said) for said in told]
                rows = zip(told, followed, keys, batch, strict=True)
                records = [Record(said, row, key, *message) for said, row, key, message in rows]
                with stage("commit"):
                    journal.commit(records)
        with stage("step, in order"):
            engine.step(Notice(received_at=now, event=MonitorCaughtUp(at=now)))
            engine.step(Tick(received_at=now + 2 * LATENESS))
    for name, seconds in used.items():
        print(f"  {name:18}{seconds / messages * 1e6:6.2f} µs/event")
    print(f"  {'together':18}{sum(used.values()) / messages * 1e6:6.2f} µs/event")


def _engine(folder: Path, ended: datetime, now: datetime) -> Engine:
    """Return the engine as it is when the monitor starts after an outage."""
    (folder / "venue.toml").write_text(stream.venue())
    book = rulebook.load(ours.RULES).book(venue.read(folder / "venue.toml").whole())
    engine = Engine(State(now=ended), lateness=LATENESS, tolerance=LATENESS)
    downtime = (now - ended).total_seconds()
    engine.step(Notice(received_at=now, event=MonitorStarted(at=now, downtime_s=downtime)))
    engine.step(RulesChanged(received_at=now, who="bench", book=book))
    return engine
