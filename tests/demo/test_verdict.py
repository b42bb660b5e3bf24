"""The figures of the verdict."""

import pytest

from monitor.demo.verdict import quantile

INF = float("inf")


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ([(1.0, 10.0), (2.0, 20.0), (INF, 20.0)], 0.5, 1.0),
        ([(1.0, 10.0), (2.0, 20.0), (INF, 20.0)], 0.75, 1.5),
        ([(1.0, 0.0), (2.0, 4.0), (INF, 4.0)], 0.5, 1.5),
        ([(1.0, 0.0), (INF, 4.0)], 0.99, 1.0),
        ([(1.0, 0.0), (INF, 0.0)], 0.5, 0.0),
        ([], 0.5, 0.0),
    ],
)
def test_a_quantile_lies_on_the_line_between_two_bounds(
    buckets: list[tuple[float, float]], share: float, expected: float
) -> None:
    """As in Prometheus, a value beyond the last bound counts as that bound."""
    assert quantile(buckets, share) == expected
