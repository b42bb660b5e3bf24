"""Commands about masks: set one, end one before its time, show those in force."""

import argparse
import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monitor.cli.handle import tell, the_one, until
from monitor.config import load as load_config
from monitor.core.alerts.masks import id_of
from monitor.core.events.commands import StaffMask, StaffUnmask
from monitor.core.events.vocabulary import MaskKind
from monitor.core.transitions import Mask, MaskChanged, Transition
from monitor.journal import Journal


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser("mask", help="keep expected alerts of a place out of sight")
    parser.add_argument("what", metavar="RULE", help="a rule's id, or '*' for all rules")
    place = parser.add_mutually_exclusive_group(required=True)
    for name in ("point", "zone", "site"):
        place.add_argument(f"--{name}", default="", help=f"alerts of this {name}")
    parser.add_argument("--kind", choices=get_args(MaskKind), default="maintenance")
    parser.add_argument(
        "--until", required=True, help="a time such as 2026-01-01T18:00:00Z, or 30m, 2h, 3d"
    )
    parser.add_argument("--reason", required=True, help="why these alerts are expected")
    parser.add_argument("--who", default=getpass.getuser(), help="who answers for it (%(default)s)")
    parser.set_defaults(run=_mask)
    parser = commands.add_parser("unmask", help="end a mask before its time")
    parser.add_argument("mask", help="the mask's id, or its beginning")
    parser.add_argument("--note", default="", help="why")
    parser.add_argument("--who", default=getpass.getuser(), help="who ends it (%(default)s)")
    parser.set_defaults(run=_unmask)
    parser = commands.add_parser("masks", help="show the masks in force")
    parser.add_argument("--json", action="store_true", help="as JSON Lines")
    parser.set_defaults(run=_masks)


def _mask(given: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    said = StaffMask(
        at=now,
        id=uuid4().hex,
        who=given.who,
        what=given.what,
        kind=given.kind,
        point=given.point,
        zone=given.zone,
        site=given.site,
        until=until(given.until, now),
        reason=given.reason,
    )
    config = load_config(given.config)
    mask = id_of(said)
    print(tell(config, said, mask, _became(given.who, mask)))
    return 0


def _unmask(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        mask = the_one(journal.masks(), given.mask, "mask").id
    said = StaffUnmask(
        at=datetime.now(UTC), id=uuid4().hex, who=given.who, mask=mask, note=given.note
    )
    print(tell(config, said, mask, _became(given.who, mask)))
    return 0


def _masks(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        masks = journal.masks()
    if given.json:
        for mask in masks:
            print(msgspec.json.encode(mask).decode())
        return 0
    if not masks:
        print("No masks.")
        return 0
    table = Table("Id", "Rule", "Where", "Kind", "Until", "Owner", "Reason")
    for mask in masks:
        what = (mask.id, mask.what, escape(_where(mask)), mask.kind, f"{mask.until:%d %b %H:%M}Z")
        table.add_row(*what, escape(mask.owner), escape(mask.reason))
    Console().print(table)
    return 0


def _became(who: str, mask_id: str) -> Callable[[Transition], str | None]:
    def became(written: Transition) -> str | None:
        match written:
            case MaskChanged(mask=mask, ended=ended) if mask.id == mask_id and written.who == who:
                held = f"{mask.what} at {_where(mask)}"
                return (
                    f"{mask.id} ended: {held}"
                    if ended
                    else f"{mask.id} in force until {mask.until:%d %b %H:%M}Z: {held}"
                )
            case _:
                return None

    return became


def _where(mask: Mask) -> str:
    return mask.point or mask.zone or mask.site
