"""Commands that play a congress day: simulate, demo."""

import argparse
import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from monitor.app.deployment import load_all
from monitor.app.runfile import find_broker
from monitor.demo import Options, Verdict, play
from monitor.errors import ConfigError
from monitor.mqtt import BrokerAddress
from monitor.runtime.clock import Clock, SystemClock, read_clock
from monitor.simulate import simulate, truth


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser(
        "simulate", help="publish a congress day, with incidents, to the broker"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="another number, another day (%(default)s)"
    )
    parser.add_argument(
        "--minutes", type=float, default=30.0, help="length of the day (%(default)s)"
    )
    parser.add_argument(
        "--rate", type=float, default=5.0, help="messages a second of the day (%(default)s)"
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="seconds of the day in one second (%(default)s)"
    )
    parser.add_argument(
        "--clock",
        metavar="SPEED@TIME",
        help="the clock of a monitor that was started with the same",
    )
    parser.add_argument("--start", metavar="TIME", help="when the day begins; left out, at once")
    parser.add_argument(
        "--broker",
        metavar="HOST:PORT",
        help="left out, the broker of config.toml or of the running monitor",
    )
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="write what must be alerted, as JSON Lines"
    )
    parser.set_defaults(run=_simulate)
    parser = commands.add_parser(
        "demo", help="broker, monitor and simulator together, with a live screen"
    )
    parser.add_argument("--seconds", type=float, help="end after about so long")
    parser.add_argument(
        "--speed",
        type=float,
        default=60.0,
        help="seconds of the day in one second, at least (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="another number, another day (%(default)s)"
    )
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second (%(default)s)")
    parser.add_argument(
        "--json", action="store_true", help="no screen; print the verdict as one JSON object"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="keep journal and logs here; left out, they go with the demonstration",
    )
    parser.set_defaults(run=_demo)


def _simulate(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    clock: Clock = read_clock(given.clock) if given.clock else SystemClock()
    if not given.clock and given.speed != 1.0:
        clock = read_clock(f"{given.speed}@{datetime.now(UTC).isoformat()}")
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
    told = {
        "published": summary.published.count,
        "duplicates": summary.published.duplicates,
        "unreadable": summary.published.rejected,
        "republished": summary.published.republished,
        "alerts_expected": len(summary.expected),
        "left_out": summary.left_out,
    }
    print(msgspec.json.encode(told).decode())
    return 0


def _address(text: str) -> BrokerAddress:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError([f'--broker: "{text}" is no address; write e.g. localhost:1883'])
    return BrokerAddress(host, int(port))


def _demo(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="venue-monitor-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "journal.db").exists():
            raise ConfigError([f"--folder: {folder} has a journal already; name a new folder"])
        options = Options(
            config=given.config,
            folder=folder.absolute(),
            seed=given.seed,
            rate=given.rate,
            speed=given.speed,
            seconds=given.seconds,
            screen=not given.json and sys.stdout.isatty(),
        )
        verdict = play(options)
    if given.json:
        print(msgspec.json.encode(verdict).decode())
    else:
        _tell(verdict)
    return 0 if verdict.is_good else 1


def _tell(verdict: Verdict) -> None:
    console = Console(highlight=False)
    console.print(
        f"{verdict.published} messages sent, {verdict.acknowledged} acknowledged, {verdict.lost} lost, "
        f"{verdict.duplicates_absorbed} duplicates absorbed.\n"
        f"{verdict.alerts_expected} alerts expected, {verdict.alerts_raised} raised: "
        f"{verdict.alerts_missed} missed, {verdict.alerts_false} false.\n"
        f"In the journal after {verdict.durable_p50_ms:.1f} ms (p99 {verdict.durable_p99_ms:.1f} ms); "
        f"alerted after {verdict.alert_p50_ms:.0f} ms (p99 {verdict.alert_p99_ms:.0f} ms)."
    )
    for title, rows in (("missed", verdict.missed), ("false", verdict.false)):
        for row in rows:
            console.print(f"{title}: {row}", markup=False)
