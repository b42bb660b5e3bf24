"""Commands about the rules: test, list, reference, explain, cost, new."""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.markup import escape

from monitor.app.deployment import load_all
from monitor.app.rule_files import check_rules
from monitor.cli.arguments import parse_time
from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.words import VenueWords, counted
from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.events import EVENT_TYPES
from monitor.core.inputs import Input
from monitor.core.rules.model import SEVERITIES
from monitor.core.state import snapshot
from monitor.core.venue.words import SLUG
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.rules.explain import explain
from monitor.rules.read import DRAFT, load, places
from monitor.rules.reference import document
from monitor.toml.words import no_such

SKELETON = """\
# What this file protects, in one line.

[[rule]]
id = "{id}"
title = "What is wrong at {{point}}"          # fields of the event in braces; {{n}} is the count reached
severity = "low"                             # life_safety, critical, high, medium, low
by = ["point"]                               # one alert for each of these
# Exactly one operator: match, count, distinct, sequence, absence, hold, level, sum. See docs/rules.md.
hold = {{ start = {{ on = "door.opened" }}, end = {{ on = "door.closed" }}, longer_than = "point.held_open_limit" }}
why = "Where the figure comes from, or: judgement."
do = ["What the officer does first.", "What the officer does then."]
# A part of a title in brackets, as [: {{reason}}], is left out where its field has no value.
# In other languages: titles.vi = "...: {{point}}", whys.vi = "...", and dos.vi = ["...", "..."] with the same steps.

[[test]]
rule = "{id}"
name = "fires"
events = ["+0s door.opened point=d1"]
expect = ["+30s raised d1"]

[[test]]
rule = "{id}"
name = "stays silent"
events = ["+0s door.opened point=d1", "+29s door.closed point=d1"]
expect = []
"""


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    rules = commands.add_parser("rules")
    kinds = rules.add_subparsers(required=True, metavar="WHAT")
    parser = kinds.add_parser("test", help="run the tests in the rule files")
    parser.add_argument(
        "--drafts", action="store_true", help="also those in drafts, which are not in force"
    )
    parser.set_defaults(run=_test)
    parser = kinds.add_parser("list", help="list all rules")
    parser.add_argument("--file", metavar="NAME", help="only those of this file, e.g. doors.toml")
    parser.add_argument("--severity", choices=SEVERITIES, help="only those of this severity")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_list)
    kinds.add_parser(
        "reference", help="print the rule reference as Markdown: condition, reason and procedure"
    ).set_defaults(run=_reference)
    # The name before; without help it is not listed.
    kinds.add_parser("book").set_defaults(run=_reference)
    parser = kinds.add_parser("cost", help="show how many rules are evaluated for each event type")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_cost)
    parser = kinds.add_parser(
        "explain",
        help="replay recorded events and show the verdict of a rule on each, matches first",
    )
    parser.add_argument("rule", help="the rule's id")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--journal", type=Path, help="the journal (default: the deployment's)")
    source.add_argument(
        "--input", type=Path, help="instead: JSON Lines as `journal export` prints them"
    )
    parser.add_argument(
        "--only",
        choices=("matches", "alerts", "others"),
        help="only events that the rule matches, its alerts, or the events that it does not match",
    )
    parser.add_argument(
        "--contains", default="", metavar="TEXT", help="only verdicts with this text, e.g. an id"
    )
    parser.add_argument("--from", dest="since", metavar="TIME", help="only from this time on")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_explain)
    parser = kinds.add_parser(
        "new", help="write a commented draft to start from; it is not in force"
    )
    parser.add_argument("id", help="the new rule's id, e.g. side-door-open")
    parser.set_defaults(run=_new)


