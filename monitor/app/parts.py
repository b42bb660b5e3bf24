"""The parts that run beside the pipeline, each supervised on its own."""

from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.deadman.heartbeat import HeartbeatLoop
from monitor.journal import Journal
from monitor.sinks.notify import Delivery
from monitor.sinks.relay import Relay
from monitor.standby.feed import StandbyFeed
from monitor.web.live import LiveStream

Loops = Sequence[tuple[str, Coroutine[Any, Any, None]]]
"""What runs until the monitor stops, by name."""
Part = Relay | HeartbeatLoop | Delivery | LiveStream


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them; a part is added when it is opened."""

    relays: list[Relay] = field(default_factory=list)
    heartbeats: list[HeartbeatLoop] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    live: list[LiveStream] = field(default_factory=list)
    standbys: list[StandbyFeed] = field(default_factory=list)
    """The feed of the standby, if there is one; it has its own alert, so it is not among those iterated over."""

    def __iter__(self) -> Iterator[Part]:
        yield from self.relays
        yield from self.heartbeats
        yield from self.deliveries
        yield from self.live

    def wake(self) -> None:
        """Wake the relays and the console: the journal has grown."""
        for relay in self.relays:
            relay.wake_up.set()
        for stream in self.live:
            stream.wake_up.set()

    def register_readers(self, journal: Journal) -> None:
        """Have the journal keep what the relays still need, and nothing for readers that no longer exist."""
        journal.readers.register(
            [relay.sink.name for relay in self.relays],
            stateful=[relay.sink.name for relay in self.relays if relay.is_stateful],
        )

    def is_paging(self) -> bool:
        """Return whether pages are being sent."""
        return any(delivery.at_work for delivery in self.deliveries)
