"""Opens the journal with the engine that it holds, and maintains it while the monitor runs."""

import asyncio
import time
from datetime import timedelta

import structlog

from monitor.config import Config
from monitor.core.engine.engine import Engine
from monitor.ingest.recovery import recover
from monitor.journal import Journal, Maintenance
from monitor.runtime.clock import Clock, ScaledClock

log = structlog.get_logger()

CHECKPOINT_EVERY = 1.0
PRUNE_EVERY = 3600.0
PRUNE_PAUSE = 0.05
"""Seconds between two transactions that remove entries, so that the pipeline can write in between."""


def recover_engine(config: Config, journal: Journal, clock: Clock) -> Engine:
    """Return the engine as it was after the last input in the journal; a clock for demonstrations continues there.

    Raises:
        JournalError: an input can't be read.

    """
    began = time.perf_counter()
    # On a faster clock, the delays of the network are longer by as much.
    engine, replayed = recover(
        journal,
        lateness=config.time.lateness * clock.speed,
        tolerance=config.time.tolerance * clock.speed,
    )
    if isinstance(clock, ScaledClock):
        clock.continue_from(engine.state.time.now)
    seconds = round(time.perf_counter() - began, 3)
    log.info("recovered", seq=journal.seq, replayed=replayed, seconds=seconds)
    return engine


async def maintain(journal: Journal, retention: timedelta, clock: Clock) -> None:
    """Checkpoint the write-ahead log and remove what is older than the retention, photos too, until cancelled."""
    prune_at = time.monotonic()
    photos = journal.photos
    with Maintenance(journal.path) as maintenance:
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            await asyncio.to_thread(maintenance.checkpoint)
            if time.monotonic() >= prune_at:
                prune_at += PRUNE_EVERY
                removed = 0
                while some := await asyncio.to_thread(maintenance.prune, clock.now() - retention):
                    removed += some
                    await asyncio.sleep(PRUNE_PAUSE)
                if removed:
                    log.info("journal_pruned", inputs=removed)
                # In this order: a photo that comes meanwhile is not among those that are looked at.
                kept = await asyncio.to_thread(photos.digests)
                unnamed = kept - journal.work_events.named_photos()
                if gone := await asyncio.to_thread(photos.remove, unnamed):
                    log.info("photos_removed", photos=gone)
