"""The line of a site whose core runs elsewhere: it reads what comes out, and writes what goes in to the site's log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from monitor.cluster.out_reader import OutReader
from monitor.cluster.records import LoggedInput, Outcome, RosterNamed
from monitor.core.events import ReceivedEvent
from monitor.core.events.monitor import Noticed
from monitor.core.identity import identity_of_key
from monitor.core.inputs import Arrival, Input, Notice, RosterChanged
from monitor.core.roster import Roster
from monitor.core.transitions import Transition
from monitor.errors import Unanswered
from monitor.ingest.acts import read_act
from monitor.ingest.line import Answer
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics

PATIENCE = 9.0
"""Seconds that a person waits for what follows from an act: less than the command line waits for any answer."""
_Key = tuple[str, str]
"""Source and key of an act."""


class SiteLine:
    """What the parts of a site's reader read, report to, and act on, as they do with the pipeline on one machine.

    Args:
        site: the id of the site's congress.
        reader: writes the journal.
        append: writes to the site's log, and returns when nothing of it can be lost any more.
        publish: makes a roster known to the site; returns the digest by which the log names it.
        clock: the time of inputs.

    """

    def __init__(
        self,
        site: str,
        reader: OutReader,
        append: Callable[[Sequence[LoggedInput]], Awaitable[None]],
        publish: Callable[[Roster], Awaitable[str]],
        clock: Clock,
    ) -> None:
        self.site = site
        self.engine = reader.engine
        self.journal = reader.journal
        self.clock = clock
        self.metrics = Metrics()
        self.on_commit: Callable[[], None] = lambda: None
        self._reader = reader
        self._append = append
        self._publish = publish
        self.patience = PATIENCE
        """Seconds that a person waits for what follows from an act."""
        self._outgoing: asyncio.Queue[LoggedInput | RosterChanged] = asyncio.Queue()
        self._asked: set[bytes] = set()
        """Identities of what is on its way, of `notice_once`."""
        self._waiting: dict[_Key, list[asyncio.Future[Sequence[Transition]]]] = {}

    def follow(self, outcomes: Sequence[Outcome]) -> int:
        """Write what came out of the site, and answer those who wait for it; return how much was new.

        Raises:
            JournalError: the journal can't be written, or an outcome is missing.

        """
        taken = self._reader.take(outcomes)
        self.metrics.seq.set(self.journal.seq)
        for outcome in outcomes:
            self._asked.discard(outcome.entry.id)
            match outcome.entry.input:
                case Arrival(source=source, events=(first, *_)):
                    for waiting in self._waiting.pop((source, first.id), ()):
                        if not waiting.done():
                            waiting.set_result([*outcome.transitions])
                case _:
                    pass
        if taken:
            self.on_commit()
        return taken

    async def send(self) -> None:
        """Write what is noticed and submitted to the site's log, in order, until cancelled.

        Raises:
            ClusterUnavailable: the log can't be written.

        """
        while True:
            given = await self._outgoing.get()
            entry = await self._named(given) if isinstance(given, RosterChanged) else given
            await self._append([entry])

    def notice(self, event: Noticed) -> None:
        """Report what the reader has noticed to the site."""
        self.submit(Notice(received_at=self.clock.now(), event=event))

    def notice_once(self, event: Noticed, source: str) -> bool:
        """Report an event until it has come back; return whether it has."""
        own = identity_of_key(source, event.id)
        if self.journal.transitions_of(own) is not None:
            return True
        if own not in self._asked:
            self._asked.add(own)
            given = Notice(received_at=self.clock.now(), event=event)
            self._outgoing.put_nowait(self._entry(given, topic=source, own=own))
        return False

    def submit(self, *inputs: Input) -> None:
        """Give the site a roster, or what was noticed.

        Raises:
            TypeError: it is something that only the site's inbox may send.

        """
        for given in inputs:
            match given:
                case RosterChanged():
                    self._outgoing.put_nowait(given)
                case Notice():
                    self._outgoing.put_nowait(self._entry(given))
                case _:
                    raise TypeError(type(given).__name__)

    def record(self, event: ReceivedEvent, source: str, key: str) -> Answer:
        """Send one event to the site; see `record_all`."""
        return self.record_all((event,), source, key)

    def record_all(self, events: Sequence[ReceivedEvent], source: str, key: str) -> Answer:
        """Send what a person does to the site; return what follows, or what will tell it; see `Line.record_all`.

        Raises:
            EventInvalid: one of the events may not be sent; nothing is recorded.

        """
        act = read_act(events, source, key, self.clock.now(), self.journal)
        if act.before is not None:
            return act.before
        return self._answer(act.given, act.identity)

    async def _answer(self, given: Arrival, own: bytes) -> Sequence[Transition]:
        """Send an act, and wait for its outcome.

        Raises:
            ClusterUnavailable: the log can't be written.
            Unanswered: the outcome does not come in time.

        """
        found: asyncio.Future[Sequence[Transition]] = asyncio.get_running_loop().create_future()
        key = (given.source, given.events[0].id)
        self._waiting.setdefault(key, []).append(found)
        try:
            async with asyncio.timeout(self.patience):
                await self._append([self._entry(given, topic=given.source, own=own)])
                return await found
        except TimeoutError:
            raise Unanswered(f"{self.site}: no outcome of {key} in {self.patience:g} s") from None
        finally:
            rows = self._waiting.get(key, [])
            if found in rows:
                rows.remove(found)
            if not rows:
                self._waiting.pop(key, None)

    def _entry(self, given: Arrival | Notice, topic: str = "", own: bytes = b"") -> LoggedInput:
        return LoggedInput(
            site=self.site, received_at=given.received_at, topic=topic, id=own, input=given
        )

    async def _named(self, given: RosterChanged) -> LoggedInput:
        """Publish a roster; return the record that names it."""
        digest = "" if given.roster is None else await self._publish(given.roster)
        at = given.received_at
        named = RosterNamed(received_at=at, who=given.who, digest=digest, diff=given.diff)
        return LoggedInput(site=self.site, received_at=at, input=named)
