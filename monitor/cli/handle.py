"""Commands by which staff handle an alert: ack, shelve, unshelve, hand-over, escalate, tick, note, close."""

import argparse
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

from monitor.cli.arguments import find_one, parse_time
from monitor.cli.commands import MODULES, Commands
from monitor.cli.send import add_signature, send, signer
from monitor.config import load as load_config
from monitor.core.alert import Change
from monitor.core.events.commands import (
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffEscalate,
    StaffHandOver,
    StaffNote,
    StaffShelve,
    StaffTick,
    StaffUnshelve,
)
from monitor.core.events.vocabulary import Disposition
from monitor.core.transitions import AlertChanged, Transition
from monitor.journal import Journal


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    for name in MODULES["handle"]:
        parser = commands.add_parser(name)
        parser.add_argument("alert", help="the alert's id, or its beginning")
        _add_own(parser, name)
        add_signature(parser)
        if name != "note":
            parser.add_argument("--note", default="", help="what was found or done")
        parser.set_defaults(run=_handle, act=name)


def _add_own(parser: argparse.ArgumentParser, name: str) -> None:
    """Add the arguments that only one of the commands has."""
    match name:
        case "shelve":
            parser.add_argument(
                "--until", required=True, help="a time such as 2026-01-01T18:00:00Z, or 30m, 2h"
            )
            parser.add_argument("--reason", required=True, help="why it is hidden")
        case "hand-over":
            parser.add_argument("to", help="the person's id in roster.toml")
        case "tick":
            parser.add_argument("step", type=int, help="the number of the step")
            parser.add_argument("--undo", action="store_true", help="take the tick back")
        case "note":
            parser.add_argument("note", help="what was found or done")
        case "close":
            parser.add_argument(
                "--disposition",
                choices=get_args(Disposition),
                help="what the alert turned out to be",
            )
        case _:
            pass


def _handle(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        alert = find_one(journal.alerts(), given.alert).id
    command = _command(given, alert, signer(config, given))

    def outcome(transition: Transition) -> str | None:
        match transition:
            case AlertChanged(who=command.who, alert=alert, change=change) if (
                alert.id == command.alert
            ):
                done = str(change).replace("_", " ")
                to = f" to {alert.owner}" if change is Change.HANDED_OVER else ""
                return f"{alert.id} {done}{to}: {alert.title}"
            case _:
                return None

    print(send(config, given, command, command.alert, outcome))
    return 0


def _command(given: argparse.Namespace, alert: str, who: str) -> Staff:
    now = datetime.now(UTC)
    common: dict[str, Any] = {
        "at": now,
        "id": uuid4().hex,
        "who": who,
        "alert": alert,
        "note": given.note,
    }
    match given.act:
        case "ack":
            return StaffAcknowledge(**common)
        case "shelve":
            return StaffShelve(until=parse_time(given.until, now), reason=given.reason, **common)
        case "unshelve":
            return StaffUnshelve(**common)
        case "hand-over":
            return StaffHandOver(to=given.to, **common)
        case "escalate":
            return StaffEscalate(**common)
        case "tick":
            return StaffTick(step=given.step, undo=given.undo, **common)
        case "note":
            return StaffNote(**common)
        case _:
            return StaffClose(disposition=given.disposition, **common)
