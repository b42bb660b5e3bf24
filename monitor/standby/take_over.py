"""The take-over: ends the copying, names what is lost, and marks what may have been sent already."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from msgspec import Struct

from monitor.config import Config
from monitor.config.standby import Standby
from monitor.core.events.monitor import MonitorTookOver
from monitor.core.inputs import Notice
from monitor.core.transitions import PageOrdered
from monitor.errors import JournalError, JournalLoss, MonitorError
from monitor.ingest.pipeline import Pipeline
from monitor.journal import CopyMark, Journal
from monitor.journal.database import take_lock
from monitor.standby.primary import Primary
from monitor.standby.status import read_status

log = structlog.get_logger()

KILL_AFTER = 5.0
"""Seconds after which a standby's process that hangs is killed."""
ENDS_WITHIN = 15.0
"""Seconds after which the take-over is given up."""
REPEATS_FOR = timedelta(minutes=1)
"""After a take-over, pages about what was before it count as repeats for this long: the primary may have sent them.
Judgement: what the broker sends again, and what was due in the meantime, comes in the first seconds."""


class PrimaryAlive(MonitorError):
    """The primary may be running: two monitors would share the messages."""


class TakeOver(Struct, frozen=True, kw_only=True):
    """What is known about the primary at a take-over."""

    primary: str
    """The address from which the journal was copied."""
    primary_seq: int
    """The latest input that the primary is known to have had."""
    copied_at: datetime | None
    """When the copy last lacked nothing."""
    is_forced: bool
    """The primary was not found to be gone."""


async def prepare(
    config: Config, settings: Standby, primary: Primary, now: datetime, *, force: bool
) -> TakeOver | None:
    """Make sure that the primary is gone, and end the copying; ``None`` if the copy was taken over before.

    It is a journal of its own by then: what looks like the primary is the monitor that was started from it.

    Args:
        config: the deployment.
        settings: its ``[standby]``.
        primary: the primary.
        now: the present time.
        force: take over although the primary may be running.

    Raises:
        JournalError: there is no copy, or the copying process doesn't end.
        PrimaryAlive: the primary may be running.

    """
    path = config.journal.path
    if not path.exists():
        raise JournalError(f"{path}: there is no copy; start `venue-monitor standby` first")
    if _is_own(path):
        return None
    why = await primary.why_alive(now)
    if why and not force:
        raise PrimaryAlive(
            f"the primary may be running: {why}. Stop it first; if you know that it is gone, add --force"
        )
    if why:
        log.warning("take_over_forced", reason=why)
    await _end_copying(path)
    status = read_status(path)
    seqs = [
        0 if status is None else status.primary_seq,
        0 if primary.heartbeat is None else primary.heartbeat.seq,
    ]
    return TakeOver(
        primary=settings.url,
        primary_seq=max(seqs),
        copied_at=None if status is None else status.copied_at,
        is_forced=bool(why),
    )


def check_copy(journal: Journal, take_over: TakeOver | None) -> Journal:
    """Return the journal, unless it is a copy that was not taken over, or can't be.

    Raises:
        JournalError: with what to do instead.

    """
    mark = journal.copy_mark
    if mark is CopyMark.UNFINISHED:
        raise JournalError(
            f"{journal.path}: this copy of another monitor's journal was never complete, so no monitor can start from"
            " it; use the journal itself or a backup"
        )
    if mark is CopyMark.FINISHED and take_over is None:
        raise JournalError(
            f"{journal.path}: this is a copy of another monitor's journal; when that monitor is gone, take over with"
            " `venue-monitor run --take-over`"
        )
    return journal


def complete(take_over: TakeOver, pipeline: Pipeline) -> None:
    """Turn the copy into the monitor's own journal: the loss is named in it, and pages under way become repeats.

    A monitor that has taken over before is started like any other.

    Raises:
        JournalError: it can't be written.

    """
    journal, now = pipeline.journal, pipeline.clock.now()
    if journal.copy_mark is CopyMark.NONE:
        log.info("taken_over_before", seq=journal.seq)
        return
    copied_at = take_over.copied_at or pipeline.engine.state.time.now
    loss = MonitorTookOver(
        at=now,
        primary=take_over.primary,
        seq=journal.seq if journal.loss is None else journal.loss.ends,
        primary_seq=take_over.primary_seq,
        copied_s=round(max(0.0, (now - copied_at).total_seconds()), 1),
        is_forced=take_over.is_forced,
    )
    log.warning(
        "taken_over", seq=loss.seq, primary_seq=loss.primary_seq, copied_seconds=loss.copied_s
    )
    if loss.primary_seq > journal.seq:
        journal.accept(
            JournalLoss(
                journal.path, ends=journal.seq, was=loss.primary_seq, reason="so the primary"
            )
        )
    # Named first: if the machine fails in between, the next take-over names it again.
    pipeline.notice(loss)
    journal.take_over(now)


def may_have_been_sent(journal: Journal, now: datetime) -> Callable[[PageOrdered], bool]:
    """Return whether a page is one that the primary may have sent, without having it in the copy.

    Such a page is about what was before the take-over, and is ordered soon after it.

    Args:
        journal: the journal.
        now: the present time.

    Raises:
        JournalError: the journal can't be read.

    """
    recent = journal.inputs(journal.seq_before(now - REPEATS_FOR))
    times = [
        given.event.at
        for _, given in recent
        if isinstance(given, Notice) and isinstance(given.event, MonitorTookOver)
    ]
    if not times:
        return lambda _: False
    at = times[-1]
    return lambda page: (
        page.at <= at + REPEATS_FOR and all(alert.last_at < at for alert in page.alerts)
    )


def _is_own(path: Path) -> bool:
    """Return whether a file is a journal of its own; one that can't be read now is not known to be."""
    with suppress(JournalError), Journal(path, read_only=True) as journal:
        return journal.copy_mark is CopyMark.NONE
    return False


async def _end_copying(path: Path) -> None:
    """End the standby's process, if it is running on this machine; a copy is whole at any time.

    Raises:
        JournalError: the copy is still locked after some seconds.

    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            take_lock(path).close()
        except JournalError:
            elapsed = loop.time() - began
            if elapsed > ENDS_WITHIN:
                raise
            status = read_status(path)
            if status is not None and _is_standby(status.pid):
                with suppress(ProcessLookupError):
                    os.kill(status.pid, signal.SIGTERM if elapsed < KILL_AFTER else signal.SIGKILL)
            await asyncio.sleep(0.1)
        else:
            return


def _is_standby(pid: int) -> bool:
    """Return whether a process copies; the number in the file of one that was killed may be another's by now."""
    try:
        return pid > 0 and b"standby" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
