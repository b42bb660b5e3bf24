"""Everything that can go wrong, sorted by what to do about it. Bad input from outside is not here: it is `Rejected`."""

from collections.abc import Sequence
from datetime import timedelta


class MonitorError(Exception):
    """Something went wrong that somebody has to know."""


class ConfigError(MonitorError):
    """A person has to change a file before the monitor can start.

    ``mistakes`` holds all of them, each one line: file, place, what is wrong, what to write instead.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))


class JournalError(MonitorError):
    """The journal can't be written or trusted: acknowledge nothing, stop, say so."""


class BrokerUnavailable(MonitorError):
    """The broker is away: try again."""


class SinkUnavailable(MonitorError):
    """The sink will work later: bring the same entries again, but not before it is ready, if it said when."""

    def __init__(self, reason: str, after: timedelta = timedelta(0)) -> None:
        self.after = after
        super().__init__(reason)


class SinkRefused(MonitorError):
    """The sink will never take this: raise it, step over."""


def first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group; the others are its consequences."""
    error = failed.exceptions[0]
    return first(error) if isinstance(error, BaseExceptionGroup) else error
