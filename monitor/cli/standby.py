"""The command of the second machine: standby."""

import argparse
import asyncio
import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec

from monitor.app.deployment import load_all
from monitor.cli.commands import Commands
from monitor.config import load
from monitor.errors import ConfigError
from monitor.journal import JournalCopy
from monitor.runtime import systemd
from monitor.runtime.clock import SystemClock
from monitor.runtime.logs import set_up
from monitor.standby.copy_loop import CopyLoop
from monitor.standby.status import StandbyStatus, read_status

FRESH = timedelta(seconds=10)
"""A copy that lacked nothing this short a time ago is in step."""


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("standby")
    parser.add_argument(
        "--status",
        action="store_true",
        help="show how far the copy is; the exit code is 1 unless it is in step",
    )
    parser.add_argument("--json", action="store_true", help="with --status: print it as JSON")
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    if given.status:
        status = read_status(load(given.config).journal.path)
        if given.json:
            print(msgspec.json.encode(status).decode())
        else:
            print(_described(status, datetime.now(UTC)))
        return 0 if status is not None and _is_in_step(status, datetime.now(UTC)) else 1
    config, _ = load_all(given.config, people=True)
    if config.standby is None:
        raise ConfigError([f"{given.config}: [standby]: missing; it names the primary"])
    set_up(config.log.level, config.log.format)
    with JournalCopy(config.journal.path) as copy:
        asyncio.run(_copy(CopyLoop(config, config.standby, copy, SystemClock().now)))
    return 0


async def _copy(loop: CopyLoop) -> None:
    """Copy until SIGTERM or SIGINT."""
    async with loop:
        copying = asyncio.ensure_future(loop.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, copying.cancel)
        systemd.notify("READY=1")
        with suppress(asyncio.CancelledError):
            await copying


def _is_in_step(status: StandbyStatus, now: datetime) -> bool:
    at = status.copied_at
    return not status.trouble and at is not None and now - at < FRESH and _is_running(status.pid)


def _described(status: StandbyStatus | None, now: datetime) -> str:
    if status is None:
        return "there is no copy: `venue-monitor standby` has not been started here"
    if status.copied_at is None:
        age = "it has never been complete"
    else:
        age = f"it was complete {(now - status.copied_at).total_seconds():.0f} s ago"
    text = f"copy of {status.primary}: has input {status.seq} of {status.primary_seq}, {age}"
    trouble = status.trouble or ("" if _is_running(status.pid) else "not running")
    return f"{text}; {trouble}" if trouble else text


def _is_running(pid: int) -> bool:
    """Return whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as another user
    return pid > 0
