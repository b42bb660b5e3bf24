"""Watches the photos of inspections: how much room they take, and which of them never came."""

import asyncio
from collections import Counter
from datetime import timedelta

import structlog

from monitor.core.events.monitor_photos import MonitorPhotosFull, MonitorPhotosMissing
from monitor.errors import JournalError
from monitor.ingest.line import Line
from monitor.journal.photos import Photos

log = structlog.get_logger()

EVERY = timedelta(hours=1)
ALERT_AT = 80
"""Percent of the room from which on it is an alert; judgement: time enough to make more."""
MISSING_AFTER = timedelta(hours=24)
"""How long photos may follow their form; judgement: a phone is back in the network within a shift and a night."""
LOOKED_BACK = timedelta(days=3)
"""For how long it is noticed, so that a monitor that stood still for a weekend notices it, too."""
SOURCE = "photos"


async def watch_photos(
    pipeline: Line, photos: Photos, budget: int, every: timedelta = EVERY
) -> None:
    """Look at the photos again and again, until cancelled."""
    while True:
        try:
            size = await asyncio.to_thread(photos.size)
            look(pipeline, photos, size, budget)
        except JournalError as error:
            log.warning("photos_not_looked_at", reason=str(error))
        await asyncio.sleep(every.total_seconds())


def look(pipeline: Line, photos: Photos, size: int, budget: int) -> None:
    """Notice that the room runs out, once a day, and each visit whose photos have not come, once."""
    now = pipeline.clock.now()
    percent = round(100 * size / budget, 1)
    if percent >= ALERT_AT:
        full = MonitorPhotosFull(
            at=now, id=f"{now:%Y-%m-%d}", path=photos.folder.name, percent=percent
        )
        pipeline.notice_once(full, SOURCE)
    named = pipeline.journal.work_events.named_between(now - LOOKED_BACK, now - MISSING_AFTER)
    lacking = {row.sha256: (row.checklist, row.inspection) for row in named}
    lacking = {own: visit for own, visit in lacking.items() if not photos.has(own)}
    for (checklist, inspection), count in Counter(lacking.values()).items():
        missing = MonitorPhotosMissing(
            at=now, id=inspection, checklist=checklist, inspection=inspection, photos=count
        )
        pipeline.notice_once(missing, SOURCE)
