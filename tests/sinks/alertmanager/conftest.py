"""An Alertmanager, its receiver, and a line whose alerts go there."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.alertmanager import AlertmanagerServer, Receiver, receiver, settings
from tests.support.outward import Outward


@pytest.fixture
async def heard() -> AsyncIterator[Receiver]:
    """Hears what Alertmanager tells."""
    async with receiver() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, heard: Receiver) -> Iterator[AlertmanagerServer]:
    """Tells the receiver everything at once."""
    with AlertmanagerServer(tmp_path, settings(tmp_path, heard)) as made:
        yield made


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Outward]:
    """A line with rules in force, by the time of the machine."""
    with Outward(tmp_path / "journal.db") as made:
        yield made
