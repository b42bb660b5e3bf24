"""All exceptions of the project, sorted by what to do about them. Bad input from outside is a value: `Rejected`."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from monitor.core.phrase import Phrase


class MonitorError(Exception):
    """A failure that has to be reported."""


class WordedError(MonitorError):
    """A failure whose reason ``why`` people read, each in their own language; its text is in English."""

    def __init__(self, why: Phrase | str) -> None:
        self.why = why
        super().__init__(why)

    def __str__(self) -> str:
        # The catalogues are not loaded before something has failed.
        from monitor.texts.english import plain  # noqa: PLC0415

        return plain(self.why)


class ConfigError(MonitorError):
    """A file has to be changed before the monitor can start.

    ``mistakes`` lists all of them, one line each: file, place, what is wrong, what to write instead.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))

    @property
    def summary(self) -> str:
        """The first line of the first mistake and how many more there are, for an alert's title."""
        first_line, others = self.mistakes[0].splitlines()[0], len(self.mistakes) - 1
        return f"{first_line} (and {others} more)"[:500] if others else first_line[:500]


class JournalError(MonitorError):
    """The journal can't be written or trusted: acknowledge nothing, stop, report it."""


class JournalDamaged(JournalError):
    """The journal's file can't be read as it was written: stop, page people, until a person restores it.

    ``reason`` says what is damaged, and ``advice`` what to do.
    """

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        self.path = path
        self.reason = reason
        self.summary = f"journal is damaged: {reason}"
        super().__init__(f"{path}: {reason}; {advice}")


class JournalLoss(JournalError):
    """The journal knows less than was known of it: stop, page people, until a person accepts the loss."""

    def __init__(self, path: Path, *, ends: int, was: int, reason: str = "") -> None:
        self.ends = ends
        """The number of its latest input."""
        self.was = was
        """The number of the latest input that is known to have been in it."""
        self.reason = reason
        """Who knows it."""
        self.summary = f"journal ends at {ends}, was at {was}" + (f": {reason}" if reason else "")
        super().__init__(
            f"{path}: {self.summary}; put the latest copy in its place, or continue without what is missing: "
            "venue-monitor run --accept-loss"
        )


class EventInvalid(MonitorError):
    """An event that this process made is not one that may be sent: nothing was recorded; tell the person why.

    ``why`` says it in any language, the text in English.
    """

    def __init__(self, why: Phrase, text: str) -> None:
        self.why = why
        super().__init__(text)


class Unanswered(MonitorError):
    """What follows from an act is not known in time; it may have been done, and sent again it is done once."""


class AccountsUnusable(MonitorError):
    """The accounts' file can't be read or written: no one can sign in until a person has looked at it."""


class AccountRefused(MonitorError):
    """An act on an account can't be done as asked: nothing was changed; tell the person why."""


class LinkInvalid(AccountRefused):
    """A one-time link was used, has ended, or never was one: ask for another."""

    def __init__(self) -> None:
        super().__init__("this link has been used or has ended; ask for another")


class SignInRefused(MonitorError):
    """No one was signed in; the text doesn't say what was wrong, because strangers read it, too.

    ``retry_after`` says from when on the next try counts.
    """

    def __init__(self, retry_after: timedelta = timedelta(0)) -> None:
        self.retry_after = retry_after
        super().__init__("name or password is wrong, or the account may not sign in")


class IdentityRefused(MonitorError):
    """No one was signed in with the identity provider; the reason is for the log, since strangers read the page.

    ``may_retry`` says whether the same person may succeed without an administrator.
    """

    def __init__(self, reason: str, *, may_retry: bool = True) -> None:
        self.may_retry = may_retry
        super().__init__(reason)


class IdentityProviderUnavailable(MonitorError):
    """The identity provider can't be reached, or answers with something else than the protocol says: try later."""


class BrokerUnavailable(MonitorError):
    """The broker can't be reached: try again."""


class ProtocolVersionRefused(BrokerUnavailable):
    """The broker does not support this version of MQTT: try an older one."""


class SessionTaken(MonitorError):
    """Another monitor owns our session at the broker: stop, and do not try again before it is gone."""


class SinkUnavailable(WordedError):
    """The sink may work later: deliver the same entries again, no earlier than ``after``."""

    def __init__(self, why: Phrase | str, after: timedelta = timedelta(0)) -> None:
        self.after = after
        super().__init__(why)


class SinkNotConnected(SinkUnavailable):
    """No connection was made: the sink has certainly received nothing."""


class SinkRefused(WordedError):
    """The sink will never accept this entry: report it, skip it."""


class AddressInvalid(WordedError):
    """A channel's address in the roster can't be used: every page to it fails until it is changed."""


class DemoFailed(MonitorError):
    """A process of the demonstration did not start, exited too early, or does not answer."""


class ClusterUnavailable(MonitorError):
    """Kafka or Flink does not answer: acknowledge nothing, and try again later."""


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group; the others are its consequences."""
    error = group.exceptions[0]
    return first(error) if isinstance(error, BaseExceptionGroup) else error
