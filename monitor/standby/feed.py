"""The primary's side: answers the standby, and notices when it no longer fetches."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from types import TracebackType
from typing import Self

import msgspec

from monitor.accounts import accounts_path
from monitor.accounts.accounts_copy import content_of
from monitor.config import Config
from monitor.config.standby import Standby
from monitor.core.events.monitor import MonitorStandbyAway, MonitorStandbyBack
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Changes, ChangesReader, CopyRefused
from monitor.journal.photos import LARGEST_PHOTO
from monitor.runtime.version import program_version
from monitor.standby.copy_request import CopyRequest, PhotosPart, PhotosRequest, key_digests

SILENT_AFTER = 30.0
"""Seconds after which a standby that has not fetched everything is reported; judgement."""
LARGEST_ANSWER = LARGEST_PHOTO
"""Bytes of the photos in one answer: at least one of any size."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
CHECK_EVERY = 1.0
"""Seconds between two checks."""


class StandbyFeed(AbstractContextManager["StandbyFeed"]):
    """What the primary knows of its standby.

    Args:
        config: the deployment.
        settings: its ``[standby]``.
        pipeline: has the journal, and records when the standby is silent.
        now: seconds on a clock that is never set.

    Raises:
        JournalError: the journal can't be opened.

    """

    def __init__(
        self,
        config: Config,
        settings: Standby,
        pipeline: Pipeline,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self.token = settings.token.reveal()
        """What a standby has to present."""
        self._pipeline = pipeline
        self._now = now
        self._reader = ChangesReader(pipeline.journal.path)
        self._is_reading = asyncio.Lock()
        self._fetched_at = now()
        self._copied_seq: int | None = None
        self._refusal = ""
        self._is_away: bool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.__exit__(kind, error, trace)

    @property
    def age(self) -> float:
        """Seconds since the standby last fetched all that it lacked, or since the start."""
        return self._now() - self._fetched_at

    @property
    def lag(self) -> int:
        """Inputs that the copy does not have, as far as is known; all of them if it has not fetched since the start."""
        return self._pipeline.journal.seq - (self._copied_seq or 0)

    @property
    def trouble(self) -> str:
        """Why the copy falls behind; empty if it does not."""
        if self.age < SILENT_AFTER:
            return ""
        silent = f"no standby has had the whole journal for {self.age:.0f} s"
        return f"{silent}: {self._refusal}" if self._refusal else silent

    async def answer(self, body: bytes) -> bytes:
        """Return the next changes for a request.

        Raises:
            CopyRefused: the copy can't be continued until a person corrects something.
            JournalError: the journal can't be read.
            msgspec.MsgspecError: this is not a request.

        """
        async with self._is_reading:
            try:
                packed, request, changes = await asyncio.to_thread(self._read, body)
            except CopyRefused as error:
                self._refusal = str(error)
                raise
        # The copy has what it asked from; what it is sent now it may yet fail to write.
        self._copied_seq = request.position.seq
        if changes.seq == request.position.seq:
            self._copied_seq = changes.last_seq
        self._refusal = ""
        if changes.is_complete:
            self._fetched_at = self._now()
        return packed

    async def accounts(self, digest: bytes) -> bytes:
        """Return the accounts as of now; nothing if a standby has the same, as the digest of its file says.

        Raises:
            AccountsUnusable: they can't be read.

        """
        path = accounts_path(self._pipeline.journal.path)
        content = await asyncio.to_thread(content_of, path)
        return b"" if sha256(content).digest() == digest else content

    async def photos(self, body: bytes) -> bytes:
        """Return photos that a standby lacks, as many as go into one answer.

        Raises:
            JournalError: they can't be read.
            msgspec.MsgspecError: this is not a request.

        """
        request = msgspec.msgpack.decode(body, type=PhotosRequest)
        return await asyncio.to_thread(self._read_photos, request.lacking)

    def _read_photos(self, lacking: Sequence[str]) -> bytes:
        photos, found, room = self._pipeline.journal.photos, {}, LARGEST_ANSWER
        for digest in lacking:
            content = photos.read(digest) if _DIGEST.fullmatch(digest) else None
            if content is not None and len(content) <= room:
                found[digest] = content
                room -= len(content)
        return msgspec.msgpack.encode(PhotosPart(photos=found))

    async def run(self) -> None:
        """Check that the standby fetches, until cancelled."""
        while True:
            self.check()
            await asyncio.sleep(CHECK_EVERY)

    def check(self) -> None:
        """Report a standby that no longer fetches, or fetches again."""
        now, trouble = self._pipeline.clock.now(), self.trouble
        if trouble and self._is_away is not True:
            self._is_away = True
            self._pipeline.notice(MonitorStandbyAway(at=now, standby="standby", reason=trouble))
        elif not trouble and self._copied_seq is not None and self._is_away is not False:
            self._is_away = False
            self._pipeline.notice(MonitorStandbyBack(at=now, standby="standby"))
        metrics = self._pipeline.metrics
        metrics.standby.lag.set(self.lag)
        metrics.standby.age.set(self.age)

    def _read(self, body: bytes) -> tuple[bytes, CopyRequest, Changes]:
        request = msgspec.msgpack.decode(body, type=CopyRequest)
        if request.program != program_version():
            raise CopyRefused(
                f"the standby runs version {request.program or 'unknown'}, the primary {program_version()};"
                " install the same one on both machines"
            )
        own = key_digests(self._config, self.token)
        for setting, key in request.keys.items():
            if key != own.get(setting):
                raise CopyRefused(
                    f"{setting}: the file differs from the primary's; copy it from there to the standby"
                )
        changes = self._reader.changes(request.position)
        return msgspec.msgpack.encode(changes), request, changes
