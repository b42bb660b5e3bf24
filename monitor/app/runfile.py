"""The run file, beside the journal: the addresses of the monitor and its broker, and its signs of life."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from monitor.config import Broker, Config
from monitor.errors import BrokerUnavailable, ConfigError, JournalError
from monitor.mqtt import BrokerAddress, Tls
from monitor.venue import load as load_venue

SIGN_EVERY = 0.25
"""Seconds between two signs of life."""
SILENT_AFTER = 10.0
"""Seconds without a sign of life after which the monitor counts as stuck; a busy machine delays some."""


class Lag(Struct, frozen=True, kw_only=True):
    """Why a running monitor doesn't know the present."""

    since: datetime
    reason: str
    """What is so since then: ``the monitor has not been running``."""


class RunFile(Struct, frozen=True, kw_only=True):
    """The addresses of the monitor, and what it says about itself."""

    pid: int = 0
    """0 once the monitor has stopped."""
    broker_host: str = "127.0.0.1"
    broker_port: int
    http_port: int
    congress: str
    """The id in force; the venue file may have a mistake at present."""
    lag: Lag | None = None
    """``None``: it knows the present."""
    clock: str = ""
    """The clock for demonstrations, as for ``--clock``, with its real start; empty: the clock of the machine."""


class RunFileLoop:
    """The run file of a monitor: written when it starts, renewed while it runs, and marked when it stops.

    The time of the latest sign of life is the file's time of modification, which outlives a kill.

    Args:
        journal: the journal that the monitor writes.
        running: the addresses.
        lag: returns why the monitor doesn't know the present, if it doesn't.

    Raises:
        JournalError: the file can't be written at the start.

    """

    def __init__(self, journal: Path, running: RunFile, lag: Callable[[], Lag | None]) -> None:
        self._path = _path(journal)
        self._running = msgspec.structs.replace(running, pid=os.getpid(), lag=lag())
        self._lag = lag

    def __enter__(self) -> Self:
        try:
            self._write()
        except OSError as error:
            raise JournalError(f"{self._path}: {error.strerror}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._running = msgspec.structs.replace(self._running, pid=0)
        # On a full disk the old file stays: its process is gone, and its time is that of the latest sign.
        with suppress(OSError):
            self._write()

    async def run(self) -> None:
        """Give signs of life until cancelled."""
        while True:
            # A sign that can't be written is missed, which is what it means.
            with suppress(OSError):
                self.renew()
            await asyncio.sleep(SIGN_EVERY)

    def renew(self) -> None:
        """Give one sign of life.

        Raises:
            OSError: the file can't be written.

        """
        lag = self._lag()
        if lag == self._running.lag:
            os.utime(self._path)
            return
        self._running = msgspec.structs.replace(self._running, lag=lag)
        self._write()

    def _write(self) -> None:
        written = self._path.with_name(self._path.name + ".new")
        written.write_bytes(msgspec.json.encode(self._running))
        written.replace(self._path)


def staleness(journal: Path) -> Lag | None:
    """Return since when what the journal says is not the present, and why; ``None`` if it is the present.

    ``since`` is the start of the Unix epoch if there is no run file.
    """
    path = _path(journal)
    try:
        modified = path.stat().st_mtime
        running = msgspec.json.decode(path.read_bytes(), type=RunFile)
    except (OSError, msgspec.MsgspecError):
        return Lag(since=datetime.fromtimestamp(0, UTC), reason="the monitor has not been running")
    since = datetime.fromtimestamp(modified, UTC)
    if not running.pid or not _is_alive(running.pid):
        return Lag(since=since, reason="the monitor has not been running")
    # A time ahead of ours is from before a clock was set back: a monitor that runs would have given a sign since.
    if abs(time.time() - modified) > SILENT_AFTER:
        return Lag(since=since, reason="the monitor runs, but has given no sign of life")
    return running.lag


def since_sign_of_life(journal: Path) -> float | None:
    """Return the seconds since the latest sign of life of the monitor; ``None`` if it hasn't given one yet."""
    try:
        return time.time() - _path(journal).stat().st_mtime
    except OSError:
        return None


def read_run_file(journal: Path) -> RunFile | None:
    """Return the run file of the monitor that writes this journal; ``None`` if none is running."""
    try:
        running = msgspec.json.decode(_path(journal).read_bytes(), type=RunFile)
    except (OSError, msgspec.MsgspecError):
        return None
    return running if running.pid and _is_alive(running.pid) else None


def find_broker(config: Config) -> BrokerAddress:
    """Return the address of the deployment's broker, or of the one that the running monitor has started.

    Raises:
        BrokerUnavailable: there is none, because the monitor isn't running.

    """
    if config.broker is not None:
        return address_of(config.broker)
    running = read_run_file(config.journal.path)
    if running is None:
        raise BrokerUnavailable(
            "neither the monitor nor its embedded broker is running; start it with `venue-monitor run`"
        )
    return BrokerAddress(running.broker_host, running.broker_port)


def find_congress(config: Config) -> str:
    """Return the congress's id in force; if no monitor is running, the one in the venue file.

    Raises:
        ConfigError: no monitor is running, and the venue file has a mistake.

    """
    running = read_run_file(config.journal.path)
    return (
        load_venue(config.files.venue, config.files.checklists).congress.id
        if running is None
        else running.congress
    )


def latest_congress(config: Config) -> str:
    """Return the congress's id in the venue file, or if it has a mistake, the one last in force; empty if unknown."""
    with suppress(ConfigError):
        return load_venue(config.files.venue, config.files.checklists).congress.id
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(_path(config.journal.path).read_bytes(), type=RunFile).congress
    return ""


def address_of(given: Broker) -> BrokerAddress:
    """Return the address that ``[broker]`` describes."""
    return BrokerAddress(
        given.host,
        given.port,
        given.username or None,
        given.password.reveal() if given.password else None,
        Tls(given.tls.ca_file, given.tls.cert_file, given.tls.key_file) if given.tls else None,
        given.keepalive,
    )


def _is_alive(pid: int) -> bool:
    """Return whether a process exists; one that was killed leaves its file behind."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as another user
    return True


def _path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".running")
