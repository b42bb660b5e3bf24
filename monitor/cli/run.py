"""Commands about a deployment as a whole: run, check, schema."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from monitor.app.broker_address import address_of
from monitor.app.deployment import files_named, load_all
from monitor.app.rule_files import check_rules, load_rule_set
from monitor.app.run import run
from monitor.cli.commands import Commands
from monitor.cli.words import counted
from monitor.config import Config
from monitor.config import read as read_config
from monitor.core.events import ReceivedEvent
from monitor.core.rules.model import RuleSet
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.roster import read_roster
from monitor.rules.read import drafts
from monitor.rules.schema import rule_schema
from monitor.runtime.clock import Clock, SystemClock
from monitor.runtime.logs import set_up
from monitor.runtime.shared_clock import open_clock
from monitor.standby.primary import Primary
from monitor.standby.take_over import TakeOver, prepare
from monitor.venue import load as load_venue
from monitor.venue import read as read_venue
from monitor.venue.occupancy import counting_notes


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("run")
    parser.add_argument(
        "--clock",
        metavar="CLOCK",
        help="for demonstrations: a clock that starts at this time and runs faster, e.g. 60@2026-01-01T08:00:00Z; "
        "a journal is continued from where it ends; or file:PATH, a clock that another process sets",
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="continue although the journal has lost history; the journal records who accepted it",
    )
    parser.add_argument(
        "--take-over",
        action="store_true",
        help="on the standby: end the copying, and continue in the place of the primary, which is gone",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="with --take-over: although the primary may be running; two at a time share the messages at random",
    )
    parser.set_defaults(run=_run)
    parser = commands.add_parser(
        "check",
    )
    parser.set_defaults(run=_check)
    parser = commands.add_parser("schema")
    parser.add_argument(
        "of",
        nargs="?",
        choices=("events", "rules"),
        default="events",
        help="of what (default: %(default)s)",
    )
    parser.set_defaults(run=_schema)


def _run(given: argparse.Namespace) -> int:
    config, rules = _read(given.config)
    set_up(config.log.level, config.log.format)
    clock: Clock = open_clock(given.clock) if given.clock else SystemClock()
    if given.force and not given.take_over:
        raise ConfigError(["--force: only together with --take-over"])
    take_over = asyncio.run(_take_over(config, given, clock)) if given.take_over else None
    read = partial(load_rule_set, given.config, config.files)
    # A take-over is a person's word that what the copy lacks is lost.
    accept_loss = given.accept_loss or take_over is not None
    started = run(config, rules, read, clock, accept_loss=accept_loss, take_over=take_over)
    asyncio.run(started)
    return 0


async def _take_over(config: Config, given: argparse.Namespace, clock: Clock) -> TakeOver | None:
    """Make sure that the primary is gone, and end the copying; ``None`` if that was done before.

    Raises:
        MonitorError: there is no standby, or the primary is running.

    """
    if config.standby is None or config.broker is None:
        raise ConfigError([f"{given.config}: [standby]: missing; without it there is no copy"])
    congress = load_venue(config.files.venue, config.files.checklists).congress.id
    address = address_of(config.broker)
    return await prepare(
        config,
        config.standby,
        Primary(config.standby, address, congress),
        clock.now(),
        force=given.force,
    )


def _read(path: Path) -> tuple[Config, RuleSet | None]:
    """Return the configuration and the rules; no rules if they have mistakes and the journal has earlier ones.

    Raises:
        ConfigError: the monitor can't run; with all mistakes, and before anything is written.

    """
    settings = read_config(path)
    if settings.mistakes or not settings.whole().journal.path.exists():
        config, venue = load_all(path, people=True)
        return config, load_rule_set(path, config.files, venue)
    config, rules = settings.whole(), None
    with suppress(ConfigError):
        rules = load_rule_set(path, config.files)
    return config, rules


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
