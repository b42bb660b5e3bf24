"""A site is looked for where Kafka's clients have put it."""

import pytest

from monitor.cluster.partition import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_that_of_kafka(key: bytes, expected: int) -> None:
    """The cases of Kafka's own UtilsTest, whose numbers have a sign."""
    assert murmur2(key) == expected % 2**32


def test_partitions_are_used_evenly() -> None:
    """A thousand sites over 64 partitions: none is empty, none has three times its share."""
    counts = [0] * 64
    for n in range(1000):
        counts[partition_of(f"site-{n:03}".encode(), 64)] += 1
    assert min(counts) > 0
    assert max(counts) < 3 * 1000 / 64
