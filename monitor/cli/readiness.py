"""The command that says go or no-go: one page with every reason and who must act, for the screen or for printing."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape as in_html
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.markup import escape

from monitor.app.deployment import load_all
from monitor.app.runfile import read_running
from monitor.core.readiness.verdict import as_of
from monitor.core.transitions import ReadinessChanged, ReadinessStanding, Reason
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.journal import Journal
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


class Page(NamedTuple):
    """What the summary shows."""

    title: str
    told: str
    """When, and whether the monitor runs."""
    sites: list[tuple[str, ReadinessStanding, list[tuple[str, ReadinessStanding]]]]
    """Name and standing of each site, and of each of its zones."""
    agencies: dict[str, str]
    """Their names."""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the command of this module."""
    parser = commands.add_parser(
        "readiness", help="say which zones and sites are a go, and why not"
    )
    parser.add_argument("--site", help="only this one")
    parser.add_argument("--json", action="store_true", help="as JSON Lines")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page for printing")
    parser.set_defaults(run=_readiness)


def _readiness(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    known = [site.id for site in venue.sites]
    if given.site is not None and given.site not in known:
        raise ConfigError([f"--site: venue.toml: {no_such('site', given.site, known)}"])
    with Journal(config.journal.path, read_only=True) as journal:
        standings = journal.readiness()
    now = datetime.now(UTC)
    runs = read_running(config.journal.path) is not None
    page = summary(venue, standings, now, runs=runs, only=given.site)
    if given.json:
        for _, site, zones in page.sites:
            for row in (site, *(zone for _, zone in zones)):
                print(msgspec.json.encode(row).decode())
    elif given.html is None:
        _print(page)
    if given.html is not None:
        try:
            given.html.write_text(html(page), encoding="utf-8")
        except OSError as error:
            raise ConfigError([f"--html: {given.html}: {error.strerror}"]) from error
    return 0 if all(site.state in OPEN for _, site, _ in page.sites) else 1


def summary(
    venue: Venue,
    standings: Sequence[ReadinessChanged],
    now: datetime,
    *,
    runs: bool,
    only: str | None = None,
) -> Page:
    """Put together what the page shows; what nobody has said, or what has expired since, is unknown."""
    found = {(row.site, row.zone): as_of(row, now) for row in standings}

    def standing(site: str, zone: str) -> ReadinessStanding:
        unsaid = Reason(state="unknown", what="the monitor has not said anything about it")
        return found.get((site, zone), ReadinessStanding(site=site, zone=zone, reasons=(unsaid,)))

    warning = (
        "" if runs else "; THE MONITOR IS NOT RUNNING: what happened since it stopped is missing"
    )
    return Page(
        title=f"{venue.congress.name}: readiness",
        told=f"as of {now:%Y-%m-%d %H:%M}Z{warning}",
        sites=[
            (
                site.name,
                standing(site.id, ""),
                [
                    (zone.name, standing(site.id, zone.id))
                    for zone in venue.zones
                    if zone.site == site.id
                ],
            )
            for site in venue.sites
            if only in (None, site.id)
        ],
        agencies={agency.id: agency.name for agency in venue.agencies},
    )


def tally(page: Page) -> str:
    """Say how many zones stand how: the page in one line."""
    states = Counter[str](zone.state for _, _, zones in page.sites for _, zone in zones)
    told = (f"{states[state]} {word.lower()}" for state, word in WORDS.items())
    return f"Zones: {', '.join(told)}"


def html(page: Page) -> str:
    """Return the page as one self-contained HTML document; whatever people wrote is escaped."""
    rows: list[str] = []
    for name, site, zones in page.sites:
        rows.append(f"<h2>{in_html(name)} <b>{WORDS[site.state]}</b></h2>")
        rows += _html_reasons(page, [row for row in site.reasons if not row.zone])
        for zone_name, zone in zones:
            rows.append(f"<h3>{in_html(zone_name)} <b>{WORDS[zone.state]}</b></h3>")
            rows += _html_reasons(page, zone.reasons)
    title = in_html(page.title)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    told = f"<p>{in_html(page.told)}<br>{tally(page)}</p>"
    body = "\n".join([f"<h1>{title}</h1>", told, *rows])
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _html_reasons(page: Page, reasons: Sequence[Reason]) -> Iterator[str]:
    if not reasons:
        return
    yield "<ul>"
    for row in reasons:
        who = _who(page, row)
        act = f'<br><span class="act">{in_html(who)}</span>' if who else ""
        yield f"<li>{WORDS[row.state]}: {in_html(_said(row))}{act}</li>"
    yield "</ul>"


def _print(page: Page) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(page.title)}[/], {escape(page.told)}\n{tally(page)}")
    for name, site, zones in page.sites:
        console.print(f"\n[{COLOURS[site.state]}]{WORDS[site.state]}[/]  [bold]{escape(name)}[/]")
        # What is said of its zones stands below, at each of them.
        _print_reasons(console, page, [row for row in site.reasons if not row.zone], "  ")
        for zone_name, zone in zones:
            console.print(f"  [{COLOURS[zone.state]}]{WORDS[zone.state]}[/]  {escape(zone_name)}")
            _print_reasons(console, page, zone.reasons, "    ")


def _print_reasons(console: Console, page: Page, reasons: Iterable[Reason], margin: str) -> None:
    for row in reasons:
        who = _who(page, row)
        act = f"\n{margin}  {escape(who)}" if who else ""
        console.print(f"{margin}{WORDS[row.state].lower()}: {escape(_said(row))}{act}")


def _said(row: Reason) -> str:
    holds = f", until {row.until:%Y-%m-%d %H:%M}Z" if row.until and row.state in OPEN else ""
    return row.what + holds


def _who(page: Page, row: Reason) -> str:
    """Say who must act; of what is a go nobody."""
    if row.state == "go":
        return ""
    if not row.lead:
        return "Must act: nobody is named"
    names = [page.agencies.get(name, name) for name in (row.lead, *row.coordinating)]
    with_others = f", with {', '.join(names[1:])}" if names[1:] else ""
    return f"Must act: {names[0]}{with_others}"
