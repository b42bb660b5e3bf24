"""The index of inspections, actions and photos."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.events.inspection import InspectionAmended
from monitor.journal import Journal
from monitor.journal.maintenance import Maintenance
from tests.support.pipeline import PipelineHarness, event_payload

PHOTO, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline in which a door was found chained, the form corrected, and the work done."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        failed = {"item": "exits-free", "result": "fail", "evidence": [photo(PHOTO)]}
        sends(made, "inspection.item", **failed)
        made.wait(3600)
        sends(made, "inspection.submitted", items=[failed | {"evidence": [photo(OTHER)]}])
        sends(made, "inspection.amended", revision=2, items=[failed | {"note": "chained"}])
        made.take(
            made.sent(
                "venue/centre/action/a1",
                event_payload("action.done", made.clock.time, action="a1", who="ann"),
            )
        )
        yield made


def photo(digest: str) -> dict[str, str]:
    """Return how an answer names a photo."""
    return {"sha256": digest, "media_type": "image/jpeg"}


def sends(line: PipelineHarness, kind: str, **fields: object) -> None:
    """Send an event of one visit."""
    payload = event_payload(kind, line.clock.time, checklist="check", inspection="v1", **fields)
    line.take(line.sent("venue/centre/inspection/check", payload))


def found(journal: Journal) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Return what the index has of the visit, of the action, and of the checklist's photos."""
    index = journal.work_events
    return (
        [type(row.event).__name__ for row in index.of("v1")],
        [type(row.event).__name__ for row in index.of("a1")],
        [(row.sha256, row.item) for row in index.photos_of("check")],
    )


EVERYTHING = (
    ["InspectionItem", "InspectionSubmitted", "InspectionAmended"],
    ["ActionDone"],
    [(PHOTO, "exits-free"), (OTHER, "exits-free"), (PHOTO, "exits-free")],
)


def test_what_belongs_to_a_visit_is_found(line: PipelineHarness) -> None:
    """Its events in order, its latest form, and what names a photo, and when."""
    index = line.journal.work_events
    assert found(line.journal) == EVERYTHING
    assert [type(row.event).__name__ for row in index.latest("check", 2)] == EVERYTHING[0][:0:-1]
    assert len(index.since(line.clock.time - timedelta(minutes=1))) == 2
    latest = index.latest_form("v1")
    assert latest is not None
    assert isinstance(latest.event, InspectionAmended)
    assert [row.item for row in index.naming(OTHER)] == ["exits-free"]
    assert index.named_photos() == {PHOTO, OTHER}
    now = line.clock.time
    assert {row.sha256 for row in index.named_between(now - timedelta(minutes=1), now)} == {
        *(PHOTO, OTHER)
    }


def test_a_journal_of_version_8_gets_its_index(line: PipelineHarness) -> None:
    """What came in before the upgrade is found after it."""
    path = line.journal.path
    line.journal.close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE work_event; DROP TABLE evidence; PRAGMA user_version = 8;")
    with Journal(path) as upgraded:
        assert found(upgraded) == EVERYTHING


def test_retention_forgets_with_the_inputs(line: PipelineHarness) -> None:
    """What names a photo goes with its input."""
    line.pipeline.snapshot()
    line.wait(60)
    line.pipeline.snapshot()
    with Maintenance(line.journal.path) as maintenance:
        while maintenance.prune(line.clock.time - timedelta(minutes=30)):
            pass
    assert [row.item for row in line.journal.work_events.naming(PHOTO)] == ["exits-free"]
    assert len(line.journal.work_events.of("v1")) == 2
