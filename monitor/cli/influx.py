"""Commands about the history in InfluxDB: metrics, backfill."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from monitor.app.deployment import load_all
from monitor.app.influx import projection_of
from monitor.cli.commands import Commands
from monitor.cli.progress import progress
from monitor.cli.words import counted
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.rules.read import load
from monitor.sinks.influx.backfill import Span, backfill
from monitor.sinks.influx.client import connect
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.reference_page import page


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("metrics")
    parser.set_defaults(run=_metrics)
    parser = commands.add_parser("backfill")
    parser.add_argument(
        "--from",
        dest="since",
        metavar="TIME",
        help="start of the range (default: the journal's beginning)",
    )
    parser.add_argument(
        "--to",
        dest="until",
        metavar="TIME",
        help="end of the range, exclusive (default: the journal's end)",
    )
    parser.set_defaults(run=_backfill)


def _metrics(_: argparse.Namespace) -> None:
    print(page(), end="")


def _backfill(given: argparse.Namespace) -> int:
    span = Span(_time("--from", given.since), _time("--to", given.until))
    return asyncio.run(_write(given, span))


async def _write(given: argparse.Namespace, span: Span) -> int:
    config, venue = load_all(given.config)
    if config.influx is None:
        raise ConfigError([f"{given.config}: [influx] is missing; write it as in docs/influxdb.md"])
    rules = load(config.files.rules).rule_set(venue, config.files.venue)
    refused: list[str] = []
    delivery = LineDelivery(
        connect(config.influx), lambda row: refused.append(row.reason), lambda: datetime.now(UTC)
    )
    try:
        with Journal(config.journal.path, read_only=True) as journal:
            projection = projection_of(config, journal, lambda: rules)
            with progress("inputs") as report:
                sent = await backfill(journal, projection, delivery, span, report)
    finally:
        await delivery.close()
    print(f"{counted(sent - len(refused), 'point')} written to {config.influx.database}")
    for reason in refused:
        print(f"refused: {reason}", file=sys.stderr)
    return 1 if refused else 0


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min  # noqa: DTZ901 - refused below, because it has no offset
    if at.tzinfo is None:
        raise ConfigError(
            [
                f'{option}: "{text}" is not a time with an offset; write e.g. 2026-11-23T08:00:00+07:00'
            ]
        )
    return at
