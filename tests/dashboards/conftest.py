"""One filled database for all tests of a worker."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.morning import fill, opened
from tests.support.wall import Wall


@pytest.fixture(scope="session")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """A database filled from a simulated morning, and an empty one called ``empty``."""
    with opened(tmp_path_factory.mktemp("wall")) as (server, line):
        yield Wall(server, asyncio.run(fill(server, line)))
