"""Commands about masks: mask, unmask, masks."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args
from uuid import uuid4

import msgspec
from msgspec.structs import replace
from rich.markup import escape

from monitor.app.deployment import load_all
from monitor.cli.arguments import find_one, parse_time
from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.send import Outcome, add_signature, send, signer
from monitor.cli.words import VenueWords
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.alerts.masks import id_of
from monitor.core.events.commands import StaffMask, StaffUnmask
from monitor.core.events.vocabulary import MaskKind
from monitor.core.transitions import Mask, MaskChanged, Transition
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.rules.read import load as load_rules
from monitor.toml.words import no_such


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("mask")
    parser.add_argument("what", metavar="RULE", help="a rule's id, or '*' for all rules")
    place = parser.add_mutually_exclusive_group(required=True)
    for name in ("point", "zone", "site"):
        place.add_argument(f"--{name}", default="", metavar="ID", help=f"alerts at this {name}")
    parser.add_argument(
        "--kind",
        choices=get_args(MaskKind),
        default="maintenance",
        help="why the alerts are expected (default: %(default)s)",
    )
    parser.add_argument(
        "--until", required=True, help="a time such as 2026-01-01T18:00:00Z, or 30m, 2h, 3d"
    )
    parser.add_argument("--reason", required=True, help="what is happening there")
    add_signature(parser, "who is responsible for it")
    parser.set_defaults(run=_mask)
    parser = commands.add_parser("unmask")
    parser.add_argument("mask", help="the mask's id, or its beginning")
    parser.add_argument("--note", default="", help="why")
    add_signature(parser, "who ends it")
    parser.set_defaults(run=_unmask)
    parser = commands.add_parser("masks")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_masks)


def _mask(given: argparse.Namespace) -> int:
    now, config = datetime.now(UTC), load_config(given.config)
    command = StaffMask(
        at=now,
        id=uuid4().hex,
        who="",
        what=given.what,
        kind=given.kind,
        point=given.point,
        zone=given.zone,
        site=given.site,
        until=parse_time(given.until, now),
        reason=given.reason,
    )
    _check(given.config, command)
    command = replace(command, who=signer(config, given))
    mask = id_of(command)
    print(send(config, given, command, mask, _outcome(config, command.who, mask)))
    return 0


def _check(path: Path, command: StaffMask) -> None:
    """Refuse a name that is not in the files, with the nearest one: a misspelled mask would hide nothing.

    Raises:
        ConfigError: a name is unknown, or the files can't be read.

    """
    config, venue = load_all(path)
    rules = [row.id for row in load_rules(config.files.rules).rules]
    mistakes = [
        f"{option}: {no_such(noun, word, known)}"
        for option, noun, word, known in (
            ("RULE", "rule", command.what, ["*", *rules]),
            ("--point", "access point", command.point, [row.id for row in venue.points]),
            ("--zone", "zone", command.zone, [row.id for row in venue.zones]),
            ("--site", "site", command.site, [row.id for row in venue.sites]),
        )
        if word and word not in known
    ]
    if mistakes:
        raise ConfigError(mistakes)


def _unmask(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        mask = find_one(journal.masks(), given.mask, "mask").id
    command = StaffUnmask(
        at=datetime.now(UTC),
        id=uuid4().hex,
        who=signer(config, given),
        mask=mask,
        note=given.note,
    )
    print(send(config, given, command, mask, _outcome(config, command.who, mask)))
    return 0


def _masks(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        masks = journal.masks()
    status = warn_if_stale(config)
    if given.json:
        for mask in masks:
            print(msgspec.json.encode(mask).decode())
        return status
    if not masks:
        print("No masks.")
        return status
    words = VenueWords.read(config)
    table = table_of("Id", "Rule", "Where", "Kind", "Until", "Owner", "Reason", whole="Id")
    for mask in masks:
        what = (
            mask.id,
            _rule(mask),
            escape(_where(mask, words)),
            mask.kind,
            words.minute(mask.until),
        )
        table.add_row(*what, escape(words.person(mask.owner)), escape(mask.reason))
    EscapingConsole(highlight=False).print(table)
    return status


def _outcome(config: Config, who: str, mask_id: str) -> Outcome:
    def outcome(transition: Transition) -> str | None:
        match transition:
            case MaskChanged(mask=mask, ended=ended) if (
                mask.id == mask_id and transition.who == who
            ):
                words = VenueWords.read(config)
                masked = f"{_rule(mask)} at {_where(mask, words)}"
                if ended:
                    return f"{mask.id} ended: {masked}"
                until = words.minute(mask.until)
                return f"{mask.id} in force until {until}: {masked}"
            case _:
                return None

    return outcome


def _rule(mask: Mask) -> str:
    return "all rules" if mask.what == "*" else mask.what


def _where(mask: Mask, words: VenueWords) -> str:
    return words.where(mask.site, mask.zone, mask.point)
