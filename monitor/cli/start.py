"""Commands that start or check a deployment: run, check, schema."""

import argparse
import asyncio
import json
import sys
from typing import Any

import msgspec

from monitor.app import run
from monitor.clock import Clock, SystemClock, read_clock
from monitor.config.settings import Files
from monitor.core.event import Event
from monitor.deployment import load_all
from monitor.errors import ConfigError
from monitor.logs import set_up
from monitor.roster import read_roster
from monitor.rule_schema import rule_schema
from monitor.rulebook import Rules, failures, load


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
    config, venue = load_all(given.config, people=True)
    rules = load(config.files.rules)
    _refuse_failing(rules)
    set_up(config.log.level, config.log.format)
    clock: Clock = read_clock(given.clock) if given.clock else SystemClock()
    asyncio.run(run(config, rules.book(venue, config.files.venue), clock))
    return 0


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


def _refuse_failing(rules: Rules) -> None:
    wrong = list(failures(rules))
    if wrong:
        raise ConfigError(wrong)
