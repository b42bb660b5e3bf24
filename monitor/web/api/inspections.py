"""``PUT /api/v1/inspections/{key}``: takes a form in once, and answers every repetition with the same receipt."""

import msgspec
from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Raw

from monitor.accounts import Accounts
from monitor.core.venue.checklist import digest_of
from monitor.journal.work_events import WorkRow
from monitor.web.api.callers import answerable, check_account, readable
from monitor.web.api.checklists import as_answered
from monitor.web.api.checks import objections
from monitor.web.api.form import Form, action_events, form_event, read
from monitor.web.api.form import digest_of as digest_of_body
from monitor.web.api.problem import Refused
from monitor.web.api.receipts import Receipt, receipt, record, repetition
from monitor.web.context import Console
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

LARGEST_FORM = 256 * 1024
"""Bytes; a form of 500 answers with notes takes a tenth of it."""
SIGNATURE = b',"signature":'
"""Where the last field of a signed body begins, which the signature itself does not cover."""


def inspection_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @put(
        "/inspections/{key:str}",
        opt={"right": "inspect", "serves_phones": True},
        request_max_body_size=LARGEST_FORM,
        status_code=201,
    )
    async def put_inspection(request: ConsoleRequest, key: FromPath[str]) -> Response[Receipt]:
        """Take a form in."""
        body = await request.body()
        check_account(request)
        found, is_new = await take_form(console.source, console.accounts, request.user, key, body)
        return Response(found, status_code=201 if is_new else 200)

    return [put_inspection]


async def take_form(
    source: Source, accounts: Accounts, viewer: Viewer, key: str, body: bytes
) -> tuple[Receipt, bool]:
    """Take a form in, once; return its receipt, and whether it is new.

    Args:
        source: the running monitor.
        accounts: has the keys by which forms are signed.
        viewer: whose form it is.
        key: the same whenever the same bytes are sent again.
        body: the form.

    Raises:
        Refused: it has to be corrected, or is not the latest.
        RightMissing: the viewer may not answer this checklist.

    """
    digest = digest_of_body(body)
    form = readable(read(body, Form), source, viewer)
    checklist = answerable(source, viewer, form.checklist)
    if (before := repetition(source, viewer, key, digest)) is not None:
        return receipt(source, viewer, key, before, digest, checklist), False
    answered = as_answered(source.state, checklist, form.digest)
    if wrong := objections(form, answered, source.rule_set.venue, viewer.language):
        raise Refused("invalid", wrong[0].reason, wrong)
    _check_revision(source, viewer, form)
    signed_with = _signed_with(accounts, viewer, form, body)
    version = form.digest or digest_of(checklist)
    event = form_event(form, version, viewer.who, digest, signed_with)
    actions = action_events(form, checklist, viewer.who)
    entry = await record(source, viewer, key, (event, *actions))
    return receipt(source, viewer, key, entry, digest, checklist), True


def _check_revision(source: Source, viewer: Viewer, form: Form) -> None:
    """Go on only with a form that rests on the latest one of its visit.

    Raises:
        Refused: somebody else has sent a later one.

    """
    latest, language = source.journal.work_events.latest_form(form.inspection), viewer.language
    if latest is None or getattr(latest.event, "revision", 0) == form.revision - 1:
        return
    what = language.gettext("{name} has sent a form of this inspection since. Compare the two.")
    name = language.inset(source.writer.name(getattr(latest.event, "inspector", "")))
    raise Refused("revision-superseded", what.format(name=name), newer=newer_form(source, latest))


def newer_form(source: Source, row: WorkRow) -> Raw:
    """Return a form as it is in the journal, to be shown beside another one."""
    form = msgspec.to_builtins(row.event)
    named = {"received_at": row.received_at, "by": source.writer.name(form["inspector"])}
    return Raw(msgspec.json.encode({**form, **named}))


def _signed_with(accounts: Accounts, viewer: Viewer, form: Form, body: bytes) -> str:
    """Return the id of the key with which a form is signed; empty if it is not.

    Raises:
        Refused: the signature is not one of whoever sends it.

    """
    if form.signature is None:
        return ""
    unsigned = body[: body.rindex(SIGNATURE)] + SIGNATURE + b"null}"
    named, keys = form.signature, accounts.signing_keys
    digest = digest_of_body(unsigned)
    if named.person in {viewer.who, viewer.account.name} and keys.is_signed(
        viewer.account.name, named.key_id, digest, named.mac, form.at
    ):
        return named.key_id
    language = viewer.language
    raise Refused(
        "invalid", language.gettext("The signature does not fit the form. Sign it again.")
    )
