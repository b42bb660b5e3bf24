"""Who may act for people over MQTT: senders that the configuration names, for people who may do it themselves.

The last level of the topic names the sender. The broker's access list has to see to it that only the sender publishes
there; the list of names sees to it that a sender whom the broker lets in by mistake does not act for anybody. What the
person may do their account says, as in the console. The account is also asked about reports by which a person vouches
for something, whoever sends them.
"""

from collections.abc import Callable, Container
from typing import NamedTuple

from monitor.core.bounded_text import short_id
from monitor.core.decode import sender_of
from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.events.inspection import InspectionApproved
from monitor.core.events.monitor import Noticed
from monitor.core.events.monitor_senders import MonitorPersonRefused, MonitorSenderUnnamed
from monitor.core.events.work import ActionVerified
from monitor.core.inputs import Arrival, Rejected
from monitor.core.phrase import Phrase, phrase

VOUCHING = frozenset({InspectionApproved, ActionVerified})
"""Reports, of any sender, by which a named person says that all is well: a zone may open because of them."""


class PersonRefused(NamedTuple):
    """Why a person may not do what a sender does in their name."""

    why: Phrase
    right: str = ""
    """The right that is missing; empty: they have no account."""
    is_noticed: bool = True
    """Whether others may learn of it: an alert about a silent alert would betray that one."""


MayAct = Callable[[ReceivedEvent], PersonRefused | None]
"""Returns why the person in whose name an event was sent may not do this; ``None`` if they may."""


class RefusedMessage(NamedTuple):
    """A message in a person's name that is refused."""

    rejected: Rejected
    notice: Noticed | None
    """What the monitor notices about it."""


def named_only(given: Arrival | Rejected, named: Container[str]) -> Arrival | Rejected:
    """Return a message as it was decoded, or its rejection if it is a command of a sender who is not named."""
    sender = sender_of(given.source)
    if sender is None or sender[1] in named or not isinstance(given, Arrival):
        return given
    return _rejected(given, phrase("sender-not-named"))


def sender_unnamed(given: Rejected) -> MonitorSenderUnnamed | None:
    """Return what the monitor notices about a message that was rejected because its sender is not named."""
    match sender_of(given.source), given.reason:
        case (_, sender), Phrase(id="sender-not-named"):
            return MonitorSenderUnnamed(
                at=given.received_at, sender=short_id(sender), source=short_id(given.source)
            )
        case _:
            return None


def refused_for_person(given: Arrival, may_act: MayAct) -> RefusedMessage | None:
    """Return the refusal of a message in the name of a person who may not do this; ``None`` otherwise.

    Args:
        given: any message, just before the core would take it: what a person may do hangs on what has happened so far.
        may_act: tells what people may do.

    """
    named = sender_of(given.source)
    if named is None and VOUCHING.isdisjoint(map(type, given.events)):
        return None
    for event in given.events:
        if (refused := may_act(event)) is not None:
            notice = MonitorPersonRefused(
                at=given.received_at,
                sender=short_id(given.source if named is None else named[1]),
                who=short_id(person_of(event)),
                act=kind_of(event),
                right=refused.right,
            )
            return RefusedMessage(
                _rejected(given, refused.why), notice if refused.is_noticed else None
            )
    return None


def person_of(event: ReceivedEvent) -> str:
    """Return the person in whose name an event was sent; empty if it names none."""
    return str(getattr(event, "approver", "") or getattr(event, "who", ""))


def _rejected(given: Arrival, why: Phrase) -> Rejected:
    return Rejected(
        received_at=given.received_at,
        source=given.source,
        reason=why,
        id=next((event.id for event in given.events), ""),
    )
