"""``PUT /api/v1/inspections/{key}``: takes a form in once, and answers every repetition with the same receipt."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import InspectionAmended, InspectionItem, InspectionSubmitted
from monitor.core.events.vocabulary import ReadinessState
from monitor.core.identity import identity_of_key
from monitor.core.inputs import Arrival
from monitor.core.phrase import Phrase
from monitor.core.venue.model import Checklist
from monitor.errors import EventInvalid
from monitor.journal.record import Entry
from monitor.web.api.checklists import checklist_of, digest_of, may_inspect, site_of, version_of
from monitor.web.api.checks import objections
from monitor.web.api.form import Form, action_events, form_event, read
from monitor.web.api.form import digest_of as digest_of_body
from monitor.web.api.problem import Refused
from monitor.web.context import Console
from monitor.web.guard import RightMissing
from monitor.web.readiness_board import status_of
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

S = TypeVar("S", bound=Struct)
LARGEST_FORM = 256 * 1024
"""Bytes; a form of 500 answers with notes takes a tenth of it."""
LONGEST_KEY = 100
OTHER_ACCOUNT = "form-account"
"""The header in which a device names the account of whoever completed the form."""


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


def inspection_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @put(
        "/inspections/{key:str}",
        opt={"right": "inspect"},
        request_max_body_size=LARGEST_FORM,
        status_code=201,
    )
    async def put_inspection(request: ConsoleRequest, key: FromPath[str]) -> Response[Receipt]:
        """Take a form in."""
        body = await request.body()
        check_account(request)
        return _put_inspection(console.source, request.user, key, body)

    return [put_inspection]


def check_account(request: ConsoleRequest) -> None:
    """Go on only if whoever has signed in also completed the form.

    Raises:
        Refused: the device names another account.

    """
    named = request.headers.get(OTHER_ACCOUNT)
    if named is not None and named != request.user.account.name:
        language = request.user.language
        what = language.gettext("The form belongs to {name}, who has to sign in to send it.")
        raise Refused("other-account", what.format(name=language.inset(named)))


def _put_inspection(source: Source, viewer: Viewer, key: str, body: bytes) -> Response[Receipt]:
    digest = digest_of_body(body)
    form = readable(read(body, Form), source, viewer)
    checklist = answerable(source, viewer, form.checklist)
    if (before := repetition(source, viewer, key, digest)) is not None:
        return Response(_receipt(source, viewer, key, before, digest, checklist), status_code=200)
    is_present = form.digest in {"", digest_of(checklist)}
    language, venue = viewer.language, source.rule_set.venue
    if wrong := objections(form, checklist, venue, language, is_present=is_present):
        raise Refused("invalid", wrong[0].reason, wrong)
    event = form_event(form, version_of(checklist, form.digest), viewer.who, digest)
    actions = action_events(form, checklist, viewer.who)
    entry = record(source, viewer, key, (event, *actions))
    return Response(_receipt(source, viewer, key, entry, digest, checklist), status_code=201)


def readable(given: S | Phrase, source: Source, viewer: Viewer) -> S:
    """Return what was read.

    Raises:
        Refused: it could not be read.

    """
    if isinstance(given, Phrase):
        raise Refused("invalid", source.writer.reason(given, viewer.language))
    return given


def answerable(source: Source, viewer: Viewer, own: str) -> Checklist:
    """Return a checklist that a viewer may answer.

    Raises:
        Refused: there is none with this id.
        RightMissing: they may not.

    """
    checklist, language = checklist_of(source.state, own), viewer.language
    if checklist is None:
        what = language.gettext("There is no checklist “{id}”.").format(id=language.inset(own))
        raise Refused("invalid", what)
    if not may_inspect(viewer, checklist, source.state):
        raise RightMissing("inspect", site_of(source.state, checklist))
    return checklist


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


def sender(viewer: Viewer) -> str:
    """Return where the inputs of an account come from: keys of one account are not those of another."""
    return f"form/{viewer.account.name}"


def record(source: Source, viewer: Viewer, key: str, events: Sequence[ReceivedEvent]) -> Entry:
    """Take events in; return what is in the journal.

    Raises:
        Refused: the core takes one of them for invalid.

    """
    try:
        source.record_all(events, sender(viewer), key)
    except EventInvalid as error:
        raise Refused("invalid", source.writer.reason(error.why, viewer.language)) from error
    entry = source.journal.entry_of(identity_of_key(sender(viewer), key))
    if entry is None:
        raise Refused("invalid", viewer.language.gettext("The monitor does not believe the form."))
    return entry


def _receipt(  # noqa: PLR0913, PLR0917 - what a receipt says
    source: Source, viewer: Viewer, key: str, entry: Entry, digest: str, checklist: Checklist
) -> Receipt:
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