def _test(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    files = config.files
    rules, mistakes, wrong = check_rules(files.rules, files.venue, venue, with_drafts=given.drafts)
    if rules is None or mistakes:
        raise ConfigError([*mistakes, *wrong])
    for line in wrong:
        print(line, file=sys.stderr)
    tests = f"{counted(len(rules.tests), 'test')} of {counted(len(rules.rules), 'rule')}"
    print(f"{tests}: {counted(len(wrong), 'failure') if wrong else 'all passed'}")
    return 1 if wrong else 0


def _list(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    warming = _warming(config.journal.path)
    status = warn_if_stale(config) if warming else 0
    words = VenueWords(venue)
    table = table_of("Rule", "Severity", "File", "By", "What", "Why", whole="Rule")
    in_files = places(config.files.rules)
    rules = [
        (rule, Path(in_files[rule.id].partition(":")[0]).name)
        for rule in load(config.files.rules).rules
        if given.severity in {None, rule.severity}
    ]
    known = sorted({file for _, file in rules})
    if given.file is not None:
        named = Path(given.file).name
        if named not in known:
            raise ConfigError([f"--file: {no_such('rule file', named, known)}"])
        rules = [(rule, file) for rule, file in rules if file == named]
    for rule, file in rules:
        if given.json:
            row = msgspec.to_builtins(rule) | {"file": file, "warming_up": warming.get(rule.id)}
            print(msgspec.json.encode(row).decode())
            continue
        name = rule.id
        if rule.id in warming:
            name += f"\n[bold]warming up until {words.time(warming[rule.id])}[/]"
        what, why = escape(rule.title), escape(rule.why)
        table.add_row(name, rule.severity, file, ", ".join(rule.by), what, why)
    if given.json:
        return status
    EscapingConsole().print(table)
    return status


def _warming(path: Path) -> dict[str, datetime]:
    """Return the rules whose window lacks the events before they were changed, and until when."""
    if not path.exists():
        return {}
    now = datetime.now(UTC)
    with Journal(path, read_only=True) as journal:
        for _, body in journal.snapshots():
            warming = snapshot.decode(body).rules.warming
            return {rule: until for rule, until in warming.items() if until > now}
    return {}


def _reference(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    print(document(load(config.files.rules), config.files.rules), end="")
    return 0


def _cost(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    rules = CompiledRules(load(config.files.rules).rule_set(venue, config.files.venue))
    evaluated: Counter[str] = Counter()
    subscribed: Counter[str] = Counter()
    indexed_by: dict[str, list[str]] = {kind: [] for kind in EVENT_TYPES}
    for kind, struct in EVENT_TYPES.items():
        setters = len(rules.facts.get(struct, ()))
        evaluated[kind] += setters
        subscribed[kind] += setters
        for table in (rules.on_arrival, *rules.in_order):
            if (candidates := table.get(struct)) is not None:
                evaluated[kind] += candidates.most
                subscribed[kind] += len(candidates.everyone)
                indexed_by[kind] += [candidates.field] if candidates.field else []
    if given.json:
        for kind, count in evaluated.most_common():
            row = {"type": kind, "evaluated": count, "subscribed": subscribed[kind]}
            print(msgspec.json.encode(row | {"indexed_by": indexed_by[kind]}).decode())
        return 0
    print("evaluated  subscribed  event type               indexed by")
    for kind, count in evaluated.most_common():
        fields = " ".join(indexed_by[kind])
        print(f"{count:9}  {subscribed[kind]:10}  {kind:24} {fields}".rstrip())
    return 0


def _explain(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    rules = load(config.files.rules).rule_set(venue, config.files.venue)
    known = [rule.id for rule in rules.rules]
    if given.rule not in known:
        raise ConfigError(
            [f"{no_such('rule', given.rule, known)}; `venue-monitor rules list` lists them"]
        )
    inputs = (
        _recorded(given.input) if given.input else _journaled(given.journal or config.journal.path)
    )
    time = config.time
    lines = list(
        explain(rules, given.rule, inputs, lateness=time.lateness, tolerance=time.tolerance)
    )
    since = _since(given.since)
    chosen = [
        line
        for kind in ("alerts", "matches", "others")
        for line in lines
        if line.kind == kind
        and given.only in {None, kind}
        and given.contains in line.text
        and (since is None or line.at is None or line.at >= since)
    ]
    for line in chosen:
        print(msgspec.json.encode(line).decode() if given.json else line.text)
    if not lines and not given.json:
        print(f'No event to which "{given.rule}" subscribes has been recorded.')
    elif not chosen and not given.json:
        print(f"None of {counted(len(lines), 'verdict')} is as asked for.")
    return 0


def _since(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text, datetime.now(UTC), "--from")


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
            expected = "each line must be one that `venue-monitor journal export` prints"
            raise ConfigError([f"{path}:{number}: {error}; {expected}"]) from error


class _Line(msgspec.Struct):
    input: Input


def _new(given: argparse.Namespace) -> int:
    config, _ = load_all(given.config)
    if not re.fullmatch(SLUG, given.id):
        raise ConfigError(
            [
                f'"{given.id}" is not an id; write lower-case letters, digits and hyphens, e.g. side-door-open'
            ]
        )
    if place := places(config.files.rules).get(given.id):
        raise ConfigError([f'{place}: a rule is already called "{given.id}"; choose another id'])
    in_force = config.files.rules / f"{given.id}.toml"
    path = in_force.with_name(f"{given.id}{DRAFT}")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(SKELETON.format(id=given.id))
    except FileExistsError as error:
        raise ConfigError([f"{path}: already exists; choose another id"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: can't be written: {error.strerror}"]) from error
    print(
        f"{path}: written, not in force; edit it, run `venue-monitor rules test --drafts`, "
        f"then put it in force: rename it to {in_force.name}"
    )
    return 0
