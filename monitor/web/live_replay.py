"""Which alerts have changed lately, for pages that come back after a cut."""

from typing import ClassVar


class Replay:
    """Knows the latest change of each alert, as far back as it goes.

    Args:
        seq: the number from which on it knows all changes.

    """

    MOST: ClassVar[int] = 5_000
    """Alerts; the one that has not changed for longest is forgotten first."""

    def __init__(self, seq: int) -> None:
        self._first = seq
        self._latest: dict[str, int] = {}
        """In the order of the changes."""

    def note(self, own: str, seq: int) -> None:
        """Take note of a change."""
        self._latest.pop(own, None)
        self._latest[own] = seq
        if len(self._latest) > self.MOST:
            self._first = self._latest.pop(next(iter(self._latest)))

    def since(self, seq: int) -> list[str] | None:
        """Return the alerts that have changed since; ``None`` if that is not known any more."""
        if seq < self._first:
            return None
        found: list[str] = []
        for own, latest in reversed(self._latest.items()):
            if latest <= seq:
                break
            found.append(own)
        return found[::-1]
