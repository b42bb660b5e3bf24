"""Photos that fill their room, and photos that never come, are alerts."""

from hashlib import sha256
from pathlib import Path

from monitor.app.watch_photos import look
from monitor.journal.photos import Photos
from tests.support.jpeg import jpeg
from tests.support.pipeline import PipelineHarness, event_payload

KEPT = jpeg()


def test_photos_that_never_came_are_an_alert_once(tmp_path: Path) -> None:
    """A day after the form, once for each visit, and only for what is not there."""
    photos = Photos(tmp_path / "photos")
    digest = sha256(KEPT).hexdigest()
    with PipelineHarness(tmp_path / "journal.db") as line:
        for visit, digests in (("v1", [digest, "a" * 64, "b" * 64]), ("v2", [digest])):
            item = {
                "item": "exits-free",
                "result": "pass",
                "evidence": [{"sha256": own, "media_type": "image/jpeg"} for own in digests],
            }
            fields = {"checklist": "check", "inspection": visit, "items": [item]}
            payload = event_payload("inspection.submitted", line.clock.time, **fields)
            line.take(line.sent("venue/centre/inspection/check", payload))
        photos.keep(digest, KEPT)
        line.wait(23 * 3600)
        look(line.pipeline, photos, 0, 1)
        assert "photos-missing" not in line.open_alerts()
        line.wait(2 * 3600)
        for _ in range(2):
            look(line.pipeline, photos, 0, 1)
            line.wait(3)
        assert line.open_alerts()["photos-missing"].startswith("check / v1")
        (alert,) = (row for row in line.journal.alerts() if row.rule == "photos-missing")
        assert alert.occurrences == 1


def test_the_room_for_photos_runs_out(tmp_path: Path) -> None:
    """At 80 percent, once a day."""
    photos = Photos(tmp_path / "photos")
    with PipelineHarness(tmp_path / "journal.db") as line:
        look(line.pipeline, photos, 79, 100)
        assert "photos-full" not in line.open_alerts()
        for hours in (1, 24, 1):
            look(line.pipeline, photos, 80, 100)
            line.wait(hours * 3600)
        (alert,) = (row for row in line.journal.alerts() if row.rule == "photos-full")
        assert alert.occurrences == 2
