"""A second machine's copy of the journal, and the take-over when the first machine is lost."""

from pathlib import Path
from shutil import copytree, ignore_patterns

import msgspec

from monitor.deadman.heartbeat_message import HeartbeatMessage
from monitor.journal import JournalCopy
from monitor.journal.changes import ChangesReader
from monitor.standby.take_over import TakeOver
from tests.simulation.world import World


class Copy:
    """A copy of the journal in a folder of its own, as it is now.

    Raises:
        JournalError: the journal can't be read now.

    """

    def __init__(self, world: World, folder: Path) -> None:
        self.folder = folder
        self._copied_at, self.made_at = world.clock.now(), world.machine.elapsed
        place = world.place
        copytree(place.folder, folder, ignore=ignore_patterns("journal.db*", "*-shm", "*.lock"))
        with ChangesReader(place.journal) as reader, JournalCopy(folder / "journal.db") as copy:
            self.seq, is_complete = 0, False
            while not is_complete:
                changes = reader.changes(copy.position())
                copy.apply(changes)
                self.seq, is_complete = changes.last_seq, changes.is_complete

    def take_over(self, world: World) -> TakeOver:
        """Return what the second machine knows about the first."""
        kept = world.broker.heartbeat
        latest = msgspec.json.decode(kept, type=HeartbeatMessage).seq if kept else 0
        return TakeOver(
            primary="http://first",
            primary_seq=max(self.seq, latest),
            copied_at=self._copied_at,
            is_forced=False,
        )
