"""The standby's side: fetches what the copy lacks, and writes it, every second."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Self

import msgspec
import structlog
from msgspec.structs import replace

from monitor.accounts import accounts_path
from monitor.accounts.accounts_copy import digest_of, write_copy
from monitor.config import Config
from monitor.config.standby import Standby
from monitor.errors import AccountsUnusable, SinkRefused, SinkUnavailable
from monitor.journal import Changes, JournalCopy
from monitor.journal.photos import Photos, photos_path
from monitor.runtime.http import HttpClient
from monitor.runtime.version import program_version
from monitor.standby.copy_request import (
    ACCOUNTS_PATH,
    PATH,
    PHOTOS_PATH,
    CopyRequest,
    PhotosPart,
    PhotosRequest,
    key_digests,
)
from monitor.standby.status import StandbyStatus, read_status, write_status

log = structlog.get_logger()

REST_EVERY = 10.0
"""Seconds between two looks at accounts and photos: what came in the last of them is missing after a take-over."""
ASKED = 500
"""Photos that are asked for at once."""


class CopyLoop:
    """Copies the primary's journal; a primary that can't be reached is tried again and again.

    Args:
        config: the deployment.
        settings: its ``[standby]``.
        copy: the copy.
        now: the machine's clock.

    """

    def __init__(
        self, config: Config, settings: Standby, copy: JournalCopy, now: Callable[[], datetime]
    ) -> None:
        self._config = config
        self._settings = settings
        self._copy = copy
        self._now = now
        self._client = HttpClient("the primary", settings.timeout, ca_file=settings.ca_file)
        self._photos = Photos(photos_path(copy.path))
        self._rest_due = 0.0
        """When accounts and photos are fetched again, by `time.monotonic`."""
        before = read_status(copy.path)
        self.status = StandbyStatus(
            pid=os.getpid(),
            primary=settings.url,
            seq=copy.position().seq,
            primary_seq=0 if before is None else before.primary_seq,
            copied_at=None if before is None else before.copied_at,
            trouble="not yet connected",
        )

    async def __aenter__(self) -> Self:
        write_status(self._copy.path, self.status)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        write_status(self._copy.path, replace(self.status, pid=0, trouble="not running"))

    async def run(self) -> None:
        """Copy, until cancelled.

        Raises:
            JournalError: the copy can't be written.

        """
        while True:
            await self.fetch()
            await asyncio.sleep(self._settings.every.total_seconds())

    async def fetch(self) -> None:
        """Copy until nothing is lacking, or the primary fails.

        Raises:
            JournalError: the copy can't be written.

        """
        is_complete, trouble = False, ""
        while not is_complete and not trouble:
            try:
                changes = await self._ask()
            except (SinkUnavailable, SinkRefused) as error:
                trouble = str(error)
            else:
                self._copy.apply(changes)
                is_complete = changes.is_complete
                self.status = replace(
                    self.status,
                    seq=changes.seq,
                    primary_seq=changes.last_seq,
                    copied_at=self._now() if is_complete else self.status.copied_at,
                )
        if not trouble and time.monotonic() >= self._rest_due:
            trouble = await self._fetch_accounts() or await self._fetch_photos()
            if not trouble:
                self._rest_due = time.monotonic() + REST_EVERY
        if trouble != self.status.trouble:
            seq = self.status.seq
            if trouble:
                log.error("copying_interrupted", reason=trouble, seq=seq)
            else:
                log.info("copying", primary=self.status.primary, seq=seq)
        self.status = replace(self.status, trouble=trouble)
        write_status(self._copy.path, self.status)

    async def _fetch_accounts(self) -> str:
        """Copy the accounts, if they have changed; return why it failed."""
        path = accounts_path(self._copy.path)
        try:
            content = await self._post(ACCOUNTS_PATH, digest_of(path))
            if content:
                write_copy(path, content)
        except (SinkUnavailable, SinkRefused, AccountsUnusable) as error:
            return f"accounts: {error}"
        return ""

    async def _fetch_photos(self) -> str:
        """Copy the photos that the copy names, and remove the others; return why it failed."""
        named = self._copy.named_photos()
        kept = await asyncio.to_thread(self._photos.digests)
        lacking = sorted(named - kept)
        try:
            for start in range(0, len(lacking), ASKED):
                await self._fetch_some(set(lacking[start : start + ASKED]))
        except (SinkUnavailable, SinkRefused) as error:
            return f"photos: {error}"
        await asyncio.to_thread(self._photos.remove, kept - named)
        return ""

    async def _fetch_some(self, lacking: set[str]) -> None:
        """Copy some photos, in as many answers as they take; those that the primary lacks, too, follow later."""
        while lacking:
            request = PhotosRequest(lacking=tuple(sorted(lacking)))
            packed = await self._post(PHOTOS_PATH, msgspec.msgpack.encode(request))
            try:
                part = msgspec.msgpack.decode(packed, type=PhotosPart)
            except msgspec.MsgspecError as error:
                raise SinkUnavailable(f"the primary: its answer can't be read: {error}") from error
            for digest, content in part.photos.items():
                if digest in lacking and sha256(content).hexdigest() == digest:
                    await asyncio.to_thread(self._photos.keep, digest, content)
            if not lacking & part.photos.keys():
                return
            lacking -= part.photos.keys()

    async def _ask(self) -> Changes:
        token = self._settings.token.reveal()
        request = CopyRequest(
            program=program_version(),
            keys=key_digests(self._config, token),
            position=self._copy.position(),
        )
        packed = await self._post(PATH, msgspec.msgpack.encode(request))
        try:
            return msgspec.msgpack.decode(packed, type=Changes)
        except msgspec.MsgspecError as error:
            raise SinkUnavailable(f"the primary: its answer can't be read: {error}") from error

    async def _post(self, path: str, body: bytes) -> bytes:
        return await self._client.ask(
            "POST",
            self._settings.url.rstrip("/") + path,
            body,
            {
                "Authorization": f"Bearer {self._settings.token.reveal()}",
                "Content-Type": "application/octet-stream",
            },
        )
