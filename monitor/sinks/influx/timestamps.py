"""The time of a point, in nanoseconds: a clock's, and what the clock doesn't tell from the point's own identity.

Two points of one series at the same nanosecond are one point, and the first is lost without a word. A counter would
keep them apart, but not in the same way again after a crash. Of k messages of one series in one millisecond two fall
together with a probability of k²/2,000,000.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = 1_000_000


def nanoseconds(at: datetime) -> int:
    """Return the nanoseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND * 1_000


def of_message(at: datetime, identity: bytes, n: int = 0) -> int:
    """Return a time for the n-th point of a message: in the same millisecond, or microsecond if `at` tells it.

    Args:
        at: the sender's clock.
        identity: the message's; its last eight bytes are a hash.
        n: points of one message never fall together.

    """
    free = 1_000 if at.microsecond % 1_000 else _MILLISECOND
    return nanoseconds(at) + (int.from_bytes(identity[-8:]) + n) % free


def of_transition(at: datetime, seq: int, n: int) -> int:
    """Return a time in the same millisecond for the n-th transition of an input.

    Its identity is its place in the journal, which never changes.
    """
    ms = nanoseconds(at) // _MILLISECOND
    return ms * _MILLISECOND + seq % 1_000 * 1_000 + min(n, 999)
