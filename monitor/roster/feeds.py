"""Periodic reading of calendars; the last good copy of each is kept, so an unreachable feed changes no shift."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import aiohttp
import structlog

from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import Trouble
from monitor.errors import WordedError
from monitor.roster.bounded import check_in_process
from monitor.roster.calendar import CalendarError
from monitor.roster.file import CalendarTable

log = structlog.get_logger()

LARGEST = 5_000_000
"""Bytes of a calendar; a year of shifts takes a hundredth of it."""
PATIENCE = aiohttp.ClientTimeout(total=30)
RETRY_AFTER = timedelta(minutes=1)
"""When a calendar that could not be read is tried again; judgement."""


class FeedError(WordedError):
    """A calendar can't be read; ``why`` gives the reason and never the address, which may be a secret."""


class Feeds:
    """The calendars of a roster.

    Args:
        folder: where the copies are kept.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failed: dict[str, Phrase | str] = {}
        """The reason why the latest attempt failed, by calendar."""
        self._tried: dict[str, datetime] = {}

    @classmethod
    def beside(cls, journal: Path) -> Self:
        """Return the calendars whose copies are kept beside the journal."""
        return cls(journal.parent / "calendars")

    def texts(self, calendars: Iterable[CalendarTable]) -> Mapping[str, str]:
        """Return the last good copy of each calendar that has one."""
        found: dict[str, str] = {}
        for row in calendars:
            text = _copied(self._copy(row))
            if text is not None:
                found[row.id] = text
        return found

    def again(self) -> None:
        """Make every calendar due, whenever it was last read."""
        self._tried.clear()

    def unread(self, calendars: Iterable[CalendarTable]) -> list[CalendarTable]:
        """Return the calendars whose content is still unknown: no copy, and no failed attempt."""
        return [
            row for row in calendars if row.id not in self.failed and not self._copy(row).is_file()
        ]

    def troubles(self, calendars: Iterable[CalendarTable], now: datetime) -> list[Trouble]:
        """Return the calendars that can't be read, and the copies that are too old to be trusted."""
        found: list[Trouble] = []
        for row in calendars:
            if reason := self.failed.get(row.id):
                found.append(Trouble(kind="calendar", subject=row.id, reason=reason))
            read_at = self._read_at(row)
            if read_at is None:
                stale = phrase("calendar-never-read")
            elif now - read_at > row.stale_after:
                stale = phrase("calendar-last-read", read_at=read_at)
            else:
                continue
            if read_at is not None or row.id in self.failed:
                found.append(Trouble(kind="stale", subject=row.id, reason=stale))
        return found

    async def refresh(self, calendars: Iterable[CalendarTable], now: datetime) -> bool:
        """Read the calendars that are due; return whether anything changed."""
        due = [row for row in calendars if self._is_due(row, now)]
        return any(await asyncio.gather(*(self._read(row, now) for row in due)))

    def _is_due(self, row: CalendarTable, now: datetime) -> bool:
        tried = self._tried.get(row.id)
        every = min(row.every, RETRY_AFTER) if row.id in self.failed else row.every
        return tried is None or not tried <= now < tried + every

    async def _read(self, row: CalendarTable, now: datetime) -> bool:
        self._tried[row.id] = now
        before = self.failed.get(row.id)
        path = self._copy(row)
        try:
            text = await _text_of(row)
            await check_in_process(text, now)
            was = await asyncio.to_thread(_copied, path)
            await asyncio.to_thread(_write, path, text, now)
        except (FeedError, CalendarError) as error:
            self.failed[row.id] = error.why
            if before != error.why:
                log.warning("calendar_unreadable", calendar=row.id, reason=str(error))
            return before != error.why
        self.failed.pop(row.id, None)
        return before is not None or was != text

    def _copy(self, row: CalendarTable) -> Path:
        return self.folder / f"{row.id}.ics"

    def _read_at(self, row: CalendarTable) -> datetime | None:
        """Return when the copy was read, which is stored as its modification time."""
        path = self._copy(row)
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else None


async def _text_of(row: CalendarTable) -> str:
    """Return the present text of a calendar.

    Raises:
        FeedError: it can't be read or fetched.

    """
    try:
        if row.file is not None:
            body = await asyncio.to_thread(_read_file, row.file)
        else:
            address = row.url or row.url_file
            body = await _fetched("" if address is None else address.reveal())
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FeedError(phrase("calendar-not-utf8")) from error
    except TimeoutError as error:  # before OSError, of which it is a subclass
        raise FeedError(phrase("calendar-no-answer", within=30)) from error
    except OSError as error:
        raise FeedError(
            phrase("calendar-not-read", error=error.strerror or type(error).__name__)
        ) from error
    except (aiohttp.ClientError, ValueError) as error:
        raise FeedError(phrase("calendar-not-fetched", error=type(error).__name__)) from error


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return _within_limit(file.read(LARGEST + 1))


def _within_limit(body: bytes) -> bytes:
    if len(body) > LARGEST:
        raise FeedError(phrase("calendar-too-large", most=LARGEST))
    return body


async def _fetched(address: str) -> bytes:
    url = address.replace("webcal://", "https://", 1)
    async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(url) as answer:
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise FeedError(phrase("calendar-status", status=answer.status))
        body = await answer.content.read(LARGEST + 1)
        while len(body) <= LARGEST and (more := await answer.content.read(LARGEST)):
            body += more
    return _within_limit(body)


def _copied(path: Path) -> str | None:
    """Return the text of a copy; ``None`` if it can't be read or is damaged."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, text: str, now: datetime) -> None:
    """Replace a copy atomically; its modification time is when it was read."""
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, encoding="utf-8")
        os.utime(new, (now.timestamp(), now.timestamp()))
        new.replace(path)
    except OSError as error:
        raise FeedError(
            phrase(
                "calendar-copy-not-written",
                folder=path.parent.name,
                error=error.strerror or type(error).__name__,
            )
        ) from error
