"""The command that lists zones: people inside, open or closed, checklists passed or not."""

import argparse

import msgspec
from rich.markup import escape

from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.words import VenueWords
from monitor.config import load as load_config
from monitor.core.transitions import ZoneStatus
from monitor.journal import Journal
from monitor.texts import in_english, plain

OPEN = {None: "unknown", True: "open", False: "closed"}


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("zones")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_zones)


def _zones(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        zones = journal.zones()
    status = warn_if_stale(config)
    if given.json:
        for zone in zones:
            print(msgspec.json.encode(in_english(zone)).decode())
        return status
    words = VenueWords.read(config)
    table = table_of(
        "Site", "Zone", "People", "Capacity", "Open", "Checklists", "Reason", whole="Zone"
    )
    for zone in zones:
        table.add_row(
            escape(words.site(zone.site)),
            escape("\n".join(dict.fromkeys((words.zone(zone.zone), zone.zone)))),
            _people(zone),
            str(zone.capacity or ""),
            OPEN[zone.open],
            zone.inspected.replace("_", " "),
            escape(plain(zone.reason)),
        )
    EscapingConsole(highlight=False).print(table)
    return status


def _people(zone: ZoneStatus) -> str:
    """Return the number of people inside: a range if it is uncertain, and never a bare number without a sensor."""
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
