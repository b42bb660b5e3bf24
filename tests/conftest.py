"""The brokers that tests run against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import Broker, Mosquitto, Nats


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
