"""Commands that look and change nothing: alerts, zones, journal."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from monitor.config import load as load_config
from monitor.core.alert import Alert
from monitor.core.rules.model import SEVERITIES
from monitor.core.transitions import ZoneStanding
from monitor.journal import Journal, backup, export, stats, verify

COLOURS = {
    "life_safety": "bold white on red",
    "critical": "bold red",
    "high": "yellow",
    "medium": "cyan",
    "low": "dim",
}


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser("alerts", help="show the open alerts, the worst first")
    parser.add_argument("--all", action="store_true", help="the closed ones too")
    parser.add_argument("--json", action="store_true", help="as JSON Lines")
    parser.set_defaults(run=_alerts)
    parser = commands.add_parser("zones", help="show how the zones stand")
    parser.add_argument("--json", action="store_true", help="as JSON Lines")
    parser.set_defaults(run=_zones)
    journal = commands.add_parser("journal", help="look after the journal").add_subparsers(
        required=True, metavar="WHAT"
    )
    journal.add_parser("stats", help="its figures, as JSON").set_defaults(run=_stats)
    parser = journal.add_parser("verify", help="read every row and prove that it is whole")
    parser.add_argument(
        "--head", metavar="N:HASH", help="the audit head as somebody noted it earlier"
    )
    parser.set_defaults(run=_verify)
    parser = journal.add_parser("export", help="every input with what followed, as JSON Lines")
    parser.add_argument(
        "--after", type=int, default=0, metavar="SEQ", help="only what came after this number"
    )
    parser.set_defaults(run=_export)
    parser = journal.add_parser("backup", help="copy it while the monitor runs")
    parser.add_argument("target", type=Path)
    parser.set_defaults(run=_backup)


def _journal(given: argparse.Namespace) -> Path:
    """Return where it is; what the venue file says, or says wrongly, doesn't matter for it."""
    return load_config(given.config).journal.path


def _alerts(given: argparse.Namespace) -> int:
    with Journal(_journal(given), read_only=True) as journal:
        alerts = journal.alerts(closed_too=given.all)
    alerts.sort(key=lambda alert: (SEVERITIES.index(alert.severity), alert.raised_at))
    if given.json:
        for alert in alerts:
            print(msgspec.json.encode(alert).decode())
        return 0
    console = Console(highlight=False)
    for alert in alerts:
        console.print(*_lines(alert), sep="\n    ", soft_wrap=True)
    if not alerts:
        console.print("No open alerts.")
    return 0


def _lines(alert: Alert) -> list[str]:
    """Say what is wrong, where and since when, who has it, and what to do."""
    severity = f"[{COLOURS[alert.severity]}]{alert.severity.replace('_', ' ').upper()}[/]"
    late = f", reported late at {_moment(alert.raised_at)}" if alert.late else ""
    times = (
        f", {alert.occurrences} times, last {_moment(alert.last_at)}"
        if alert.occurrences > 1
        else ""
    )
    where = (
        " / ".join(filter(None, (alert.site, alert.zone, alert.point)))
        or "at no place of the venue file"
    )
    owner = f" by {alert.owner}" if alert.owner else ""
    shelved = f" until {_moment(alert.shelved_until)}" if alert.shelved_until else ""
    note = f": {escape(alert.note)}" if alert.note else ""
    lines = [
        f"{severity} [bold]{escape(alert.title)}[/]  ({alert.id})",
        f"{escape(where)}, since {_moment(alert.happened_at)}{late}{times}",
        f"{alert.condition}, {alert.handling}{escape(owner)}{shelved}{note}",
    ]
    return [*lines, f"Do: {escape(alert.do)}"] if alert.is_open else lines


def _zones(given: argparse.Namespace) -> int:
    with Journal(_journal(given), read_only=True) as journal:
        zones = journal.zones()
    if given.json:
        for zone in zones:
            print(msgspec.json.encode(zone).decode())
        return 0
    table = Table(
        "Site", Column("Zone", no_wrap=True), "People", "Capacity", "Open", "Checklists", "Why"
    )
    for zone in zones:
        is_open = {None: "unknown", True: "open", False: "closed"}[zone.open]
        table.add_row(
            zone.site,
            zone.zone,
            _people(zone),
            str(zone.capacity or ""),
            is_open,
            zone.inspected,
            escape(zone.reason),
        )
    Console().print(table)
    return 0


def _people(zone: ZoneStanding) -> str:
    """Return how many are inside in words: a range after a breach, and never a mere number where no sensor works."""
    people = "unknown" if zone.occupancy is None else str(zone.occupancy)
    if zone.at_least != zone.at_most:
        people = f"{zone.at_least} to {'?' if zone.at_most is None else zone.at_most}"
    match zone.sensing:
        case "unmonitored":
            return "unmonitored" if zone.occupancy is None else f"unmonitored, last {people}"
        case "partly":
            return f"{people}, partly monitored"
        case _:
            return people


def _moment(at: datetime) -> str:
    return f"{at:%d %b %H:%M:%S}Z"


def _stats(given: argparse.Namespace) -> int:
    json.dump(stats(_journal(given)), sys.stdout, indent=2)
    print()
    return 0


def _verify(given: argparse.Namespace) -> int:
    path = _journal(given)
    wrong = verify(path, given.head)
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        print(
            f"{path}: {len(wrong)} things are wrong; put the latest backup in its place",
            file=sys.stderr,
        )
        return 1
    print(
        f"{path}: whole; audit head {stats(path)['audit_head']} (note it: it proves that nothing was cut off later)"
    )
    return 0


def _export(given: argparse.Namespace) -> int:
    for line in export(_journal(given), given.after):
        print(line)
    return 0


def _backup(given: argparse.Namespace) -> int:
    backup(_journal(given), given.target)
    print(f"{given.target}: written")
    return 0
