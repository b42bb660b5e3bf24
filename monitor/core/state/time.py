"""Our clock, the watermark, and the events and timers that wait for it."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from monitor.core.events import AnyEvent
from monitor.core.state.timers import WatermarkHeap

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any time that an input can have: the journal counts from here, as does a machine that lost its clock."""

CLOCK_STEP = timedelta(seconds=10)
"""A smaller step of our clock is taken for the work of a time server; judgement."""


class TimestampedEvent(Struct, order=True, gc=False):
    """An event with the time that counts for it."""

    t: datetime
    """When it happened; the time of arrival if the sender's clock is not credible."""
    n: int
    """Its number, in the order of arrival."""
    event: AnyEvent
    late: bool = False
    """The watermark had passed ``t`` when it arrived."""
    live: bool = field(default=True, name="news")
    """False if a broker or device had kept it: it updates the state, and is not happening now."""
    superseded: bool = False
    """A later finding on the same checklist item is known: it counts as history, not as the present."""
    sent_from: str = ""
    """The site in its topic, if it names something that is not in the venue file."""
    message: int = 0
    """The number of the message that it is, as it came and nothing else in it; 0: of none, or unknown."""


class ClockDoubt(Struct):
    """Our clock was stepped, and is not judged sound yet."""

    host: str
    """The machine whose clock it is."""
    by: timedelta
    """By how much in all; a sender's time may still be by the clock before."""
    since: datetime
    """When it was last stepped, by the clock after that step."""
    agreeing: int = 0
    """How many more messages agreed with the clock after the step than with the one before."""


class TimeState(Struct):
    """Where the engine is in time."""

    now: datetime = LONG_AGO
    """The latest time of arrival: our clock, which never runs backwards."""
    watermark: datetime = LONG_AGO
    """All events that happened before this have been processed."""
    catching_up_until: datetime | None = None
    """While set, the watermark does not advance: messages that the broker had kept are still arriving."""
    step_limit: int = 0
    """The most events and timers that the watermark passes in one step, so that no step takes long; 0: any number."""
    passed: int = 0
    """How many it has passed since the last input that is kept: a tick from which nothing follows is not."""
    is_cut: bool = False
    """The limit was reached: the watermark stands still, and only ticks go on from there."""
    arrivals: int = 0
    """How many events have been numbered."""
    waiting: list[TimestampedEvent] = []
    """Events after the watermark: a heap, by time."""
    timers: WatermarkHeap = field(default_factory=WatermarkHeap)
    """Timers that fire when the watermark passes them."""
    publish_at: datetime = LONG_AGO
    """The earliest time at which changes of zones and readiness are published again."""
    doubt: ClockDoubt | None = None
    """While set, our clock may be wrong."""

    @property
    def is_catching_up(self) -> bool:
        """Whether what the broker had kept is still being received, or waits for its turn."""
        return self.catching_up_until is not None or self.is_cut
