"""One filled database for all tests of a worker."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.morning import opened, played, store
from tests.support.once import once
from tests.support.wall import Wall


@pytest.fixture(scope="session")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """A database filled from a simulated morning, and an empty one called ``empty``."""
    morning = once(tmp_path_factory, "morning", played)
    with opened(tmp_path_factory.mktemp("wall")) as server:
        yield Wall(server, morning, asyncio.run(store(server, morning)), {})
