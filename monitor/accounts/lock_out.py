"""How many wrong passwords are too many: after five, each try waits longer, and nobody is ever locked out for good."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

FREE = 5
"""Wrong passwords for one account after which the next has to wait."""
LONGEST_WAIT = timedelta(seconds=60)
PER_ADDRESS = 20
"""Wrong passwords from one address within `WINDOW`."""
WINDOW = timedelta(minutes=1)
BURST = 10
"""Wrong passwords in a row that people are informed of."""
MEMORY = timedelta(days=1)
"""After so long without a wrong password the count begins anew; judgement."""
MOST_BUCKETS = 10_000


class _Bucket(Struct):
    wrong: int = 0
    latest: datetime | None = None


class LockOut:
    """Counts wrong passwords: for each account, for each device that it has used before, and for each address.

    A device that an account has signed in from before has a bucket of its own, so that strangers who try can't keep its
    owner out.
    """

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._addresses: OrderedDict[str, deque[datetime]] = OrderedDict()

    def begin(self, bucket: str, address: str, at: datetime) -> timedelta:
        """Begin a try, which counts as wrong until `succeed`; return how long to wait instead, zero to go ahead.

        Tries at the same time are counted before the first of them is decided.
        """
        if wait := max(self._wait_of_bucket(bucket, at), self._wait_of_address(address, at)):
            return wait
        row = self._bucket(bucket, at)
        row.wrong += 1
        row.latest = at
        self._recent(address, at).append(at)
        return timedelta(0)

    def wait(self, bucket: str, address: str, at: datetime) -> timedelta:
        """Return how long the next try has to wait."""
        return max(self._wait_of_bucket(bucket, at), self._wait_of_address(address, at))

    def succeed(self, bucket: str, address: str) -> None:
        """Take note that the password was right: its owner may err again."""
        self._buckets.pop(bucket, None)
        if recent := self._addresses.get(_network(address)):
            recent.pop()

    def is_burst(self, bucket: str, address: str, at: datetime) -> bool:
        """Return whether the try that has just failed is one that people are informed of."""
        wrong = self._bucket(bucket, at).wrong
        return (wrong > 0 and wrong % BURST == 0) or len(self._recent(address, at)) == PER_ADDRESS

    def _wait_of_bucket(self, bucket: str, at: datetime) -> timedelta:
        row = self._bucket(bucket, at)
        if row.latest is None or row.wrong < FREE:
            return timedelta(0)
        wait = min(timedelta(seconds=2 ** min(row.wrong - FREE, 6)), LONGEST_WAIT)
        # A clock that was put back makes no one wait longer.
        return min(wait, max(timedelta(0), row.latest + wait - at))

    def _wait_of_address(self, address: str, at: datetime) -> timedelta:
        recent = self._recent(address, at)
        if len(recent) < PER_ADDRESS:
            return timedelta(0)
        return min(WINDOW, recent[0] + WINDOW - at)

    def _bucket(self, bucket: str, at: datetime) -> _Bucket:
        row = self._buckets.setdefault(bucket, _Bucket())
        if row.latest is not None and at - row.latest >= MEMORY:
            row.wrong, row.latest = 0, None
        self._buckets.move_to_end(bucket)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return row

    def _recent(self, address: str, at: datetime) -> deque[datetime]:
        """Return the times of wrong passwords from an address within the window."""
        network = _network(address)
        recent = self._addresses.setdefault(network, deque(maxlen=PER_ADDRESS))
        while recent and at - recent[0] >= WINDOW:
            recent.popleft()
        self._addresses.move_to_end(network)
        if len(self._addresses) > MOST_BUCKETS:
            self._addresses.popitem(last=False)
        return recent


def _network(address: str) -> str:
    """Return what of an address one sender can't choose: of IPv6, the first 64 bits."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return parsed.packed[:8].hex()
    return str(parsed)
