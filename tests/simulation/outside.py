"""What the monitor delivers to: a sink that keeps what it takes, and people's phones."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple

from monitor.errors import SinkRefused, SinkUnavailable
from monitor.journal import Written
from monitor.roster import ChannelAddress
from monitor.sinks.notify.channel import DELIVERED, Outcome
from monitor.texts import Text
from tests.simulation.machine import wait

if TYPE_CHECKING:
    from monitor.core.transitions import Transition

Mood = Literal["well", "late", "away", "refusing", "half-answering"]
"""How a receiver answers: after seconds; not at all; with a refusal; it takes, and says that it did not."""


TOLD_FOR = 900.0
"""Seconds for which a page about a loss isn't repeated."""


@dataclass(slots=True)
class Receiver:
    """A receiver in the world, which outlives the monitor."""

    mood: Mood = "well"


class SimulatedSink:
    """A sink that keeps each entry that it takes.

    Args:
        name: its name.
        receiver: how it answers.
        rng: draws the delays.
        is_alive: whether the monitor that delivers is still running.

    """

    def __init__(
        self, name: str, receiver: "Archive", rng: Random, is_alive: Callable[[], bool]
    ) -> None:
        self.name = name
        self._archive, self._rng, self._is_alive = receiver, rng, is_alive

    async def take(self, entries: Sequence[Written]) -> None:
        """Take entries, or not; see `monitor.sinks.relay.Sink`."""
        mood = self._archive.mood
        await wait(self._rng.uniform(5, 90) if mood == "late" else 0.01)
        if not self._is_alive():
            return
        if mood == "away":
            raise SinkUnavailable("connection refused")
        if mood == "refusing" and self._rng.random() < 0.5:
            if len(entries) == 1:
                self._archive.refused.add((entries[0].seq, entries[0].n))
            raise SinkRefused("400 Bad Request")
        self._archive.keep(entries)
        if mood == "half-answering":
            raise SinkUnavailable("504 Gateway Timeout")

    async def close(self) -> None:
        """Nothing is open."""


class Archive(Receiver):
    """What a sink has taken, in the order in which it came first."""

    __slots__ = ("refused", "taken")

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[tuple[int, int], list[Transition]] = defaultdict(list)
        self.refused: set[tuple[int, int]] = set()

    def keep(self, entries: Sequence[Written]) -> None:
        """Keep entries."""
        for entry in entries:
            taken = self.taken[entry.seq, entry.n]
            if entry.transition not in taken:
                taken.append(entry.transition)


class Received(NamedTuple):
    """A page that a person has received."""

    at: float
    person: str
    page: str
    is_repeat: bool


class Phones:
    """Everyone's phones.

    Args:
        rng: draws delays and outcomes.
        now: the running time in seconds.
        is_alive: whether the monitor that sends is still running.

    """

    def __init__(self, rng: Random, now: Callable[[], float], is_alive: Callable[[], bool]) -> None:
        self._rng, self._now, self._is_alive = rng, now, is_alive
        self.moods: dict[str, Mood] = {}
        self.received: list[Received] = []
        self.told_at = -math.inf
        """When someone was last paged that history is lost or damaged."""
        self.then: Callable[[], None] | None = None
        """Called once, when the next page has arrived and its sender doesn't know yet."""

    async def open(self, channel: ChannelAddress) -> "_Phone":
        """Stand for `monitor.sinks.notify.factory.open_channel`."""
        await asyncio.sleep(0)
        return _Phone(self, channel.url.reveal().rsplit("/", 1)[1])

    async def send(self, person: str, text: Text) -> Outcome:
        """Deliver a text, or not."""
        mood = self.moods.get(person, "well")
        page = text.link.rpartition("#")[2]
        if mood == "away":
            await wait(3600)
        await wait(self._rng.uniform(1, 20) if mood == "late" else 0.3)
        if not self._is_alive():
            await wait(3600)
        if mood == "refusing":
            return Outcome(
                result="failed", reason="429 Too Many Requests", retry_after=timedelta(seconds=20)
            )
        if page:
            is_repeat = text.title.startswith("Repeat")
            self.received.append(Received(self._now(), person, page, is_repeat))
        else:
            self.told_at = self._now()
        then, self.then = self.then, None
        if then is not None:
            then()
        await wait(self._rng.uniform(0.02, 0.5))
        if not self._is_alive():
            await wait(3600)
        if mood == "half-answering":
            return Outcome(result="unknown", reason="504 Gateway Timeout")
        return DELIVERED

    def was_told_of_loss(self) -> bool:
        """Return whether someone was paged lately that history is lost or damaged."""
        return self._now() - self.told_at < TOLD_FOR


class _Phone:
    """The channel to one phone."""

    def __init__(self, phones: Phones, person: str) -> None:
        self._phones, self._person = phones, person

    async def send(self, text: Text) -> Outcome:
        return await self._phones.send(self._person, text)

    async def reach(self) -> str:
        await asyncio.sleep(0)
        mood = self._phones.moods.get(self._person, "well")
        return "connection refused" if mood == "away" else ""

    async def close(self) -> None:
        pass
