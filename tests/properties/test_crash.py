"""Cuts the line at any point, again and again: each message is there once, and the state goes on as if uncut."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.core.decode import identity, is_output
from monitor.core.engine.engine import Engine
from monitor.core.inputs import RulesChanged, Tick
from monitor.core.state.state import State
from monitor.errors import SinkRefused
from monitor.journal import Written
from monitor.mqtt import Message
from monitor.sinks.relay import Relay
from tests.support.pipeline import (
    LATENESS,
    START,
    TOLERANCE,
    Line,
    left_by_a_kill,
    said,
    trial_book,
)

SHAPES: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("access/d1", "access.granted", {"point": "d1", "direction": "in", "credential": "c1"}),
    ("access/d1", "access.denied", {"point": "d1", "credential": "c1", "reason": "invalid_pin"}),
    ("access/g1", "access.taken", {"point": "g1", "direction": "in", "holder_class": "guest"}),
    ("access/d1", "access.duress", {"point": "d1"}),
    ("credential/c1", "credential.state", {"credential": "c1", "state": "lost"}),
    ("door/d1", "door.opened", {"point": "d1"}),
    ("door/d1", "door.closed", {"point": "d1"}),
    ("door/d1", "door.mode", {"point": "d1", "mode": "unlocked"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "forced_open"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "normal"}),
    ("door/d1", "door.tamper", {"point": "d1", "active": True}),
    ("door/e1", "door.locked", {"point": "e1"}),
    ("door/e1", "door.unlocked", {"point": "e1"}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 12}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 0}),
    ("zone/hall", "zone.opened", {"zone": "hall"}),
    ("zone/hall", "zone.closed", {"zone": "hall"}),
    ("device/r1", "device.offline", {"device": "r1"}),
    ("device/r1", "device.heartbeat", {"device": "r1"}),
    ("door/d99", "door.opened", {"point": "d99"}),
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

# What to send, how old it is, and whether it carries an id of its own.
drafts = st.tuples(
    st.sampled_from(SHAPES),
    st.sampled_from([0.0, 0.4, 1.5, 1.9, 2.5, 7.0, 3600.0, -1.0, -300.0]),
    st.booleans(),
    st.booleans(),
)


class Crash(Exception):
    """A defect of the sink."""


class Reader:
    """A sink that does as it is told for the next delivery, and remembers all that it ever took."""

    name = "reader"

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []
        self.fails = ""

    async def take(self, entries: Sequence[Written]) -> None:
        """Takes them, or fails before or after it has."""
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


class CrashMachine(RuleBasedStateMachine):
    """The line and its twin: the twin gets the same messages once, in the same order, and never crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.crashes = 0
        self.n = 0
        self.line = Line(Path(self.folder.name) / "0.db")
        self.twin = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE)
        self.twin.step(RulesChanged(received_at=START, who="test", book=trial_book()))
        self.accepted: list[bytes] = []
        self.under_way: list[Message] = []
        """What the broker has had no acknowledgement for."""
        self.reader = Reader()
        self.loop = asyncio.Runner()

    def teardown(self) -> None:
        """Leaves nothing behind."""
        self.loop.close()
        self.line.journal.close()
        self.folder.cleanup()

    # What happens -------------------------------------------------------------------------------------------------

    @rule(chosen=st.lists(drafts, min_size=1, max_size=6), acknowledged=st.booleans())
    def deliver(self, chosen: list[Any], acknowledged: bool) -> None:
        """A batch arrives; sometimes its acknowledgement gets lost."""
        batch = [self.made(*draft) for draft in chosen]
        self.take(batch)
        if not acknowledged:
            self.under_way += batch

    @rule(chosen=st.lists(drafts, min_size=1, max_size=6))
    def deliver_and_crash_before_commit(self, chosen: list[Any]) -> None:
        """The engine has seen a batch that the journal hasn't: with the crash it is as if nobody had."""
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
        """What was not acknowledged comes again, some of it for the first time."""
        batch, self.under_way = self.under_way, []
        now = self.line.clock.time
        self.take([Message(row.topic, row.payload, row.retained, now) for row in batch])

    @rule(payload=st.sampled_from(GARBAGE), n=st.integers(0, 3))
    def garbage(self, payload: bytes, n: int) -> None:
        """Something that nobody can read."""
        self.take([self.line.sent(f"venue/centre/door/d{n}", payload)])

    @rule(seconds=st.sampled_from([0.05, 1.0, 2.1, 5.0, 31.0, 400.0]))
    def wait(self, seconds: float) -> None:
        """Time goes by, with ticks."""
        end = self.line.clock.time + timedelta(seconds=seconds)
        while (due := self.line.engine.deadline) is not None and due <= end:
            self.tick(max(due, self.line.clock.time))
        self.line.clock.time = end

    @precondition(lambda self: self.twin.state.alerts)
    @rule(data=st.data(), act=st.sampled_from(["acknowledge", "shelve", "unshelve", "close"]))
    def staff_act(self, data: st.DataObject, act: str) -> None:
        """Somebody does something about an alert, allowed or not."""
        alert = data.draw(st.sampled_from(sorted(self.twin.state.alerts)))
        fields = {"who": "ann", "alert": alert, "note": "seen", "id": self.new_id()}
        if act == "shelve":
            until = self.line.clock.time + timedelta(minutes=5)
            fields |= {"until": until.isoformat(), "reason": "known"}
        payload = said(f"staff.{act}", self.line.clock.time, **fields)
        self.take([self.line.sent("venue/trial/staff/ann", payload)])

    @rule()
    def own_output(self) -> None:
        """What the monitor itself publishes comes back to it."""
        self.line.take(self.line.sent("venue/centre/alert/0123456789abcdef", b"{}"))

    @rule(fails=st.sampled_from(["", "before", "after", "refuses"]))
    def relay(self, fails: str) -> None:
        """The relay brings what there is; the sink may fail before or after it has taken it."""
        self.reader.fails = fails
        self.loop.run(self.bring())

    @rule()
    def snapshot(self) -> None:
        """The state is written down."""
        self.line.pipeline.snapshot()

    @rule()
    def crash(self) -> None:
        """Killed, and started again over what is on the disk."""
        self.crashes += 1
        now = self.line.clock.time
        left = left_by_a_kill(self.line.journal.path, Path(self.folder.name) / f"{self.crashes}.db")
        self.line.journal.close()
        self.line = Line(left, now=now)
        # Ticks from which nothing followed are not in the journal: the first one makes up for them.
        self.tick(now)

    # What has to be true --------------------------------------------------------------------------------------------

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
        """Alerts, zones and everything else are as they would be without the crashes."""
        mine, its = self.line.engine.state, self.twin.state
        assert mine.alerts == its.alerts
        assert msgspec.to_builtins(mine) == msgspec.to_builtins(its)

    @invariant()
    def journal_knows_the_alerts(self) -> None:
        """How things stand in the journal is how they stand in the engine."""
        standing = {alert.id: alert for alert in self.line.journal.alerts()}
        assert standing == self.line.engine.state.alerts

    @invariant()
    def reader_has_it_in_order(self) -> None:
        """The sink got every transition up to the cursor at least once, each for the first time in order."""
        firsts = list(dict.fromkeys(self.reader.taken))
        written = [(row.seq, row.n) for row in self.line.journal.transitions(0, 1_000_000)]
        assert firsts == written[: len(firsts)]

    # Inside ---------------------------------------------------------------------------------------------------------

    def made(
        self, shape: tuple[str, str, dict[str, Any]], age: float, own_id: bool, retained: bool
    ) -> Message:
        """One message of this shape."""
        where, kind, fields = shape
        own = {"id": self.new_id()} if own_id else {}
        at = self.line.clock.time - timedelta(seconds=age)
        return self.line.sent(
            f"venue/centre/{where}", said(kind, at, **fields, **own), retained=retained
        )

    def new_id(self) -> str:
        """A sender's next number."""
        self.n += 1
        return str(self.n)

    def take(self, batch: list[Message]) -> None:
        """Both get it; what the twin has had already it doesn't get again."""
        self.line.take(*batch)
        for message in batch:
            if is_output(message.topic):
                continue
            given = self.line.pipeline.translator.decode(
                message.topic, message.payload, message.received_at, retained=message.retained
            )
            key = identity(given, message.topic, message.payload)
            if key not in self.accepted:
                self.accepted.append(key)
                self.twin.step(given)

    def tick(self, now: datetime) -> None:
        """Time goes on for both."""
        self.line.clock.time = now
        self.line.pipeline.tick(Tick(received_at=now))
        self.twin.step(Tick(received_at=now))

    async def bring(self) -> None:
        """Lets a relay run until it has nothing to do, or its sink dies."""
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


# Each step writes to a disk: fewer examples than where everything is in memory.
CrashMachine.TestCase.settings = settings(
    max_examples=settings().max_examples // 4, stateful_step_count=40
)
TestCrash = CrashMachine.TestCase
