"""Commands that start or check a deployment: run, check, rules, schema."""

import argparse
import asyncio
import json
import sys
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from monitor.app import run
from monitor.clock import Clock, SystemClock, read_clock
from monitor.core.event import Event
from monitor.deployment import load_all
from monitor.errors import ConfigError
from monitor.logs import set_up
from monitor.rulebook import RuleFile, Rules, failures, load


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
        "check", help="say everything that is wrong with config.toml, venue.toml and the rules"
    )
    parser.set_defaults(run=_check)
    parser = commands.add_parser("schema", help="print the JSON Schema of events or rules")
    parser.add_argument("of", nargs="?", choices=("events", "rules"), default="events")
    parser.set_defaults(run=_schema)
    rules = commands.add_parser("rules", help="look at the rules").add_subparsers(
        required=True, metavar="WHAT"
    )
    rules.add_parser("test", help="play the tests that stand in the rule files").set_defaults(
        run=_rules_test
    )
    rules.add_parser("list", help="show all rules").set_defaults(run=_rules_list)


def _run(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    rules = load(config.files.rules)
    _refuse_failing(rules)
    set_up(config.log.level, config.log.format)
    clock: Clock = read_clock(given.clock) if given.clock else SystemClock()
    asyncio.run(run(config, rules.book(venue), clock))
    return 0


def _check(given: argparse.Namespace) -> int:
    mistakes: list[str] = []
    folder = given.config.parent / "rules"
    summary = ""
    try:
        config, venue = load_all(given.config)
        folder = config.files.rules
        summary = (
            f"{len(venue.sites)} sites, {len(venue.zones)} zones, {len(venue.points)} access points"
        )
    except ConfigError as error:
        mistakes += error.mistakes
    try:
        rules = load(folder)
        mistakes += failures(rules)
        summary += f", {len(rules.rules)} rules with {len(rules.tests)} tests"
    except ConfigError as error:
        mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    print(f"{given.config}: all is well: {summary}")
    return 0


def _schema(given: argparse.Namespace) -> int:
    of: object = Event if given.of == "events" else RuleFile
    json.dump(msgspec.json.schema(of), sys.stdout, indent=2)
    print()
    return 0


def _rules_test(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    rules = load(config.files.rules)
    wrong = list(failures(rules))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(rules.tests)} tests of {len(rules.rules)} rules: {len(wrong) or 'none'} wrong")
    return 1 if wrong else 0


def _rules_list(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    table = Table("Rule", "Severity", "By", "What", "Why")
    for rule in load(config.files.rules).rules:
        table.add_row(rule.id, rule.severity, ", ".join(rule.by), rule.title, rule.why)
    Console().print(table)
    return 0


def _refuse_failing(rules: Rules) -> None:
    wrong = list(failures(rules))
    if wrong:
        raise ConfigError(wrong)
