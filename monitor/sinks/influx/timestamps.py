"""The timestamp of a point in nanoseconds: the clock's time; the digits below it are derived from the point's identity.

Two points of one series at the same nanosecond are one point; the first is lost silently. A counter would keep them
apart, but differently after a crash. Of k messages of one series in one millisecond, two collide with a probability of
k²/2,000,000.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = 1_000_000


def nanoseconds(at: datetime) -> int:
    """Return the nanoseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND * 1_000


def of_message(at: datetime, identity: bytes, n: int = 0) -> int:
    """Return the timestamp of the n-th point of a message: in the millisecond of `at`, or in its microsecond if given.

    Args:
        at: the time by the sender's clock.
        identity: the message's identity; its last eight bytes are a hash.
        n: the point's position, so that points of one message never collide.

    """
    free = 1_000 if at.microsecond % 1_000 else _MILLISECOND
    return nanoseconds(at) + (int.from_bytes(identity[-8:]) + n) % free


def of_transition(at: datetime, seq: int, n: int) -> int:
    """Return the timestamp of the n-th transition of an input, in the millisecond of `at`.

    The transition's identity is its position in the journal, which never changes. After an outage one input can have
    tens of thousands of transitions: all of them are kept apart.
    """
    ms = nanoseconds(at) // _MILLISECOND
    return ms * _MILLISECOND + (seq * 1_000 + n) % _MILLISECOND
