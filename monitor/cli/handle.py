"""Commands by which staff act on alerts: ack, shelve, unshelve, close; each goes the line that every event goes."""

import argparse
import asyncio
import getpass
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from monitor.app.runfile import find_broker, find_congress
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.alert import Alert
from monitor.core.decode import decode, topic_of
from monitor.core.engine.commands import Order
from monitor.core.events.commands import (
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffShelve,
    StaffUnshelve,
)
from monitor.core.inputs import Rejected
from monitor.core.timing import parse_duration
from monitor.core.transitions import AlertChanged, Mask, StaffRefused, Transition
from monitor.errors import ConfigError, MonitorError
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress, Publisher

PATIENCE = 10.0
"""Seconds to wait until the monitor has written the action down."""


class NotDone(MonitorError):
    """The action was refused, or nobody knows yet."""


Row = TypeVar("Row", Alert, Mask)
FARTHEST = 100
"""Years from now; what lies beyond is a slip of the pen, and the calendar ends somewhere."""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    for name, text in (
        ("ack", "say «mine»: it is yours now"),
        ("shelve", "take an alert out of sight for a while"),
        ("unshelve", "bring a shelved alert back"),
        ("close", "say that it is dealt with"),
    ):
        parser = commands.add_parser(name, help=text)
        parser.add_argument("alert", help="the alert's id, or its beginning")
        parser.add_argument("--who", default=getpass.getuser(), help="who acts (%(default)s)")
        parser.add_argument("--note", default="", help="what was found or done")
        if name == "shelve":
            parser.add_argument(
                "--until", required=True, help="a time such as 2026-01-01T18:00:00Z, or 30m, 2h"
            )
            parser.add_argument("--reason", required=True, help="why it may be out of sight")
        parser.set_defaults(run=_act, act=name)


def _act(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        said = _said(given, the_one(journal.alerts(), given.alert).id)

    def became(written: Transition) -> str | None:
        match written:
            case AlertChanged(who=said.who, alert=alert, change=change) if alert.id == said.alert:
                return f"{alert.id} {change}: {alert.title}"
            case _:
                return None

    print(tell(config, said, said.alert, became))
    return 0


def tell(
    config: Config,
    said: Order,
    subject: str,
    became: Callable[[Transition], str | None],
) -> str:
    """Send what somebody says the way that every event goes, and return what became of it.

    Args:
        config: the deployment.
        said: what they say.
        subject: the id of the alert or mask that it is about.
        became: tells of a transition what it says about it; nothing if it is about something else.

    Raises:
        NotDone: it was refused, or nobody knows yet.

    """
    with Journal(config.journal.path, read_only=True) as journal:
        before = journal.seq
        topic, payload = topic_of(said, find_congress(config)), msgspec.json.encode(said)
        _check(topic, payload, said)
        asyncio.run(_publish(find_broker(config), topic, payload))
        return _outcome(journal, before, said, subject, became)


def the_one(rows: Iterable[Row], beginning: str, kind: str = "open alert") -> Row:
    """Return the only one whose id begins like this.

    Raises:
        NotDone: none does, or several do.

    """
    found = [row for row in rows if row.id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    what = f"no {kind} has" if not found else f"{len(found)} {kind}s have"
    shown = f"`venue-monitor {kind.rsplit(maxsplit=1)[-1]}s` shows them"
    raise NotDone(f'{what} an id that begins with "{beginning}"; {shown}')


def _said(given: argparse.Namespace, alert: str) -> Staff:
    now = datetime.now(UTC)
    common: dict[str, Any] = {
        "at": now,
        "id": uuid4().hex,
        "who": given.who,
        "alert": alert,
        "note": given.note,
    }
    match given.act:
        case "ack":
            return StaffAcknowledge(**common)
        case "shelve":
            return StaffShelve(until=until(given.until, now), reason=given.reason, **common)
        case "unshelve":
            return StaffUnshelve(**common)
        case _:
            return StaffClose(**common)


def until(text: str, now: datetime, option: str = "--until") -> datetime:
    """Return the moment that somebody means by a time, or by a duration from now.

    Raises:
        ConfigError: it is neither, or no year of ours.

    """
    length = parse_duration(text)
    try:
        end = datetime.fromisoformat(text) if length is None else now + length
    except (ValueError, OverflowError):
        end = None
    if end is None or end.tzinfo is None or abs(end.year - now.year) > FARTHEST:
        raise ConfigError(
            [f'{option}: "{text}" is no time; write e.g. 30m, 2h or {now.year}-01-01T18:00:00Z']
        )
    return end


def _check(topic: str, payload: bytes, said: Order) -> None:
    """Refuse what the monitor could not read: nobody would hear of it here."""
    if not said.who or set("/+#\0") & set(said.who):
        raise ConfigError(
            [f'--who: "{said.who}" can\'t be part of a topic; write a name without / + #']
        )
    if isinstance(read := decode(topic, payload, said.at), Rejected):
        raise ConfigError([f"this can't be sent: {read.reason}"])


async def _publish(address: BrokerAddress, topic: str, payload: bytes) -> None:
    async with Publisher(address, f"venue-monitor-act-{uuid4().hex[:8]}") as publisher:
        await publisher.publish(topic, payload)


def _outcome(
    journal: Journal,
    before: int,
    said: Order,
    subject: str,
    became: Callable[[Transition], str | None],
) -> str:
    """Wait until the journal has the action, and return what became of it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for written in journal.transitions(before):
            before = written.seq
            match written.transition:
                case StaffRefused(who=said.who, alert=refused, reason=reason) if refused == subject:
                    raise NotDone(f"{refused}: refused: {reason}")
                case other if (outcome := became(other)) is not None:
                    return outcome
                case _:
                    pass
        time.sleep(0.05)
    raise NotDone(
        f"the broker has it, but the monitor has not written it down within {PATIENCE:.0f} s: is it running? "
        "It will be taken in when the monitor is back"
    )
