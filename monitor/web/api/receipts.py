"""Receipts: what was taken in under a key of an account, once, and recognised ever after."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import InspectionAmended, InspectionItem, InspectionSubmitted
from monitor.core.events.vocabulary import ReadinessState
from monitor.core.identity import identity_of_key
from monitor.core.inputs import Arrival
from monitor.core.venue.checklist import Checklist
from monitor.errors import EventInvalid
from monitor.journal.record import Entry
from monitor.web.api.checklists import site_of
from monitor.web.api.problem import Refused
from monitor.web.readiness_board import status_of
from monitor.web.source import Source
from monitor.web.viewer import Viewer

LONGEST_KEY = 100


class ZoneNow(Struct, frozen=True, kw_only=True):
    """The readiness of a zone as of the answer; a form counts once the lateness has passed."""

    id: str
    name: str
    state: ReadinessState
    reasons: Sequence[str]


class Receipt(Struct, frozen=True, kw_only=True):
    """That a form is in the journal."""

    key: str
    seq: int
    """The number of its input."""
    received_at: datetime
    digest: str
    """The SHA-256 of the body, in hexadecimal digits."""
    zone: ZoneNow


def repetition(source: Source, viewer: Viewer, key: str, digest: str) -> Entry | None:
    """Return what was taken in under a key of this account; ``None`` if nothing was.

    Raises:
        Refused: the key is too long, or something else was taken in under it.

    """
    language = viewer.language
    if len(key) > LONGEST_KEY:
        most = language.inset(str(LONGEST_KEY))
        what = language.gettext("A key has at most {n} characters.").format(n=most)
        raise Refused("invalid", what)
    before = source.journal.entry_of(identity_of_key(sender(viewer), key))
    if before is None:
        return None
    match before.input():
        case Arrival(
            events=(InspectionSubmitted() | InspectionAmended() | InspectionItem() as event, *_)
        ):
            if event.form == digest:
                return before
        case _:
            pass
    what = language.gettext("Send a form that you have changed under a new key.")
    raise Refused("key-reused", what)


async def record(
    source: Source, viewer: Viewer, key: str, events: Sequence[ReceivedEvent]
) -> Entry:
    """Take events in; return what is in the journal.

    Raises:
        Refused: the core takes one of them for invalid.

    """
    try:
        await source.record_all(events, sender(viewer), key)
    except EventInvalid as error:
        raise Refused("invalid", source.writer.reason(error.why, viewer.language)) from error
    entry = source.journal.entry_of(identity_of_key(sender(viewer), key))
    if entry is None:
        raise Refused("invalid", viewer.language.gettext("The monitor does not believe the form."))
    return entry


def receipt(  # noqa: PLR0913, PLR0917 - what a receipt says
    source: Source, viewer: Viewer, key: str, entry: Entry, digest: str, checklist: Checklist
) -> Receipt:
    """Return the receipt for what was taken in."""
    status = status_of(source, site_of(source.state, checklist), checklist.zone)
    language = viewer.language
    return Receipt(
        key=key,
        seq=entry.seq,
        received_at=entry.received_at,
        digest=digest,
        zone=ZoneNow(
            id=checklist.zone,
            name=source.writer.names.of("zone", checklist.zone),
            state=status.state,
            reasons=[
                source.writer.reason(row.what, language)
                for row in status.reasons
                if row.state != "go"
            ],
        ),
    )


def sender(viewer: Viewer) -> str:
    """Return where the inputs of an account come from: keys of one account are not those of another."""
    return f"form/{viewer.account.name}"
