"""The pipeline crashes at any point, repeatedly: each message is kept once, and the state is as without crashes."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.core.decode import is_output
from monitor.core.engine.engine import Engine
from monitor.core.identity import identity
from monitor.core.inputs import Rejected, RulesChanged, Tick
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.errors import SinkRefused
from monitor.journal import Written
from monitor.mqtt import Message
from monitor.sinks.relay import Relay
from monitor.texts import ENGLISH
from tests.support.event_shapes import SHAPES
from tests.support.pipeline import (
    LATENESS,
    START,
    TOLERANCE,
    PipelineHarness,
    copy_as_killed,
    event_payload,
    trial_rule_set,
)

ALL_SHAPES = (
    *SHAPES,
    ("door/d1", "door.mode", {"point": "d1", "mode": "unlocked"}),
    (
        "inspection/check",
        "inspection.submitted",
        {
            "checklist": "check",
            "inspection": "i1",
            "items": [
                {"item": "exits-free", "result": "pass"},
                {"item": "cold-store", "result": "pass", "value": 4, "unit": "celsius"},
            ],
        },
    ),
    (
        "inspection/check",
        "inspection.item",
        {"checklist": "check", "inspection": "i2", "item": "exits-free", "result": "fail"},
    ),
)
GARBAGE = (b"", b"{", b"\xff\xfe", b"[" * 3000, b'{"type":"door.opened","at":"never","point":"d1"}')

# What to send, how old it is, and whether it carries a sequence number.
drafts = st.tuples(
    st.sampled_from(ALL_SHAPES),
    st.sampled_from([0.0, 0.4, 1.5, 1.9, 2.5, 7.0, 3600.0, -1.0, -300.0]),
    st.booleans(),
    st.booleans(),
)


class Crash(Exception):
    """A defect of the sink."""


class Reader:
    """A sink that does what the test sets for the next delivery, and remembers all that it received."""

    name = "reader"

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []
        self.fails = ""

    async def take(self, entries: Sequence[Written]) -> None:
        """Take the entries, or fail before or after."""
        fails, self.fails = self.fails, ""
        if fails == "before":
            raise Crash
        if fails == "refuses" and len(entries) > 1:
            raise SinkRefused("one of them never")
        self.taken += [(entry.seq, entry.n) for entry in entries]
        if fails == "after":
            raise Crash
        if fails == "refuses":
            raise SinkRefused("never")


def _content(state: State) -> object:
    """The whole state, without the numbers of messages in a journal: the twin has none.

    What waits is a heap, whose list has many orders: here it has that of arrival.
    """

    def without_numbers(part: Any) -> Any:  # noqa: ANN401 - JSON
        match part:
            case {"t": _, "message": int()}:
                return {**part, "message": 0}
            case dict():
                return {name: without_numbers(value) for name, value in part.items()}
            case list():
                return [without_numbers(value) for value in part]
            case _:
                return part

    content = without_numbers(msgspec.json.decode(snapshot.encode(state)))
    content["time"]["waiting"].sort(key=itemgetter("n"))
    return content


class CrashMachine(RuleBasedStateMachine):
    """The pipeline and its twin, which gets the same messages once, in the same order, and never crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.crashes = 0
        self.n = 0
        self.line = PipelineHarness(Path(self.folder.name) / "0.db")
        self.twin = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
        self.twin.step(RulesChanged(received_at=START, who="test", rule_set=trial_rule_set()))
        self.accepted: list[bytes] = []
        self.under_way: list[Message] = []
        """What the broker has had no acknowledgement for."""
        self.reader = Reader()
        self.loop = asyncio.Runner()

    def teardown(self) -> None:
        """Clean up."""
        self.loop.close()
        self.line.journal.close()
        self.folder.cleanup()

    # Actions ------------------------------------------------------------------------------------------------------

    @rule(chosen=st.lists(drafts, min_size=1, max_size=6), acknowledged=st.booleans())
    def deliver(self, chosen: list[Any], acknowledged: bool) -> None:
        """A batch arrives; sometimes its acknowledgement is lost."""
        batch = [self.made(*draft) for draft in chosen]
        self.take(batch)
        if not acknowledged:
            self.under_way += batch

    @rule(chosen=st.lists(drafts, min_size=1, max_size=6))
    def deliver_and_crash_before_commit(self, chosen: list[Any]) -> None:
        """The engine has processed a batch that is not in the journal; after the crash it has no effect."""
        batch = [self.made(*draft) for draft in chosen]
        for message in batch:
            self.line.engine.step(
                self.line.pipeline.translator.decode(
                    message.topic, message.payload, message.received_at
                )
            )
        self.crash()
        self.under_way += batch

    @precondition(lambda self: self.under_way)
    @rule()
    def redeliver(self) -> None:
        """Unacknowledged messages arrive again, some for the first time."""
        batch, self.under_way = self.under_way, []
        now = self.line.clock.time
        self.take([Message(row.topic, row.payload, row.retained, now) for row in batch])

    @rule(payload=st.sampled_from(GARBAGE), n=st.integers(0, 3))
    def garbage(self, payload: bytes, n: int) -> None:
        """An unreadable message arrives."""
        self.take([self.line.sent(f"venue/centre/door/d{n}", payload)])

    @rule(seconds=st.sampled_from([0.05, 1.0, 2.1, 5.0, 31.0, 400.0]))
    def wait(self, seconds: float) -> None:
        """Time passes, with ticks."""
        end = self.line.clock.time + timedelta(seconds=seconds)
        while (due := self.line.engine.deadline) is not None and due <= end:
            self.tick(max(due, self.line.clock.time))
        self.line.clock.time = end

    @precondition(lambda self: self.twin.state.alerts.open)
    @rule(data=st.data(), act=st.sampled_from(["acknowledge", "shelve", "unshelve", "close"]))
    def staff_act(self, data: st.DataObject, act: str) -> None:
        """A person acts on an alert, legally or not."""
        alert = data.draw(st.sampled_from(sorted(self.twin.state.alerts.open)))
        fields = {"who": "ann", "alert": alert, "note": "seen", "id": self.new_id()}
        if act == "shelve":
            until = self.line.clock.time + timedelta(minutes=5)
            fields |= {"until": until.isoformat(), "reason": "known"}
        payload = event_payload(f"staff.{act}", self.line.clock.time, **fields)
        self.take([self.line.sent("venue/trial/staff/ann", payload)])

    @rule()
    def own_output(self) -> None:
        """The monitor's own messages come back to it."""
        self.line.take(self.line.sent("venue/centre/alert/0123456789abcdef", b"{}"))

    @rule(fails=st.sampled_from(["", "before", "after", "refuses"]))
    def relay(self, fails: str) -> None:
        """The relay delivers its entries; the sink may fail before or after it has taken them."""
        self.reader.fails = fails
        self.loop.run(self.bring())

    @rule()
    def snapshot(self) -> None:
        """A snapshot is written."""
        self.line.pipeline.snapshot()

    @rule()
    def crash(self) -> None:
        """The process is killed, and started again from what is on disk."""
        self.crashes += 1
        now = self.line.clock.time
        left = copy_as_killed(self.line.journal.path, Path(self.folder.name) / f"{self.crashes}.db")
        self.line.journal.close()
        self.line = PipelineHarness(left, now=now)
        # Ticks without effect are not in the journal: the first one makes up for them.
        self.tick(now)

    # Invariants -----------------------------------------------------------------------------------------------------

    @invariant()
    def each_message_once(self) -> None:
        """The journal holds every accepted message, in order, exactly once."""
        ids = [
            row
            for (row,) in self.line.journal._db.execute(  # noqa: SLF001
                "SELECT id FROM input WHERE id IS NOT NULL ORDER BY seq"
            )
        ]
        assert ids == self.accepted

    @invariant()
    def same_state_as_the_twin(self) -> None:
        """Alerts, zones and everything else are as without the crashes."""
        mine, its = self.line.engine.state, self.twin.state
        assert mine.alerts == its.alerts
        assert _content(mine) == _content(its)

    @invariant()
    def journal_knows_the_alerts(self) -> None:
        """The journal and the engine have the same open alerts."""
        state = {alert.id: alert for alert in self.line.journal.alerts()}
        assert state == self.line.engine.state.alerts.open

    @invariant()
    def reader_has_it_in_order(self) -> None:
        """The sink received every transition up to the cursor at least once, in order."""
        firsts = list(dict.fromkeys(self.reader.taken))
        written = [(row.seq, row.n) for row in self.line.journal.transitions(0, 1_000_000)]
        assert firsts == written[: len(firsts)]

    # Internals ------------------------------------------------------------------------------------------------------

    def made(
        self, shape: tuple[str, str, dict[str, Any]], age: float, own_id: bool, retained: bool
    ) -> Message:
        """One message of this shape."""
        where, kind, fields = shape
        own = {"id": self.new_id()} if own_id else {}
        at = self.line.clock.time - timedelta(seconds=age)
        return self.line.sent(
            f"venue/centre/{where}", event_payload(kind, at, **fields, **own), retained=retained
        )

    def new_id(self) -> str:
        """A sender's next sequence number."""
        self.n += 1
        return str(self.n)

    def take(self, batch: list[Message]) -> None:
        """Both process the messages; the twin skips those that it has had."""
        self.line.take(*batch)
        for message in batch:
            if is_output(message.topic):
                continue
            given = self.line.pipeline.translator.decode(
                message.topic, message.payload, message.received_at, retained=message.retained
            )
            key = identity(given, message.topic, message.payload)
            is_new = key not in self.accepted
            if is_new:
                self.accepted.append(key)
            if is_new or isinstance(given, Rejected):
                self.twin.step(given)

    def tick(self, now: datetime) -> None:
        """Time passes for both."""
        self.line.clock.time = now
        self.line.pipeline.tick(Tick(received_at=now))
        self.twin.step(Tick(received_at=now))

    async def bring(self) -> None:
        """Run a relay until it is idle or its sink dies."""
        relay = Relay(
            self.line.journal, self.reader, lambda _: None, self.line.clock.now, Random(1)
        )
        running = asyncio.create_task(relay.run())
        for _ in range(20):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            assert isinstance(running.exception(), Crash)


# Each step writes to disk: fewer examples than for tests in memory.
CrashMachine.TestCase.settings = settings(
    max_examples=settings().max_examples // 4, stateful_step_count=40
)
TestCrash = CrashMachine.TestCase
