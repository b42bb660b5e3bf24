"""Times each stage of the pipeline on its own, in this process and without a network: where does the time go?

In CPU time, which other processes hardly change; waiting for the disk is not part of it.
"""

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
from monitor.core.decode import decode
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.core.identity import identity
from monitor.core.inputs import Notice, RulesChanged, Tick
from monitor.core.state.state import State
from monitor.core.state.time import TimeState
from monitor.journal import Journal, Record
from monitor.rules import read
from monitor.texts import ENGLISH

BATCH = 500
LATENESS = timedelta(seconds=2)


def measure(messages: int, before: int) -> None:
    """Ingest messages and print what each stage took."""
    print(
        f"Stages: {messages:,} messages in batches of {BATCH}; a journal of {before:,} existing events."
    )
    used: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        used[name] += time.thread_time() - began

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
                    decoded = [decode(topic, payload, now) for topic, payload in batch]
                with stage("identity"):
                    keys = [
                        identity(each, *message)
                        for each, message in zip(decoded, batch, strict=True)
                    ]
                with stage("seen"):
                    journal.seen(keys)
                with stage("step, on arrival"):
                    results = [engine.step(each) for each in decoded]
                rows = zip(decoded, results, keys, batch, strict=True)
                records = [Record(each, row, key, *message) for each, row, key, message in rows]
                with stage("commit"):
                    journal.commit(records)
        with stage("step, in order"):
            engine.step(Notice(received_at=now, event=MonitorCaughtUp(at=now)))
            engine.step(Tick(received_at=now + 2 * LATENESS))
    for name, seconds in used.items():
        print(f"  {name:18}{seconds / messages * 1e6:6.2f} µs/event")
    print(f"  {'total':18}{sum(used.values()) / messages * 1e6:6.2f} µs/event")


def _engine(folder: Path, ended: datetime, now: datetime) -> Engine:
    """Return an engine in the state in which the monitor starts after an outage."""
    (folder / "venue.toml").write_text(stream.venue())
    rules = read.load(ours.RULES).rule_set(venue.read(folder / "venue.toml").whole())
    engine = Engine(
        State(time=TimeState(now=ended)), lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH
    )
    downtime = (now - ended).total_seconds()
    engine.step(Notice(received_at=now, event=MonitorStarted(at=now, downtime_s=downtime)))
    engine.step(RulesChanged(received_at=now, who="bench", rule_set=rules))
    return engine
