"""The command that lists alerts: what is wrong, where and since when, who has it, and what to do."""

import argparse
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from rich.markup import escape

from monitor.cli.arguments import add_who
from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale, warning
from monitor.cli.screen import EscapingConsole
from monitor.cli.words import VenueWords, counted
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.alert import Alert, Handling
from monitor.core.rules.model import SEVERITIES
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.runtime.severity import COLOURS
from monitor.texts import ENGLISH, in_english, plain

WATCH_EVERY = 1.0
"""Seconds between two pictures of `--watch`."""


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("alerts")
    parser.add_argument("--all", action="store_true", help="also list closed alerts")
    parser.add_argument("--site", metavar="ID", help="only alerts at this site")
    parser.add_argument(
        "--severity", choices=SEVERITIES, help="only alerts of this severity or a higher one"
    )
    parser.add_argument("--mine", action="store_true", help="only alerts that are yours: see --who")
    add_who(parser, "whose alerts --mine lists")
    parser.add_argument(
        "--watch", action="store_true", help="show them until Ctrl-C, as they are each second"
    )
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_alerts)


def _alerts(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    console, words = EscapingConsole(highlight=False), VenueWords.read(config)
    if given.site is not None:
        words.require_site(given.site)
    if given.watch:
        return _watch(given, config, console, words)
    alerts = _selected(given, config)
    status = warn_if_stale(config)
    if given.json:
        for alert in alerts:
            print(msgspec.json.encode(in_english(alert)).decode())
        return status
    for line in _listing(given, alerts, words):
        console.print(line, soft_wrap=True)
    return status


def _selected(given: argparse.Namespace, config: Config) -> list[Alert]:
    """Return the alerts that were asked for, the most severe first."""
    with Journal(config.journal.path, read_only=True) as journal:
        alerts = journal.alerts(closed_too=given.all)
    least = SEVERITIES.index(given.severity) if given.severity else len(SEVERITIES)
    return sorted(
        (
            alert
            for alert in alerts
            if SEVERITIES.index(alert.severity) <= least
            and given.site in {None, alert.site}
            and (not given.mine or alert.owner == given.who)
        ),
        key=lambda alert: (SEVERITIES.index(alert.severity), alert.raised_at),
    )


def _listing(given: argparse.Namespace, alerts: list[Alert], words: VenueWords) -> Iterator[str]:
    for alert in alerts:
        yield "\n    ".join(_lines(alert, words))
    if not alerts:
        is_part = given.site or given.severity or given.mine
        yield "No such alerts." if is_part else "No open alerts."


def _watch(
    given: argparse.Namespace, config: Config, console: EscapingConsole, words: VenueWords
) -> int:
    """Show the alerts until Ctrl-C, each picture with its time and a warning if it is not the present."""
    if given.json or not console.is_terminal:
        raise ConfigError(["--watch: only on a terminal, and without --json"])
    from rich.live import Live  # noqa: PLC0415 - only to watch

    with (
        suppress(KeyboardInterrupt),
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while True:
            alerts = _selected(given, config)
            stale = warning(config)
            head = f"{words.time(datetime.now(UTC))}  {counted(len(alerts), 'alert')}  Ctrl-C ends"
            lines = [head, *([f"[bold white on red]{escape(stale)}[/]"] if stale else [])]
            live.update("\n".join([*lines, "", *_listing(given, alerts, words)]), refresh=True)
            time.sleep(WATCH_EVERY)
    return 0


def _lines(alert: Alert, words: VenueWords) -> list[str]:
    severity = f"[{COLOURS[alert.severity]}]{alert.severity.replace('_', ' ').upper()}[/]"
    where = words.where(alert.site, alert.zone, alert.point)
    lines = [
        f"{severity} [bold]{escape(alert.title)}[/]  ({alert.id})",
        ", ".join(filter(None, (escape(where), _since(alert, words)))),
        f"{alert.condition}, {escape(_handling(alert, words))}",
    ]
    return [*lines, *_procedure(alert, words)] if alert.is_open else lines


def _procedure(alert: Alert, words: VenueWords) -> Iterator[str]:
    """Yield the procedure, with numbers if it has several steps, and with who has done which."""
    ticked = {row.step: f" (done: {escape(row.who)}, {words.time(row.at)})" for row in alert.ticked}
    first, *others = steps = alert.do.split("\n")
    if not others:
        yield f"Do: {escape(first)}{ticked.get(1, '')}"
        return
    yield "Do:"
    for n, step in enumerate(steps, 1):
        yield f"  {n}. {escape(step)}{ticked.get(n, '')}"


def _since(alert: Alert, words: VenueWords) -> str:
    since = f"since {words.time(alert.happened_at)}"
    if alert.late:
        since += f", reported late at {words.time(alert.raised_at)}"
    if alert.occurrences > 1:
        since += f", {alert.occurrences} times, most recently at {words.time(alert.last_at)}"
    return since


def _handling(alert: Alert, words: VenueWords) -> str:
    if alert.handling is Handling.NEW:
        handling = "not acknowledged"
    else:
        owner = f" by {words.person(alert.owner)}" if alert.owner else ""
        mark = " (unverified: not in the roster, so people are still paged)"
        handling = f"{alert.handling}{owner}{mark if alert.unverified else ''}"
    if alert.shelved_until:
        handling += f" until {words.time(alert.shelved_until)}"
    if alert.disposition:
        handling += f", {ENGLISH.word(alert.disposition)}"
    return f"{handling}: {plain(alert.note)}" if alert.note else handling
