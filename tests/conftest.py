"""The brokers that tests run against, and what coverage leaves out."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import Broker, Mosquitto, Nats

TESTS = Path(__file__).parent
UNTRACED = frozenset({"demo", "properties", "simulate", "simulation"})
"""The folders of tests that live through whole days."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Iterator[None]:
    """Run whole days and properties untraced: they visit the same lines a thousand times, and tracing doubles the time.

    What they find is no matter of coverage either: chance visits lines that no assertion holds. The mark `no_cover`
    would do if pytest-cov did not start a second tracer in each worker of xdist.
    """
    folder = item.path.relative_to(TESTS).parts[0]
    if folder not in UNTRACED and not getattr(item.function, "is_hypothesis_test", False):
        return (yield)
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(trace)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """Mosquitto without persistence: it forgets everything when it is killed."""
    with Mosquitto(tmp_path) as broker:
        yield broker


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    """nats-server, which keeps everything."""
    with Nats(tmp_path) as broker:
        yield broker


@pytest.fixture(params=[Mosquitto, Nats])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """Each of the two brokers in turn."""
    with request.param(tmp_path) as broker:
        yield broker
