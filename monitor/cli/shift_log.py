"""The shift log: log list, log add, log strike."""

import argparse
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
from rich.markup import escape

from monitor.cli.arguments import find_one, parse_time
from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale
from monitor.cli.screen import EscapingConsole
from monitor.cli.send import add_signature, send, signer
from monitor.cli.words import VenueWords
from monitor.config import load as load_config
from monitor.core.events.commands import LogStruck, LogWritten
from monitor.core.timing import parse_duration
from monitor.core.transitions import (
    AlertChanged,
    LogEntry,
    LogEntryStruck,
    LogEntryWritten,
    LogNoted,
    MaskChanged,
    OverrideChanged,
    Transition,
)
from monitor.journal import Journal
from monitor.journal.shift_log import LogFilter, LogRow
from monitor.texts import ENGLISH, plain
from monitor.texts.log_lines import line_in_words


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("log")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    parser = acts.add_parser("list", help="list entries and changes of alerts, newest first")
    parser.add_argument("--site", default="", metavar="ID", help="only of this site")
    parser.add_argument("--alert", default="", metavar="ID", help="only about this alert")
    parser.add_argument("--since", help="a time such as 2026-01-01T18:00:00Z, or 30m, 12h ago")
    parser.add_argument("--limit", type=int, default=100, help="rows (default: %(default)s)")
    parser.add_argument("--entries", action="store_true", help="leave changes of alerts out")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_list)
    parser = acts.add_parser("add", help="write an entry")
    parser.add_argument("text", help="what happened")
    parser.add_argument(
        "--happened", metavar="TIME", help="when: a time, or 10m ago (default: now)"
    )
    parser.add_argument("--site", default="", metavar="ID", help="the site that it is about")
    parser.add_argument("--zone", default="", metavar="ID", help="the zone that it is about")
    parser.add_argument("--alert", default="", metavar="ID", help="the open alert that it is about")
    add_signature(parser, "who writes it")
    parser.set_defaults(run=_add)
    parser = acts.add_parser("strike", help="strike an entry: it stays, and is shown as struck")
    parser.add_argument("entry", help="the number of the entry")
    parser.add_argument("--reason", required=True, help="why")
    add_signature(parser, "who strikes it")
    parser.set_defaults(run=_strike)


def _list(given: argparse.Namespace) -> int:
    since = None if given.since is None else _before_now(given.since, "--since")
    sites = frozenset({given.site}) if given.site else None
    wanted = LogFilter(sites, given.alert, since, "people" if given.entries else "")
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        rows = journal.shift_log.rows(wanted, limit=given.limit)
    status = warn_if_stale(config)
    if given.json:
        for row in rows:
            strike = {} if row.strike is None else {"strike": row.strike}
            print(msgspec.json.encode({"seq": row.seq, "what": row.what, **strike}).decode())
        return status
    console, words = EscapingConsole(highlight=False), VenueWords.read(config)
    for row in rows:
        console.print(_line(row, words), soft_wrap=True)
    if not rows:
        console.print("No entries.")
    return status


def _add(given: argparse.Namespace) -> int:
    config, now = load_config(given.config), datetime.now(UTC)
    alert = given.alert
    if alert:
        with Journal(config.journal.path, read_only=True) as journal:
            alert = find_one(journal.alerts(), alert).id
    command = LogWritten(
        at=now,
        id=uuid4().hex,
        who=signer(config, given),
        text=given.text,
        happened_at=None if given.happened is None else _before_now(given.happened, "--happened"),
        site=given.site,
        zone=given.zone,
        alert=alert,
    )

    def outcome(transition: Transition) -> str | None:
        match transition:
            case LogEntryWritten(entry=LogEntry(who=command.who, text=command.text) as entry):
                return f"entry {entry.id} written"
            case _:
                return None

    print(send(config, given, command, "log", outcome))
    return 0


def _strike(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    command = LogStruck(
        at=datetime.now(UTC),
        id=uuid4().hex,
        who=signer(config, given),
        entry=given.entry,
        reason=given.reason,
    )

    def outcome(transition: Transition) -> str | None:
        match transition:
            case LogEntryStruck(entry=command.entry, who=command.who):
                return f"entry {command.entry} struck"
            case _:
                return None

    print(send(config, given, command, f"entry {given.entry}", outcome))
    return 0


def _before_now(text: str, option: str) -> datetime:
    """Return a time, given as such or as a duration before now.

    Raises:
        ConfigError: it is neither.

    """
    now = datetime.now(UTC)
    length = parse_duration(text.removesuffix(" ago"))
    return parse_time(text, now, option) if length is None else now - length


def _line(row: LogRow, words: VenueWords) -> str:
    match row.what:
        case LogEntry() as entry:
            happened = "" if _is_at_once(entry) else f" (happened {words.time(entry.happened_at)})"
            where = words.where(entry.site, entry.zone, "")
            about = f" [{entry.alert}]" if entry.alert else ""
            place = f", {where}" if where else ""
            text = (
                f"{words.time(entry.written_at)} #{entry.id} {entry.who}{place}{about}: "
                f"{entry.text}{happened}"
            )
            if row.strike is None:
                return escape(text)
            struck = f"struck by {row.strike.who}, {words.time(row.strike.at)}: {row.strike.reason}"
            return f"[strike]{escape(text)}[/] ({escape(struck)})"
        case AlertChanged(at=at, alert=alert, change=change, who=who, note=note):
            by = f" by {who}" if who else ""
            to = f" to {alert.owner}" if change == "handed_over" else ""
            why = f": {plain(note)}" if note else ""
            done = str(change).replace("_", " ")
            return escape(f"{words.time(at)} {alert.title} ({alert.id}) {done}{to}{by}{why}")
        case MaskChanged() | OverrideChanged() | LogNoted() as other:
            why = f": {plain(other.note)}" if other.note else ""
            return escape(
                f"{words.time(other.at)} {line_in_words(other, words.names, ENGLISH)}{why}"
            )


def _is_at_once(entry: LogEntry) -> bool:
    return abs((entry.written_at - entry.happened_at).total_seconds()) < 1
