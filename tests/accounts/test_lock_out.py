"""The lock-out: guessing gets slow, and nobody is ever kept out for good."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.accounts.lock_out import (
    FREE,
    LONGEST_WAIT,
    MOST_BUCKETS,
    PER_ADDRESS,
    WINDOW,
    LockOut,
)
from tests.support.pipeline import START

SECOND = timedelta(seconds=1)
TRIES = st.lists(
    st.tuples(
        st.sampled_from(("linh", "minh")),
        st.sampled_from(("192.0.2.1", "192.0.2.2", "2001:db8::1")),
        st.integers(0, 90),
        st.booleans(),
    ),
    max_size=120,
)
"""Account, address, seconds since the try before, and whether the password is right."""


def test_the_sixth_wrong_password_waits_longer_each_time() -> None:
    """Five are free; then 1, 2, 4 ... 60 seconds."""
    lock_out, at = LockOut(), START
    waits = []
    for number in range(14):
        assert lock_out.begin("linh", f"192.0.2.{number}", at) == timedelta(0)
        waits.append(lock_out.wait("linh", "198.51.100.1", at).total_seconds())
        at += timedelta(seconds=waits[-1])

    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


@given(TRIES)
def test_no_one_waits_for_longer_than_a_minute(tries: list[tuple[str, str, int, bool]]) -> None:
    """Whatever strangers did before: who waits as long as is said, may try."""
    lock_out, at = LockOut(), START
    for bucket, address, seconds, is_right in tries:
        at += seconds * SECOND
        wait = lock_out.begin(bucket, address, at)
        assert timedelta(0) <= wait <= max(LONGEST_WAIT, WINDOW)
        if wait:
            at += wait
            assert lock_out.begin(bucket, address, at) == timedelta(0)
        if is_right:
            lock_out.succeed(bucket, address)


@given(TRIES)
def test_guesses_are_limited_for_each_account_and_each_address(
    tries: list[tuple[str, str, int, bool]],
) -> None:
    """Within any minute no more wrong passwords are looked at than the free ones and those after their waits."""
    lock_out, at = LockOut(), START
    decided = []
    for bucket, address, seconds, _ in tries:
        at += seconds % 3 * SECOND
        if not lock_out.begin(bucket, address, at):
            decided.append((bucket, address, at))

    for _, _, end in decided:
        window = [row for row in decided if end - WINDOW < row[2] <= end]
        for bucket in ("linh", "minh"):
            # After five, waits of 1, 2, 4, 8, 16 seconds fit into a minute, and begin one of 32.
            assert sum(row[0] == bucket for row in window) <= FREE + 6
        for address in {row[1] for row in window}:
            assert sum(row[1] == address for row in window) <= PER_ADDRESS


def test_a_thousand_wrong_passwords_from_one_address_keep_no_one_else_out() -> None:
    """An attacker at A does not keep an officer at B from signing in."""
    lock_out = LockOut()
    decided = sum(not lock_out.begin(f"name-{n}", "192.0.2.1", START) for n in range(1000))

    assert decided == PER_ADDRESS
    assert lock_out.begin("linh", "192.0.2.2", START) == timedelta(0)


def test_tries_at_the_same_time_are_all_counted() -> None:
    """Hundreds of requests at once are no way around the count."""
    lock_out = LockOut()

    decided = [not lock_out.begin("linh", f"192.0.2.{n}", START) for n in range(200)]

    assert sum(decided) == FREE


def test_the_right_password_clears_the_count() -> None:
    """Whoever signs in may err again, and a shift that signs in at one address does not use up its tries."""
    lock_out = LockOut()
    for number in range(3 * PER_ADDRESS):
        assert lock_out.begin(f"officer-{number}", "192.0.2.1", START) == timedelta(0)
        lock_out.succeed(f"officer-{number}", "192.0.2.1")
    for _ in range(FREE - 1):
        lock_out.begin("linh", "192.0.2.1", START)
    lock_out.succeed("linh", "192.0.2.1")

    assert lock_out.wait("linh", "192.0.2.1", START) == timedelta(0)


def test_addresses_that_one_sender_can_choose_from_count_as_one() -> None:
    """Of IPv6 a sender has at least 64 bits to choose from; an IPv4 address in its clothes is the same one."""
    lock_out = LockOut()
    for number in range(PER_ADDRESS):
        lock_out.begin(f"name-{number}", f"2001:db8::{number:x}", START)
        lock_out.begin(f"other-{number}", "192.0.2.1", START)

    assert lock_out.wait("linh", "2001:db8::ffff", START) > timedelta(0)
    assert lock_out.wait("linh", "2001:db8:0:1::1", START) == timedelta(0)
    assert lock_out.wait("linh", "::ffff:192.0.2.1", START) > timedelta(0)


def test_a_clock_that_is_put_back_makes_no_one_wait_longer() -> None:
    """An hour back is no hour of waiting."""
    lock_out = LockOut()
    for number in range(12):
        lock_out.begin("linh", f"192.0.2.{number}", START + number * timedelta(minutes=2))
    for _ in range(PER_ADDRESS):
        lock_out.begin("minh", "198.51.100.1", START)

    before = START - timedelta(hours=1)

    assert lock_out.wait("linh", "192.0.2.99", before) <= LONGEST_WAIT
    assert lock_out.wait("new", "198.51.100.1", before) <= WINDOW


def test_names_that_strangers_make_up_take_no_memory_without_end() -> None:
    """The count of the names tried longest ago is forgotten first."""
    lock_out = LockOut()
    for number in range(MOST_BUCKETS + 10):
        lock_out.begin(
            f"name-{number}", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", START
        )

    sizes = [len(value) for value in vars(lock_out).values()]

    assert sizes == [MOST_BUCKETS, MOST_BUCKETS]
