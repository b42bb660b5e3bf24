"""Commands that start or check a deployment: run, check, schema."""

import argparse
import asyncio
import json
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from monitor.app.deployment import load_all
from monitor.app.reload_rules import load_book
from monitor.app.run import run
from monitor.config import Config
from monitor.config import read as read_config
from monitor.config.settings import Files
from monitor.core.events import Event
from monitor.core.rules.model import RuleBook
from monitor.errors import ConfigError
from monitor.roster import read_roster
from monitor.rules.read import failures, load
from monitor.rules.schema import rule_schema
from monitor.runtime.clock import Clock, SystemClock, read_clock
from monitor.runtime.logs import set_up


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser("run", help="watch, until SIGTERM")
    parser.add_argument(
        "--clock",
        metavar="SPEED@TIME",
        help="a faster clock, for demonstrations: 60@2026-01-01T08:00:00Z",
    )
    parser.set_defaults(run=_run)
    parser = commands.add_parser(
        "check",
        help="say everything that is wrong with config.toml, venue.toml, the roster and the rules",
    )
    parser.set_defaults(run=_check)
    parser = commands.add_parser("schema", help="print the JSON Schema of events or rules")
    parser.add_argument("of", nargs="?", choices=("events", "rules"), default="events")
    parser.set_defaults(run=_schema)


def _run(given: argparse.Namespace) -> int:
    config, book = _found(given.config)
    set_up(config.log.level, config.log.format)
    clock: Clock = read_clock(given.clock) if given.clock else SystemClock()
    asyncio.run(run(config, book, partial(load_book, given.config, config.files), clock))
    return 0


def _found(path: Path) -> tuple[Config, RuleBook | None]:
    """Return the configuration, and the rules unless they have mistakes and the monitor has run with others before.

    Raises:
        ConfigError: nothing can be run like this, and nothing was written; all mistakes are told.

    """
    settings = read_config(path)
    if settings.mistakes or not settings.whole().journal.path.exists():
        config, _ = load_all(path, people=True)
        return config, load_book(path, config.files)
    config, book = settings.whole(), None
    with suppress(ConfigError):
        book = load_book(path, config.files)
    return config, book


def _check(given: argparse.Namespace) -> int:
    mistakes: list[str] = []
    files = Files(rules=given.config.parent / "rules")
    summary = ""
    venue = None
    try:
        config, venue = load_all(given.config, people=True)
        files = config.files
        summary = (
            f"{len(venue.sites)} sites, {len(venue.zones)} zones, {len(venue.points)} access points"
        )
    except ConfigError as error:
        mistakes += error.mistakes
    try:
        rules = load(files.rules)
        mistakes += failures(rules)
        if venue is not None:
            mistakes += rules.lacking(venue, files.venue).values()
        summary += f", {len(rules.rules)} rules with {len(rules.tests)} tests"
        if files.roster is not None:
            found = read_roster(files.roster, rules=[rule.id for rule in rules.rules])
            summary += f", {len(found.people)} people to tell"
    except ConfigError as error:
        mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    print(f"{given.config}: all is well: {summary}")
    return 0


def _schema(given: argparse.Namespace) -> int:
    schema = msgspec.json.schema(Event) if given.of == "events" else rule_schema()
    json.dump(schema, sys.stdout, indent=2)
    print()
    return 0
