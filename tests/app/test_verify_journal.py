"""The journal is verified automatically, some rows at a time, while it is written."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from monitor.app.verify_journal import verify_daily
from monitor.journal import Maintenance, verify_in_slices
from monitor.journal.verify import SLICE
from tests.support.journal import change, opened
from tests.support.pipeline import START, PipelineHarness, event_payload
from tests.support.servers import eventually

SOON = timedelta(0)


async def test_damage_is_an_alert(tmp_path: Path) -> None:
    """A letter changed in an old input is found by the next verification; nothing is reported before."""
    with PipelineHarness(tmp_path / "j.db") as line:
        line.take(
            line.sent("venue/centre/door/d1", event_payload("door.opened", START, point="d1"))
        )
        found = [row for part in verify_in_slices(line.journal.path) for row in part]
        assert found == []
        change(line.journal.path, "UPDATE input SET topic = 'venue/centre/door/d2' WHERE seq = 2")
        task = asyncio.create_task(verify_daily(line.pipeline, first_after=SOON, pause=SOON))
        await eventually(lambda: line.open_alerts().get("journal-damaged") == "j.db active")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_retention_and_writing_go_on_between_the_slices(tmp_path: Path) -> None:
    """Rows that are removed or added meanwhile are neither reported as damage nor skipped."""
    with PipelineHarness(tmp_path / "j.db") as line:
        journal = line.journal
        journal.commit([opened(n, START + timedelta(seconds=n)) for n in range(2 * SLICE)], b"{}")
        slices, found = verify_in_slices(journal.path), []
        for _ in range(3):
            found += next(slices)
        with Maintenance(journal.path) as maintenance:
            assert maintenance.prune(START + timedelta(seconds=SLICE + 100))
        journal.commit([opened(n) for n in range(3 * SLICE, 4 * SLICE)])
        found += [row for part in slices for row in part]
        assert found == []
