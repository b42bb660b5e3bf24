"""One InfluxDB for all tests of a worker, and a separate database for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.influxd import Influx


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """A server that keeps running."""
    with Influx(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def influx(influxd: Influx) -> Influx:
    """The same server, with an empty database ``venue``."""
    influxd.query('DROP DATABASE "venue"', db="")
    influxd.create()
    return influxd


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for a server that the test itself starts."""
    found = tmp_path / "influxd"
    found.mkdir()
    return found
