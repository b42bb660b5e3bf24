"""Commands about the history in InfluxDB: metrics, backfill."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

from monitor.app.deployment import load_all
from monitor.app.influx import scribe_of
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.rules.read import load
from monitor.sinks.influx.backfill import Span, backfill
from monitor.sinks.influx.client import connect
from monitor.sinks.influx.delivery import Delivery
from monitor.sinks.influx.reference_page import page


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser(
        "metrics", help="every measurement in InfluxDB with its tags and fields, as a page"
    )
    parser.set_defaults(run=_metrics)
    parser = commands.add_parser(
        "backfill", help="write the journal to InfluxDB again; points that are there don't change"
    )
    parser.add_argument(
        "--from", dest="since", metavar="TIME", help="left out, from where the journal begins"
    )
    parser.add_argument(
        "--to", dest="until", metavar="TIME", help="up to before this; left out, all that is there"
    )
    parser.set_defaults(run=_backfill)


def _metrics(_: argparse.Namespace) -> None:
    print(page(), end="")


def _backfill(given: argparse.Namespace) -> int:
    span = Span(_time("--from", given.since), _time("--to", given.until))
    return asyncio.run(_again(given, span))


async def _again(given: argparse.Namespace, span: Span) -> int:
    config, venue = load_all(given.config)
    if config.influx is None:
        raise ConfigError(
            [f"{given.config}: there is no [influx]; docs/influxdb.md says what to write"]
        )
    book = load(config.files.rules).book(venue, config.files.venue)
    refused: list[str] = []
    delivery = Delivery(
        connect(config.influx), lambda row: refused.append(row.reason), lambda: datetime.now(UTC)
    )
    try:
        with Journal(config.journal.path, read_only=True) as journal:
            scribe = scribe_of(config, journal, lambda: book)
            sent = await backfill(journal, scribe, delivery, span)
    finally:
        await delivery.close()
    print(f"{sent - len(refused)} points are in {config.influx.database}")
    for reason in refused:
        print(f"refused: {reason}", file=sys.stderr)
    return 1 if refused else 0


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min  # noqa: DTZ901 - it has no offset, and is refused for that
    if at.tzinfo is None:
        raise ConfigError(
            [
                f'{option}: "{text}" is no time; write e.g. 2026-11-23T08:00:00+07:00, with the offset'
            ]
        )
    return at
