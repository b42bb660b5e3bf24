"""One filled database for all tests of a worker."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.influxd import Influx
from tests.support.pipeline import PipelineHarness
from tests.support.wall import START, Wall, fill, routes, rule_set


@pytest.fixture(scope="session")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """A database filled from a simulated morning, and an empty one called ``empty``."""
    folder = tmp_path_factory.mktemp("wall")
    with (
        Influx(folder) as server,
        PipelineHarness(
            folder / "journal.db", now=START, rule_set=rule_set(), routes=routes()
        ) as line,
    ):
        server.create()
        server.create("empty")
        plan, refused = asyncio.run(fill(server, line))
        yield Wall(server, line, plan, refused)
