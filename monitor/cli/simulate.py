"""The command that publishes a simulated congress day: simulate."""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from monitor.app.broker_address import find_broker
from monitor.app.deployment import load_all
from monitor.app.runfile import read_run_file
from monitor.cli.commands import Commands
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.mqtt import BrokerAddress
from monitor.runtime.clock import Clock, SystemClock
from monitor.runtime.shared_clock import open_clock
from monitor.simulate import simulate, truth


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("simulate")
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="selects the day; the same number gives the same day (default: %(default)s)",
    )
    parser.add_argument(
        "--minutes", type=float, default=30.0, help="length of the day (default: %(default)s)"
    )
    parser.add_argument(
        "--rate",
        type=float,
        default=5.0,
        help="people passing a point per simulated second (default: %(default)s)",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="simulated seconds per real second (default: %(default)s)",
    )
    parser.add_argument(
        "--clock",
        metavar="SPEED@TIME",
        help="the --clock with which the monitor was started; the same time as the running monitor",
    )
    parser.add_argument("--start", metavar="TIME", help="when the day begins (default: now)")
    parser.add_argument(
        "--broker",
        metavar="HOST:PORT",
        help="where to publish (default: the broker of config.toml or of the running monitor)",
    )
    parser.add_argument(
        "--truth",
        type=Path,
        metavar="FILE",
        help="write the alerts that must be raised to this file, as JSON Lines",
    )
    parser.set_defaults(run=_simulate)


def _simulate(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    clock: Clock = _clock(given.clock, config) if given.clock else SystemClock()
    if not given.clock and given.speed != 1.0:
        clock = open_clock(f"{given.speed}@{datetime.now(UTC).isoformat()}")
    address = _address(given.broker) if given.broker else find_broker(config)
    try:
        start = datetime.fromisoformat(given.start) if given.start else clock.now()
        length = timedelta(minutes=given.minutes)
        truth(venue, given.seed, start, length, adapters=config.adapters)
    except (ValueError, OverflowError) as error:
        raise ConfigError([f"--start, --minutes: {error}"]) from error
    if given.truth is not None:
        try:
            given.truth.touch()
        except OSError as error:
            raise ConfigError([f"--truth: {given.truth}: {error.strerror}"]) from error
    summary = asyncio.run(
        simulate(
            venue,
            address,
            seed=given.seed,
            clock=clock,
            start=start,
            length=length,
            rate=given.rate,
            adapters=config.adapters,
            truth_path=given.truth,
        )
    )
    printed = {
        "published": summary.published.count,
        "duplicates": summary.published.duplicates,
        "unreadable": summary.published.rejected,
        "republished": summary.published.republished,
        "alerts_expected": len(summary.expected),
        "left_out": summary.skipped,
    }
    print(msgspec.json.encode(printed).decode())
    return 0


def _clock(text: str, config: Config) -> Clock:
    """Return the clock of the running monitor, or the one that the text describes."""
    clock, running = open_clock(text), read_run_file(config.journal.path)
    return clock if running is None or not running.clock else open_clock(running.clock)


def _address(text: str) -> BrokerAddress:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError([f'--broker: "{text}" is not an address; write e.g. localhost:1883'])
    return BrokerAddress(host, int(port))
