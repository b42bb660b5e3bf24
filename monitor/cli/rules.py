"""Commands about the rules: test, list, book, explain, cost, new."""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monitor.app.deployment import load_all
from monitor.core.compile.compiled_rules import Ruleset
from monitor.core.events import EVENT_TYPES
from monitor.core.inputs import Input
from monitor.core.state.state import LONG_AGO
from monitor.core.venue.model import SLUG
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.rules.explain import explain
from monitor.rules.read import failures, load, places
from monitor.rules.reference import page

SKELETON = """\
# What this file protects, in one line.

[[rule]]
id = "{id}"
title = "What is wrong at {{point}}"          # fields of the event in braces; {{n}} is the number reached
severity = "low"                             # life_safety, critical, high, medium, low
by = ["point"]                               # one alert for each of these
# Exactly one operator: match, count, distinct, sequence, absence, hold, level, sum. docs/rules.md says what each means.
hold = {{ start = {{ on = "door.opened" }}, end = {{ on = "door.closed" }}, longer_than = "point.held_open_limit" }}
why = "Where the figure comes from, or: judgement."
do = "What the officer does now."

[[test]]
rule = "{id}"
name = "it fires"
events = ["+0s door.opened point=d1"]
expect = ["+30s raised d1"]

[[test]]
rule = "{id}"
name = "it stays silent"
events = ["+0s door.opened point=d1", "+29s door.closed point=d1"]
expect = []
"""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    rules = commands.add_parser("rules", help="look at the rules")
    kinds = rules.add_subparsers(required=True, metavar="WHAT")
    kinds.add_parser("test", help="play the tests that stand in the rule files").set_defaults(
        run=_test
    )
    kinds.add_parser("list", help="show all rules").set_defaults(run=_list)
    kinds.add_parser(
        "book", help="print the rule book as Markdown: what, why, what to do"
    ).set_defaults(run=_book)
    kinds.add_parser(
        "cost", help="how many rules each event type has to be held against"
    ).set_defaults(run=_cost)
    parser = kinds.add_parser(
        "explain", help="replay recorded events and say what a rule made of each"
    )
    parser.add_argument("rule", help="the rule's id")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--journal", type=Path, help="a journal; left out, the deployment's")
    source.add_argument("--input", type=Path, help="JSON Lines, as `journal export` writes them")
    parser.set_defaults(run=_explain)
    parser = kinds.add_parser("new", help="write a commented rule file to begin with")
    parser.add_argument("id", help="the new rule's id, e.g. side-door-open")
    parser.set_defaults(run=_new)


def _test(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    rules = load(config.files.rules)
    wrong = list(failures(rules))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(rules.tests)} tests of {len(rules.rules)} rules: {len(wrong) or 'none'} wrong")
    return 1 if wrong else 0


class _Warm(Struct):
    """What a snapshot says of rules that were changed."""

    warming: dict[str, datetime] = {}


def _list(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    warming = _warming(config.journal.path)
    zone = ZoneInfo(venue.congress.timezone)
    table = Table("Rule", "Severity", "By", "What", "Why")
    for rule in load(config.files.rules).rules:
        name = rule.id
        if rule.id in warming:
            name += f"\n[bold]warming up until {warming[rule.id].astimezone(zone):%H:%M:%S}[/]"
        what, why = escape(rule.title), escape(rule.why)
        table.add_row(name, rule.severity, ", ".join(rule.by), what, why)
    Console().print(table)
    return 0


def _warming(path: Path) -> dict[str, datetime]:
    """Return the rules whose window lacks what came in before they were changed, and until when."""
    if not path.exists():
        return {}
    now = datetime.now(UTC)
    with Journal(path, read_only=True) as journal:
        for _, body in journal.snapshots():
            told = msgspec.json.decode(body, type=_Warm).warming
            return {rule: until for rule, until in told.items() if until > now}
    return {}


def _book(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    print(page(load(config.files.rules), config.files.rules), end="")
    return 0


def _cost(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    rules = Ruleset(load(config.files.rules).book(venue, config.files.venue), lambda: LONG_AGO)
    asked: Counter[str] = Counter()
    listening: Counter[str] = Counter()
    told_apart: dict[str, list[str]] = {kind: [] for kind in EVENT_TYPES}
    for kind, struct in EVENT_TYPES.items():
        setters = len(rules.facts.get(struct, ()))
        asked[kind] += setters
        listening[kind] += setters
        for table in (rules.on_arrival, *rules.in_order):
            if (candidates := table.get(struct)) is not None:
                asked[kind] += candidates.most
                listening[kind] += len(candidates.everyone)
                told_apart[kind] += [candidates.field] if candidates.field else []
    print("asked of all that listen; told apart by")
    for kind, count in asked.most_common():
        print(f"{count:5} {listening[kind]:5}  {kind:24} {' '.join(told_apart[kind])}".rstrip())
    return 0


def _explain(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    book = load(config.files.rules).book(venue, config.files.venue)
    known = [rule.id for rule in book.rules]
    if given.rule not in known:
        close = get_close_matches(given.rule, known, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "`venue-monitor rules list` shows them"
        raise ConfigError([f'no rule is called "{given.rule}"; {hint}'])
    inputs = (
        _recorded(given.input) if given.input else _journaled(given.journal or config.journal.path)
    )
    time = config.time
    told = explain(book, given.rule, inputs, lateness=time.lateness, tolerance=time.tolerance)
    is_silent = True
    for line in told:
        is_silent = False
        print(line)
    if is_silent:
        print(f'Of what "{given.rule}" listens to nothing is recorded.')
    return 0


def _journaled(path: Path) -> Iterator[Input]:
    with Journal(path, read_only=True) as journal:
        for _, given in journal.inputs():
            yield given


def _recorded(path: Path) -> Iterator[Input]:
    try:
        lines: Iterable[bytes] = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError([f"{path}: can't be read: {error.strerror}"]) from error
    for number, line in enumerate(lines, 1):
        try:
            yield msgspec.json.decode(line, type=_Line).input
        except msgspec.MsgspecError as error:
            wanted = "a line of `venue-monitor journal export` is needed"
            raise ConfigError([f"{path}:{number}: {error}; {wanted}"]) from error


class _Line(msgspec.Struct):
    input: Input


def _new(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    if not re.fullmatch(SLUG, given.id):
        raise ConfigError(
            [f'"{given.id}" is no id; write small letters, digits and hyphens, e.g. side-door-open']
        )
    if place := places(config.files.rules).get(given.id):
        raise ConfigError([f'{place}: a rule is called "{given.id}" already; choose another id'])
    path = config.files.rules / f"{given.id}.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(SKELETON.format(id=given.id))
    except FileExistsError as error:
        raise ConfigError([f"{path}: exists already; choose another id"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: can't be written: {error.strerror}"]) from error
    print(
        f"{path}: written, and in force where a monitor runs; change it, then run `venue-monitor rules test`"
    )
    return 0
