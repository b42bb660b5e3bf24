"""The readiness report: go or no-go for each zone, every reason and who must act, on the screen or for printing."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape as in_html
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.markup import escape

from monitor.app.deployment import load_all
from monitor.cli.commands import Commands
from monitor.cli.live_status import STALE, warning
from monitor.cli.screen import EscapingConsole
from monitor.cli.words import VenueWords
from monitor.core.readiness.verdict import as_of
from monitor.core.transitions import ReadinessChanged, ReadinessStatus, Reason
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.texts import ENGLISH, in_english, plain
from monitor.texts.readiness import must_act
from monitor.toml.words import no_such

COLOURS = {
    "go": "bold green",
    "go_with_conditions": "bold yellow",
    "no_go": "bold white on red",
    "unknown": "bold magenta",
}
WORDS = {
    "go": "GO",
    "go_with_conditions": "GO WITH CONDITIONS",
    "no_go": "NO GO",
    "unknown": "UNKNOWN",
}
OPEN = ("go", "go_with_conditions")
STYLE = """body{font:11pt/1.4 sans-serif;margin:2em;color:#000;background:#fff}
h2{border-top:2px solid;padding-top:.4em}h2,h3{break-after:avoid}li{break-inside:avoid}
b{border:2px solid;padding:0 .3em}.act{font-style:italic}@page{margin:15mm}"""


class ReadinessReport(NamedTuple):
    """The content of the report."""

    title: str
    as_of: str
    """The time, and a warning if the monitor doesn't know the present."""
    sites: list[tuple[str, ReadinessStatus, list[tuple[str, ReadinessStatus]]]]
    """Name and status of each site, and of each of its zones."""
    names: DisplayNames
    """Of the agencies."""
    words: VenueWords
    """Writes its times."""


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("readiness")
    parser.add_argument("--site", metavar="ID", help="only this site")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write the report to a file, for printing"
    )
    parser.set_defaults(run=_readiness)


def _readiness(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    known = [site.id for site in venue.sites]
    if given.site is not None and given.site not in known:
        raise ConfigError([f"--site: venue.toml: {no_such('site', given.site, known)}"])
    with Journal(config.journal.path, read_only=True) as journal:
        changes = journal.readiness()
    now = datetime.now(UTC)
    stale = warning(config)
    report = summary(venue, changes, now, stale=stale, only=given.site)
    if given.json:
        if stale:
            print(stale, file=sys.stderr)
        for _, site, zones in report.sites:
            for row in (site, *(zone for _, zone in zones)):
                print(msgspec.json.encode(in_english(row)).decode())
    elif given.html is None:
        _print(report)
    if given.html is not None:
        try:
            given.html.write_text(html(report), encoding="utf-8")
        except OSError as error:
            raise ConfigError([f"--html: {given.html}: {error.strerror}"]) from error
    if stale:
        return STALE
    return 0 if all(site.state in OPEN for _, site, _ in report.sites) else 1


def summary(
    venue: Venue,
    changes: Sequence[ReadinessChanged],
    now: datetime,
    *,
    stale: str = "",
    only: str | None = None,
) -> ReadinessReport:
    """Return the report; a zone without a status, or with an expired one, is unknown.

    Args:
        venue: its sites and zones.
        changes: the statuses.
        now: the time of the report.
        stale: the warning if they are not the present.
        only: the one site to report on; ``None``: all.

    """
    found = {(row.site, row.zone): as_of(row, now) for row in changes}
    words = VenueWords(venue)

    def status(site: str, zone: str) -> ReadinessStatus:
        missing = Reason(state="unknown", what="the monitor has not evaluated it yet")
        return found.get((site, zone), ReadinessStatus(site=site, zone=zone, reasons=(missing,)))

    return ReadinessReport(
        title=f"{venue.congress.name}: readiness",
        as_of=f"as of {words.minute(now)}{f'; {stale}' if stale else ''}",
        sites=[
            (
                site.name,
                status(site.id, ""),
                [
                    (zone.name, status(site.id, zone.id))
                    for zone in venue.zones
                    if zone.site == site.id
                ],
            )
            for site in venue.sites
            if only in (None, site.id)
        ],
        names=DisplayNames(venue),
        words=words,
    )


def tally(report: ReadinessReport) -> str:
    """Return the number of zones in each state, in one line."""
    states = Counter[str](zone.state for _, _, zones in report.sites for _, zone in zones)
    counts = (f"{states[state]} {word.lower()}" for state, word in WORDS.items())
    return f"Zones: {', '.join(counts)}"


def html(report: ReadinessReport) -> str:
    """Return the report as one self-contained HTML document, in which everything people wrote is escaped."""
    rows: list[str] = []
    for name, site, zones in report.sites:
        rows.append(f"<h2>{in_html(name)} <b>{WORDS[site.state]}</b></h2>")
        rows += _html_reasons(report, [row for row in site.reasons if not row.zone])
        for zone_name, zone in zones:
            rows.append(f"<h3>{in_html(zone_name)} <b>{WORDS[zone.state]}</b></h3>")
            rows += _html_reasons(report, zone.reasons)
    title = in_html(report.title)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    summed_up = f"<p>{in_html(report.as_of)}<br>{tally(report)}</p>"
    body = "\n".join([f"<h1>{title}</h1>", summed_up, *rows])
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _html_reasons(report: ReadinessReport, reasons: Sequence[Reason]) -> Iterator[str]:
    if not reasons:
        return
    yield "<ul>"
    for row in reasons:
        who = must_act(row, report.names, ENGLISH)
        act = f'<br><span class="act">{in_html(who)}</span>' if who else ""
        yield f"<li>{WORDS[row.state]}: {in_html(_what(report, row))}{act}</li>"
    yield "</ul>"


def _print(report: ReadinessReport) -> None:
    console = EscapingConsole(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(report.title)}[/], {escape(report.as_of)}\n{tally(report)}")
    for name, site, zones in report.sites:
        console.print(
            f"\n[{COLOURS[site.state]}]{WORDS[site.state]}[/]  [bold]{escape(name)}[/] ({site.site})"
        )
        # A site's reasons that come from its zones are printed below, with each zone.
        _print_reasons(console, report, [row for row in site.reasons if not row.zone], "  ")
        for zone_name, zone in zones:
            console.print(
                f"  [{COLOURS[zone.state]}]{WORDS[zone.state]}[/]  {escape(zone_name)} ({zone.zone})"
            )
            _print_reasons(console, report, zone.reasons, "    ")


def _print_reasons(
    console: EscapingConsole, report: ReadinessReport, reasons: Iterable[Reason], margin: str
) -> None:
    for row in reasons:
        who = must_act(row, report.names, ENGLISH)
        act = f"\n{margin}  {escape(who)}" if who else ""
        console.print(f"{margin}{WORDS[row.state].lower()}: {escape(_what(report, row))}{act}")


def _what(report: ReadinessReport, row: Reason) -> str:
    holds = f", until {report.words.minute(row.until)}" if row.until and row.state in OPEN else ""
    return plain(row.what) + holds
