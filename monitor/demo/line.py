"""How far the line has come with the day: the oldest message that is not in the journal yet."""

from collections.abc import Iterator
from pathlib import Path

from monitor.adapters import Translator
from monitor.core.identity import identity
from monitor.journal import messages
from monitor.simulate.message import Planned


class Line:
    """Follows the journal of a running monitor through the plan of a day.

    Args:
        journal: the journal's file.
        plan: every message that is sent, in order of time.
        translator: decodes the messages as the monitor does.

    """

    def __init__(self, journal: Path, plan: Iterator[Planned], translator: Translator) -> None:
        self._journal = journal
        self._plan = plan
        self._translator = translator
        self._ids: set[bytes] = set()
        self._raw: set[tuple[str, bytes]] = set()
        self.seq = 0
        """The latest input seen."""
        self.missing: Planned | None = next(plan, None)
        """The oldest message that is not in the journal; ``None``: all are."""

    def look(self) -> None:
        """Read on in the journal.

        Raises:
            JournalError: it can't be read.

        """
        found = messages(self._journal, self.seq)
        self.seq = found.seq
        self._ids |= found.ids
        self._raw |= found.raw
        while self.missing is not None and self._has(self.missing):
            self.missing = next(self._plan, None)

    def _has(self, message: Planned) -> bool:
        decoded = self._translator.decode(message.topic, message.payload, message.at)
        key = identity(decoded, message.topic, message.payload)
        return key in self._ids or (message.topic, message.payload) in self._raw
