"""The one path of every input: decode, step, commit in one transaction; only then may it be acknowledged."""

import math
import time
from collections import Counter
from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec
import structlog

from monitor.adapters import Translator
from monitor.core.alert import Change
from monitor.core.bounded_text import short_id
from monitor.core.decode import is_output
from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.events.monitor import MonitorClockStepped, Noticed
from monitor.core.events.monitor_senders import MonitorIdReused
from monitor.core.identity import identity_of_key
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RulesChanged
from monitor.core.state import snapshot
from monitor.core.transitions import AlertChanged, Transition
from monitor.errors import JournalError
from monitor.ingest.acts import read_act
from monitor.ingest.clock_watch import ClockWatch
from monitor.ingest.command_senders import (
    MayAct,
    named_only,
    refused_for_person,
    sender_unnamed,
)
from monitor.ingest.repetition import Novelty, Received, Repetitions, was_taken_in
from monitor.journal import Journal, Record
from monitor.mqtt import Message
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics

log = structlog.get_logger()

TakenAs = Literal["event", "rejected", "again"]
"""How a message counts."""
MOST_WAITING = 200_000
"""Events that wait for the watermark above which no snapshot is written: their numbers would take 20 ms and more."""


class Pipeline:
    """The only writer: everything that changes the state passes through `take`, `record`, `submit` or `tick`.

    They are synchronous, so each call is one transaction, and no other comes between. If the journal can't be written,
    they raise `JournalError`: nothing is acknowledged, and the engine must not be used again, since its state is ahead
    of the journal. Every later call raises the same error, even if the first went to a web page: the loops end, and the
    monitor with them.
    """

    def __init__(  # noqa: PLR0913 - the stages of the line
        self,
        engine: Engine,
        journal: Journal,
        translator: Translator,
        clock: Clock,
        metrics: Metrics,
        *,
        snapshot_every: timedelta,
        on_commit: Callable[[], None],
        staff_senders: Container[str] = (),
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.translator = translator
        self.clock = clock
        self.metrics = metrics
        self.snapshot_every = snapshot_every
        self.on_commit = on_commit
        self.staff_senders = staff_senders
        """Who may act for people over MQTT."""
        self._may_act: MayAct = lambda _: None
        self.behind = timedelta(0)
        """The age of the latest live event when it was processed: it is large while a backlog is processed."""
        self._watch: Callable[[], Sequence[Noticed]] = tuple
        self.resumed_at = -math.inf
        """When the monitor last noticed a pause or a step of the clock, by `time.monotonic`."""
        self._stepped_at: datetime | None = None
        self._snapshot_due = clock.now() + snapshot_every
        self._failure: JournalError | None = None
        """Why the journal could not be written, once that has happened."""

    @property
    def lateness(self) -> timedelta:
        """How late a message may be and still not belong to a backlog."""
        return self.engine.lateness

    @property
    def _waiting(self) -> int:
        return len(self.engine.state.time.waiting)

    @property
    def is_catching_up(self) -> bool:
        """Whether the watermark is held until the backlog has been received."""
        return self.engine.state.time.catching_up_until is not None

    def take(self, batch: Sequence[Message]) -> None:
        """Process a batch of messages and commit it; messages that are in the journal already change nothing.

        Raises:
            JournalError: nothing of the batch is in the journal.

        """
        self.look_at_clock()
        now = self.clock.now()
        received = [
            Received(message, self._decode(message, self._received_at(message, now)))
            for message in batch
            if not is_output(message.topic)
        ]
        repetitions = Repetitions(self.journal, received)
        records: list[Record] = []
        counts = Counter([self._take(row, repetitions, records) for row in received])
        self._commit(records)
        for kind in get_args(TakenAs):
            self.metrics.messages.labels(kind).inc(counts[kind])
        match records:
            case [*_, Record(input=Arrival(events=(latest, *_), retained=False))]:
                self.behind = self.clock.now() - latest.at
            case _:
                pass
        if records and batch:
            waited = self.clock.now() - batch[0].received_at
            self.metrics.durable.observe(max(0.0, waited.total_seconds() / self.clock.speed))

    def _take(self, received: Received, repetitions: Repetitions, records: list[Record]) -> TakenAs:
        """Add the records of one message; return how it counts."""
        message, given = received.message, received.input
        novelty, key = repetitions.recognise(received)
        if type(given) is Rejected:
            if was_taken_in(message, self.journal):
                return "again"
            transitions = self.engine.step(given)
            if (unnamed := sender_unnamed(given)) is not None:
                records.append(self._noticed(unnamed))
            if novelty is Novelty.AGAIN:
                # Each refusal counts; the bytes, which may be many, are kept once.
                records.append(Record(given, transitions, topic=message.topic))
            else:
                records.append(Record(given, transitions, key, message.topic, message.payload))
                repetitions.remember(key, given)
            return "rejected"
        if novelty is Novelty.AGAIN:
            return "again"
        number = self.journal.seq + len(records) + 1
        if (refused := refused_for_person(given, self._may_act)) is not None:
            # The same message may be accepted later, when the person may.
            transitions = self.engine.step(refused.rejected)
            records.append(
                Record(refused.rejected, transitions, None, message.topic, message.payload)
            )
            if refused.notice is not None:
                records.append(self._noticed(refused.notice))
            return "rejected"
        transitions = self.engine.step(given, number)
        if self.engine.is_refused:
            # The same message may be believed later, when the venue file is corrected.
            records.append(Record(given, transitions, None, message.topic, message.payload))
            return "rejected"
        records.append(Record(given, transitions, key, message.topic, message.payload))
        repetitions.remember(key, given)
        if novelty is Novelty.ID_REUSED:
            records.append(self._id_reused(given))
        return "event"

    def record(self, event: ReceivedEvent, source: str, key: str) -> list[Transition]:
        """Process an event of a person who acts in this process, once for each key; return its transitions.

        Args:
            event: what the person does; it gets the key as its id.
            source: where from and by whom, such as ``console/n.tran``; no topic.
            key: the same whenever the same act is submitted again: by a double click, or after a lost response.

        Returns:
            The transitions; of a repetition, those of the first time. `refusal_in` finds why it was refused. A key
            that was used for something else is noticed, as with a message, and the event is processed.

        Raises:
            EventInvalid: the event is not one that may be sent; nothing is recorded.
            JournalError: nothing is in the journal.

        """
        return self.record_all((event,), source, key)

    def record_all(
        self, events: Sequence[ReceivedEvent], source: str, key: str
    ) -> list[Transition]:
        """Process events that belong together, such as a form and the work that it orders: all of them, or none.

        They are one input. The first has the key as its id, and each other one the key with its place. As `record`.

        Raises:
            EventInvalid: one of the events may not be sent; nothing is recorded.
            JournalError: nothing is in the journal.

        """
        self.look_at_clock()
        given, own, is_reused, before = read_act(
            events, source, key, self.clock.now(), self.journal
        )
        if before is not None:
            self.metrics.messages.labels("again").inc()
            return before
        transitions = self.engine.step(given)
        if self.engine.is_refused:
            self._commit([Record(given, transitions, None, source)])
            self.metrics.messages.labels("rejected").inc()
            return transitions
        records = [Record(given, transitions, own, source)]
        if is_reused:
            records.append(self._id_reused(given))
        self._commit(records)
        self.metrics.messages.labels("event").inc()
        return transitions

    def _decode(self, message: Message, received_at: datetime) -> Arrival | Rejected:
        given = self.translator.decode(
            message.topic, message.payload, received_at, retained=message.retained
        )
        return named_only(given, self.staff_senders)

    def _id_reused(self, given: Arrival) -> Record:
        event = given.events[0]
        return self._noticed(
            MonitorIdReused(at=given.received_at, source=short_id(given.source), subject=event.id)
        )

    def _noticed(self, event: Noticed) -> Record:
        notice = Notice(received_at=event.at, event=event)
        return Record(notice, self.engine.step(notice))

    def submit(self, *inputs: Input) -> None:
        """Process inputs of the monitor itself.

        Raises:
            JournalError: none of them is in the journal.

        """
        self.look_at_clock()
        records = [Record(given, self.engine.step(given)) for given in inputs]
        self._commit(records)
        is_changed = any(isinstance(given, RulesChanged) for given in inputs)
        if is_changed and self.engine.state.rules.warming:
            # The command line reads the snapshot: it soon shows which rules are warming up. Written in a turn of its
            # own, since in a large venue the change itself takes long enough.
            self._snapshot_due = self.clock.now()

    def ask_who_may_act(self, may_act: MayAct) -> None:
        """From now on, ask before each command that comes over MQTT whether its person may give it."""
        self._may_act = may_act

    def watch_clock(self, watch: ClockWatch) -> None:
        """From now on, look at the clocks of the machine before each input."""
        self._watch = watch.look

    def look_at_clock(self) -> None:
        """Process a pause of the monitor, or a step of its clock, before anything that comes after it.

        Raises:
            JournalError: it is not in the journal, or the journal could not be written before.

        """
        self._check_journal()
        for event in self._watch():
            self.resumed_at = time.monotonic()
            if isinstance(event, MonitorClockStepped):
                self._stepped_at = event.at
                self._snapshot_due = min(self._snapshot_due, event.at + self.snapshot_every)
            log.warning(kind_of(event).replace(".", "_"), **msgspec.structs.asdict(event))
            given = Notice(received_at=event.at, event=event)
            self._commit([Record(given, self.engine.step(given))])

    def notice(self, event: Noticed) -> None:
        """Process an event that the monitor noticed about itself.

        Raises:
            JournalError: it is not in the journal.

        """
        self.submit(Notice(received_at=self.clock.now(), event=event))

    def notice_once(self, event: Noticed, source: str) -> bool:
        """Process an event that another part of the monitor keeps until it is in the journal, once for each id.

        Args:
            event: with an id.
            source: which part; its ids are its own.

        Returns:
            Whether it is in the journal: always, where the line is in this process.

        Raises:
            JournalError: it is not in the journal.

        """
        self.look_at_clock()
        own = identity_of_key(source, event.id)
        if self.journal.transitions_of(own) is None:
            given = Notice(received_at=self.clock.now(), event=event)
            self._commit([Record(given, self.engine.step(given), own, source)])
        return True

    def tick(self, given: Input) -> None:
        """Advance the time; a tick from which nothing follows is not written.

        Raises:
            JournalError: the journal can't be written.

        """
        self._check_journal()
        transitions = self.engine.step(given)
        records = [] if self.engine.is_idle else [Record(given, transitions)]
        if records or self.clock.now() >= self._snapshot_due:
            self._commit(records)

    def snapshot(self) -> None:
        """Write a snapshot, so that the next start has nothing to replay.

        Raises:
            JournalError: the journal can't be written.

        """
        self._check_journal()
        self._snapshot_due = self.clock.now()
        self._commit([], is_last=True)

    def _received_at(self, message: Message, now: datetime) -> datetime:
        """Return when a message was received; if that was before a step of our clock, the time of the step."""
        if self._stepped_at is None:
            return message.received_at
        return min(max(message.received_at, self._stepped_at), now)

    def _check_journal(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _commit(self, records: list[Record], *, is_last: bool = False) -> None:
        began, now = time.perf_counter(), self.clock.now()
        body = None
        if now >= self._snapshot_due and (is_last or self._waiting <= MOST_WAITING):
            body = snapshot.encode_lean(self.engine.state)
            self._snapshot_due = now + self.snapshot_every
        if not records and body is None:
            return
        try:
            seq = self.journal.commit(records, body)
        except JournalError as error:
            self._failure = error
            raise
        self.metrics.commits.observe(time.perf_counter() - began)
        self.metrics.seq.set(seq)
        for record in records:
            for transition in record.transitions:
                self.metrics.transitions.labels(type(transition).__name__).inc()
                match transition:
                    case AlertChanged(change=Change.CLOSED, alert=alert) if not alert.silent:
                        self.metrics.closed.labels(alert.disposition or "not_stated").inc()
                    case _:
                        pass
        if records:
            self.on_commit()
