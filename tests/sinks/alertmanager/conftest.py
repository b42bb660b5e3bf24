"""An Alertmanager, its receiver, and a pipeline whose alerts are sent to it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.alertmanager import AlertmanagerServer, Receiver, receiver, settings
from tests.support.outward import Outward


@pytest.fixture
async def received() -> AsyncIterator[Receiver]:
    """The receiver of Alertmanager's notifications."""
    async with receiver() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, received: Receiver) -> Iterator[AlertmanagerServer]:
    """An Alertmanager that notifies the receiver at once."""
    with AlertmanagerServer(tmp_path, settings(tmp_path, received)) as made:
        yield made


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Outward]:
    """A pipeline with rules in force, on the machine's clock."""
    with Outward(tmp_path / "journal.db") as made:
        yield made
