"""What guards refuse is counted and logged with account, route and right; many refusals are an alert."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from monitor.app.rights_watch import BURST, WINDOW
from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.pipeline import PipelineHarness


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline."""
    with console_line(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with someone who may only look."""
    async with console_site(tmp_path, line) as made:
        await made.add("linh", "viewer")
        yield made


def alerts(site: ConsoleSite) -> list[str]:
    """Return what the open alerts about refusals are about."""
    opened = site.line.engine.state.alerts.open.values()
    return [row.key for row in opened if row.rule == "acts-refused"]


async def test_each_refusal_is_counted_and_logged(site: ConsoleSite) -> None:
    """Who, where, and what right was missing; nothing that a form said."""
    alert = site.happens()
    async with site.client("linh") as client:
        with capture_logs() as logs:
            await client.post(f"/alerts/{alert.id}/close", data={"key": "k", "note": "secret"})

    (entry,) = [row for row in logs if row["event"] == "act_refused"]
    assert (entry["account"], entry["right"]) == ("linh", "close")
    assert entry["route"].startswith("POST /alerts/{own")
    assert "secret" not in str(entry)
    counter = site.line.metrics.acts_refused.labels("close")
    assert counter._value.get() == 1  # noqa: SLF001 - as the library offers no other way
    assert alerts(site) == []


async def test_many_within_a_minute_are_an_alert(site: ConsoleSite) -> None:
    """One alert for each account, and none for a person who errs now and then."""
    alert = site.happens()
    async with site.client("linh") as client:
        for _ in range(BURST):
            site.line.clock.time += WINDOW / (BURST - 2)
            await client.post(f"/alerts/{alert.id}/close", data={"key": "k"})
        slow = alerts(site)
        for _ in range(BURST):
            site.line.clock.time += timedelta(seconds=1)
            await client.post(f"/alerts/{alert.id}/close", data={"key": "k"})

    assert slow == []
    assert alerts(site) == ["linh"]
