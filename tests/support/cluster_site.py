"""One site of a cluster without the cluster: what its reader appends is stepped at once, and what comes out is read."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from monitor.adapters import Translator
from monitor.cluster.log import LogWriter
from monitor.cluster.out_reader import OutReader
from monitor.cluster.records import (
    LoggedInput,
    Outcome,
    RulesNamed,
    decode_logged,
    decode_outcome,
    encode,
)
from monitor.cluster.site import Site
from monitor.cluster.site_line import SiteLine
from monitor.core.alert import Alert
from monitor.core.roster import Roster
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from monitor.mqtt import Message
from tests.support.cluster import SETTINGS, Contents
from tests.support.engine import LATENESS, TOLERANCE
from tests.support.pipeline import START, Anybody, ManualClock, event_payload, trial_rule_set

SITE = "trial"


class ClusterSite:
    """A site with its reader's line; while `is_away`, what is appended waits in the log."""

    def __init__(self, folder: Path) -> None:
        self.contents = Contents()
        self.clock = ManualClock()
        self.is_away = False
        self.out: list[Outcome] = []
        self._log: list[bytes] = []
        self._site = Site(SITE, SETTINGS, self.contents)
        self._writer = LogWriter(SITE, Translator([]), Anybody())
        self._folder = folder
        self._journals: list[Journal] = []
        self.line = self.read_anew("journal.db")
        named = RulesNamed(
            received_at=START, who="test", digest=self.contents.put(trial_rule_set())
        )
        self.enter([LoggedInput(site=SITE, received_at=START, input=named)])

    def read_anew(self, name: str) -> SiteLine:
        """Return the line of a reader whose journal is another file, which has read everything so far."""
        journal = Journal(self._folder / name)
        self._journals.append(journal)
        engine, _ = recover(journal, lateness=LATENESS, tolerance=TOLERANCE)
        reader = OutReader(journal, self.contents, engine)
        self.line = SiteLine(SITE, reader, self.append, self.publish, self.clock)
        self.line.follow(self.out)
        return self.line

    def close(self) -> None:
        """Close its journals."""
        for journal in self._journals:
            journal.close()

    async def append(self, entries: Sequence[LoggedInput]) -> None:
        """Write to the log, as the reader does."""
        self.enter(entries)

    async def publish(self, roster: Roster) -> str:
        """Make a roster known."""
        return self.contents.put(roster)

    def enter(self, entries: Iterable[LoggedInput]) -> None:
        """Write to the log; unless the site is away, step it, and let the reader read what comes out."""
        self._log += map(encode, entries)
        if self.is_away:
            return
        log, self._log = self._log, []
        for record in log:
            self._come_out(self._site.take(decode_logged(record)))

    def force(self, door: str) -> Alert:
        """Let a door be forced; return the alert."""
        payload = event_payload("door.alarm", self.clock.time, point=door, alarm="forced_open")
        topic = f"venue/centre/door/{door}"
        message = Message(topic, payload, retained=False, received_at=self.clock.time)
        self.enter(self._writer.message(message, self.clock.time))
        self.wait(3)
        (found,) = [row for row in self.line.journal.alerts() if row.key == door]
        return found

    def wait(self, seconds: float) -> None:
        """Advance the clock, with a tick whenever something is due."""
        end = self.clock.time + timedelta(seconds=seconds)
        while (due := self._site.deadline) is not None and due <= end:
            self.clock.time = max(due, self.clock.time)
            outcome = self._site.tick(self.clock.time)
            self._come_out([] if outcome is None else [outcome])
        self.clock.time = end

    def _come_out(self, outcomes: Sequence[Outcome]) -> None:
        read = [decode_outcome(encode(row)) for row in outcomes]
        self.out += read
        self.line.follow(read)
