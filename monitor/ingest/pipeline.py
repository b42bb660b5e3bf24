"""The one path: what arrives is decoded, stepped and committed as one transaction, and only then acknowledged."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec
import structlog

from monitor.adapters import Translator
from monitor.core.decode import identity, is_output
from monitor.core.engine.engine import Engine
from monitor.core.inputs import Arrival, Input, Rejected, RulesChanged
from monitor.core.state.state import State
from monitor.journal import Journal, Record
from monitor.mqtt import Message
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics

log = structlog.get_logger()

_STATE = msgspec.json.Encoder()


class Pipeline:
    """The only writer: everything that changes the picture comes through `take` or `submit`.

    Both are synchronous, so each call is a transaction of its own and none comes between. When the journal can't be
    written, `JournalError` leaves here, nothing is acknowledged, and the engine must not be used any more: its state
    is ahead of the journal.
    """

    def __init__(  # noqa: PLR0913 - the parts of the line
        self,
        engine: Engine,
        journal: Journal,
        translator: Translator,
        clock: Clock,
        metrics: Metrics,
        *,
        snapshot_every: timedelta,
        on_commit: Callable[[], None],
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.translator = translator
        self.clock = clock
        self.metrics = metrics
        self.snapshot_every = snapshot_every
        self.on_commit = on_commit
        self.behind = timedelta(0)
        """How old the latest news was when it was taken in: it grows while a backlog is being worked off."""
        self._snapshot_due = clock.now() + snapshot_every

    def take(self, batch: Sequence[Message]) -> None:
        """Take a batch of messages all the way into the journal; those that are there already change nothing.

        Raises:
            JournalError: nothing of the batch is in the journal.

        """
        fresh: dict[bytes, tuple[Message, Input]] = {}
        heard = 0
        for message in batch:
            if is_output(message.topic):
                continue
            heard += 1
            said = self.translator.decode(
                message.topic, message.payload, message.received_at, retained=message.retained
            )
            fresh.setdefault(identity(said, message.topic, message.payload), (message, said))
        seen = self.journal.seen(list(fresh))
        records = [
            Record(said, self.engine.step(said), key, message.topic, message.payload)
            for key, (message, said) in fresh.items()
            if key not in seen
        ]
        self._commit(records)
        rejected = sum(isinstance(record.input, Rejected) for record in records)
        kinds = self.metrics.messages
        kinds.labels("event").inc(len(records) - rejected)
        kinds.labels("rejected").inc(rejected)
        kinds.labels("again").inc(heard - len(records))
        match records:
            case [*_, Record(input=Arrival(events=(latest, *_), retained=False))]:
                self.behind = self.clock.now() - latest.at
            case _:
                pass
        if records and batch:
            waited = self.clock.now() - batch[0].received_at
            self.metrics.durable.observe(max(0.0, waited.total_seconds() / self.clock.speed))

    def submit(self, *inputs: Input) -> None:
        """Take in what the monitor itself has to say.

        Raises:
            JournalError: nothing of it is in the journal.

        """
        records = [Record(given, self.engine.step(given)) for given in inputs]
        is_changed = any(isinstance(given, RulesChanged) for given in inputs)
        if is_changed and self.engine.state.warming:
            # An officer who looks now sees what is warming up.
            self._snapshot_due = self.clock.now()
        self._commit(records)

    def tick(self, given: Input) -> None:
        """Let the time go on; a tick from which nothing follows need not be remembered."""
        transitions = self.engine.step(given)
        if transitions or self.clock.now() >= self._snapshot_due:
            self._commit([Record(given, transitions)] if transitions else [])

    def snapshot(self) -> None:
        """Write the state down, so that the next start has nothing to replay."""
        self._snapshot_due = self.clock.now()
        self._commit([])

    def _commit(self, records: list[Record]) -> None:
        began, now = time.perf_counter(), self.clock.now()
        snapshot = None
        if now >= self._snapshot_due:
            snapshot = _STATE.encode(self.engine.state)
            self._snapshot_due = now + self.snapshot_every
        if not records and snapshot is None:
            return
        seq = self.journal.commit(records, snapshot)
        self.metrics.commits.observe(time.perf_counter() - began)
        self.metrics.seq.set(seq)
        told = [transition for record in records for transition in record.transitions]
        for transition in told:
            self.metrics.transitions.labels(type(transition).__name__).inc()
        if records:
            self.on_commit()


def recover(journal: Journal, *, lateness: timedelta, tolerance: timedelta) -> tuple[Engine, int]:
    """Return the engine as it was after the last input in the journal, and how many inputs had to be replayed.

    It is the latest sound snapshot that this version can read, and the inputs after it. What followed from those
    stands in the journal already and is not written again.

    Raises:
        JournalError: an input can't be read.

    """
    after, state = 0, State()
    for seq, body in journal.snapshots():
        try:
            after, state = seq, msgspec.json.decode(body, type=State)
            break
        except msgspec.MsgspecError as error:
            log.warning("snapshot_of_another_version", seq=seq, reason=str(error))
    engine = Engine(state, lateness=lateness, tolerance=tolerance)
    replayed = 0
    for _, given in journal.inputs(after):
        engine.step(given)
        replayed += 1
    standing = {alert.id: alert for alert in journal.alerts()}
    if standing != state.alerts:
        ids = standing.keys() | state.alerts.keys()
        differing = sorted(id_ for id_ in ids if standing.get(id_) != state.alerts.get(id_))
        log.error("replay_differs", alerts=differing)
        # What was told stands, also where this version would decide otherwise.
        state.alerts = standing
        engine = Engine(state, lateness=lateness, tolerance=tolerance)
    return engine, replayed
