"""Commands about the files of a deployment, which need no running monitor and import none: check, schema."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from monitor.app.deployment import files_named, load_all
from monitor.app.rule_files import check_rules
from monitor.cli.commands import Commands
from monitor.cli.words import counted
from monitor.config import read as read_config
from monitor.core.events import ReceivedEvent
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.roster import read_roster
from monitor.rules.read import drafts
from monitor.rules.schema import rule_schema
from monitor.venue import read as read_venue
from monitor.venue.occupancy import counting_notes


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    commands.add_parser("check").set_defaults(run=_check)
    parser = commands.add_parser("schema")
    parser.add_argument(
        "of",
        nargs="?",
        choices=("events", "rules"),
        default="events",
        help="of what (default: %(default)s)",
    )
    parser.set_defaults(run=_schema)


def _check(given: argparse.Namespace) -> int:
    mistakes: list[str] = []
    files = files_named(read_config(given.config), given.config.parent)
    summary: list[str] = []
    found = read_venue(files["venue"], files.get("checklists")) if "venue" in files else None
    venue = None if found is None or found.mistakes else found.whole()
    try:
        _, venue = load_all(given.config, people=True)
        summary += [
            counted(len(venue.sites), "site"),
            counted(len(venue.zones), "zone"),
            counted(len(venue.points), "access point"),
        ]
    except ConfigError as error:
        mistakes += error.mistakes
    if "rules" in files:
        try:
            summary += _check_rules(files, venue, mistakes)
        except ConfigError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigError(list(dict.fromkeys(mistakes)))
    print(f"{given.config}: no mistakes: {', '.join(summary)}")
    if venue is not None:
        for note in (*counting_notes(venue), *_questions(venue)):
            print(f"{files['venue']}: {note}")
    for draft in drafts(files["rules"]):
        print(f"{draft}: a draft, not in force")
    return 0


def _questions(venue: Venue) -> Iterator[str]:
    """Yield what the venue file leaves out, and may leave out only if that is meant."""
    inspected = {row.zone for row in venue.checklists}
    for zone in venue.zones:
        if zone.id not in inspected:
            yield f'zone "{zone.id}" has no checklist; is that meant?'
    for point in venue.points:
        if not point.devices:
            yield f'access point "{point.id}" has no devices, so no alert tells when it falls silent; is that meant?'


def _check_rules(
    files: Mapping[str, Path], venue: Venue | None, mistakes: list[str]
) -> Iterator[str]:
    """Yield what the rules and the roster have; add the mistakes that need the rules.

    Raises:
        ConfigError: the rules or the roster can't be read.

    """
    checked = check_rules(files["rules"], files.get("venue"), venue)
    mistakes += (*checked.mistakes, *checked.failures)
    rules = checked.files
    if rules is None:
        return
    tests = counted(len(rules.tests), "test")
    yield f"{counted(len(rules.rules), 'rule')} with {tests}"
    if "roster" in files:
        roster = read_roster(files["roster"], rules=[*rules.rule_places])
        count = len(roster.people)
        yield f"{count} {'person' if count == 1 else 'people'} on the roster"


def _schema(given: argparse.Namespace) -> int:
    json.dump(_event_schema() if given.of == "events" else rule_schema(), sys.stdout, indent=2)
    print()
    return 0


def _event_schema() -> dict[str, Any]:
    """Return the schema of events; it permits the keys that are reported and ignored."""
    schema = msgspec.json.schema(ReceivedEvent)
    for struct in schema["$defs"].values():
        struct.pop("additionalProperties", None)
    return schema
