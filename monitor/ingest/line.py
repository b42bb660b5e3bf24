"""The line as the parts beside it see it: what they read of it, what they report to it, and how people act on it."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Input
from monitor.core.transitions import Transition
from monitor.journal import Journal
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics

Answer = Sequence[Transition] | Awaitable[Sequence[Transition]]
"""What follows from an act: at once where the core is in this process, otherwise when it is known here."""


class Line(Protocol):
    """The way of every input into the core and the journal: `Pipeline` on one machine, `SiteLine` in a cluster."""

    @property
    def engine(self) -> Engine:
        """Has the state; only the line changes it."""

    @property
    def journal(self) -> Journal:
        """What has been taken in; only the line writes it."""

    @property
    def clock(self) -> Clock:
        """The time of inputs."""

    @property
    def metrics(self) -> Metrics:
        """The counters."""

    def notice(self, event: Noticed) -> None:
        """Take in what the monitor noticed about itself."""

    def notice_once(self, event: Noticed, source: str) -> bool:
        """Take in what a part keeps until it is in the journal, once for each id; return whether it is there."""

    def submit(self, *inputs: Input) -> None:
        """Take in inputs of the monitor itself."""

    def record(self, event: ReceivedEvent, source: str, key: str) -> Answer:
        """Take in one event; see `record_all`."""

    def record_all(self, events: Sequence[ReceivedEvent], source: str, key: str) -> Answer:
        """Take in what a person does: see `read_act`; return what follows.

        Raises:
            EventInvalid: one of the events may not be sent; nothing is recorded.

        """


async def record_all(
    line: Line, events: Sequence[ReceivedEvent], source: str, key: str
) -> Sequence[Transition]:
    """Take in what a person does, and return what follows.

    Raises:
        EventInvalid: one of the events may not be sent; nothing is recorded.
        Unanswered: what follows is not known in time.

    """
    return await _answered(line.record_all(events, source, key))


async def record(line: Line, event: ReceivedEvent, source: str, key: str) -> Sequence[Transition]:
    """Take in one event; see `record_all`."""
    return await _answered(line.record(event, source, key))


async def _answered(answer: Answer) -> Sequence[Transition]:
    return await answer if isinstance(answer, Awaitable) else answer
