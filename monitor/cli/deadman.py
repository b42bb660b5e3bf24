"""The command of the dead man's switch, which runs on another machine: watch."""

import argparse
import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from random import SystemRandom

from monitor.cli.commands import Commands
from monitor.deadman.notifier import Notifier
from monitor.deadman.page import write_test
from monitor.deadman.settings import WatchFile, load
from monitor.deadman.watcher import SteadyClock, Watcher
from monitor.runtime.logs import set_up


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("watch")
    parser.add_argument(
        "--file",
        type=Path,
        default=Path("watch.toml"),
        help="configuration file (default: %(default)s)",
    )
    parser.add_argument("--test", action="store_true", help="send one test page and exit")
    parser.add_argument(
        "--log",
        choices=("text", "json"),
        default="text",
        help="format of the log (default: %(default)s)",
    )
    parser.set_defaults(run=_watch)


def _watch(given: argparse.Namespace) -> int:
    file = load(given.file)
    set_up("info", given.log)
    if not given.test:
        asyncio.run(_run(file))
        return 0
    sent = asyncio.run(
        Notifier(file.addresses).send(lambda language: write_test(file.name, language))
    )
    print("sent" if sent else "not sent by any channel; the log names each by its line in the file")
    return 0 if sent else 1


async def _run(file: WatchFile) -> None:
    """Watch until SIGTERM or SIGINT."""
    watching = asyncio.ensure_future(Watcher(file, SteadyClock().now, SystemRandom()).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, watching.cancel)
    with suppress(asyncio.CancelledError):
        await watching
