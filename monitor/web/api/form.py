"""A form as a device sends it: what a body may hold, and its events."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from monitor.core.decode_errors import explain
from monitor.core.events.inspection import (
    Evidence,
    InspectionAmended,
    InspectionItem,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Name, Result, Severity, Text, Unit, When
from monitor.core.events.work import ActionOpened
from monitor.core.phrase import Phrase, phrase
from monitor.core.venue.checklist import Checklist

S = TypeVar("S", bound=Struct)
SCHEMAS = (1,)
"""The versions of the body that are read: the present one, and the one before."""
JPEG = "image/jpeg"
MOST_ITEMS, MOST_PHOTOS, MOST_PHOTOS_OF_ITEM = 500, 30, 8
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal digits."""
Label = Annotated[str, Meta(max_length=128)]


class Device(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The device that sends a form, and what it knows of its clock."""

    id: Label = ""
    offset_s: float | None = None
    """How far the monitor's clock is ahead of the device's; ``None``: it was never compared."""
    offset_age_s: float | None = None
    """How long before the form was finished that was measured."""
    clock_uncertain: bool = False


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to one item."""

    item: Name
    result: Result
    value: float | None = None
    unit: Unit = "unknown"
    choice: Label = ""
    text: Text = ""
    asset: Label = ""
    note: Text = ""
    na_reason: Text = ""
    photos: Annotated[tuple[Digest, ...], Meta(max_length=MOST_PHOTOS_OF_ITEM)] = ()
    at: When | None = None


class Work(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The corrective action that a failed item asks for."""

    item: Name
    lead: Label = ""
    coordinating: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    due_at: When | None = None
    note: Text = ""


class Signature(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The inspector's PIN over the form, as a code that only their phone can make."""

    person: Name
    method: Literal["pin"] = "pin"
    key_id: Name
    """Which of the person's keys made it."""
    mac: Annotated[str, Meta(max_length=64)]
    """HMAC-SHA256 over the digest of the form without the signature, in base64."""


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One completed form; its bytes never change once it waits to be sent."""

    schema: int
    checklist: Name
    digest: Digest | Literal[""] = ""
    """Of the definition that was answered; empty: the present one."""
    inspection: Name
    """The id of the visit; a correction keeps it."""
    revision: Annotated[int, Meta(ge=1, le=1000)] = 1
    started_at: When | None = None
    finished_at: When
    at: When
    """When the body was frozen, by the device's corrected clock."""
    device: Device = Device()
    items: Annotated[tuple[Answer, ...], Meta(min_length=1, max_length=MOST_ITEMS)]
    actions: Annotated[tuple[Work, ...], Meta(max_length=MOST_ITEMS)] = ()
    signature: Signature | None = None


class SingleAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer that is sent at once, ahead of its form."""

    schema: int
    checklist: Name
    digest: Digest | Literal[""] = ""
    inspection: Name
    revision: Annotated[int, Meta(ge=1, le=1000)] = 1
    at: When
    device: Device = Device()
    item: Answer


_CHOICES: Mapping[str, Sequence[str]] = {
    "items[...].result": get_args(Result),
    "items[...].unit": get_args(Unit),
    "item.result": get_args(Result),
    "item.unit": get_args(Unit),
}


def read(body: bytes, kind: type[S]) -> S | Phrase:
    """Return what a body holds, or what is wrong with it."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        return explain(str(error), _CHOICES)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return phrase("message-not-json", error=str(error))
    except RecursionError:
        return phrase("message-nested")


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of a body, in hexadecimal digits: what a receipt names and a signature covers."""
    return sha256(body).hexdigest()


def form_event(
    form: Form, version: str, inspector: str, digest: str, signed_with: str
) -> InspectionSubmitted | InspectionAmended:
    """Return the event of a form.

    Args:
        form: the form.
        version: the digest of the checklist that it answers.
        inspector: who has signed in.
        digest: of its body.
        signed_with: the id of the key with which it is signed; empty if it is not.

    """
    kind = InspectionSubmitted if form.revision == 1 else InspectionAmended
    started = form.started_at
    return kind(
        at=form.at,
        checklist=form.checklist,
        inspection=form.inspection,
        inspector=inspector,
        revision=form.revision,
        version=version,
        # A clock that was set back meanwhile gives no duration, and is no reason to refuse the form.
        started_at=None if started is None or started > form.finished_at else started,
        finished_at=form.finished_at,
        items=tuple(Item(**_answered(answer)) for answer in form.items),
        form=digest,
        signed_with=signed_with,
        clock_uncertain=form.device.clock_uncertain,
    )


def answer_event(given: SingleAnswer, inspector: str, digest: str) -> InspectionItem:
    """Return the event of an answer that is sent ahead of its form."""
    return InspectionItem(
        at=given.at,
        checklist=given.checklist,
        inspection=given.inspection,
        inspector=inspector,
        version=given.digest,
        finished_at=given.item.at,
        form=digest,
        clock_uncertain=given.device.clock_uncertain,
        **_answered(given.item),
    )


def action_events(form: Form, checklist: Checklist, who: str) -> list[ActionOpened]:
    """Return the events that open the actions of a form; each belongs to one item of one visit."""
    severities: Mapping[str, Severity] = {row.id: row.criticality for row in checklist.items}
    assets = {answer.item: answer.asset for answer in form.items}
    return [
        ActionOpened(
            at=form.at,
            action=action_id(form.inspection, work.item),
            zone=checklist.zone,
            asset=assets.get(work.item, ""),
            who=who,
            note=work.note,
            kind="repair",
            lead=work.lead or checklist.lead,
            coordinating=work.coordinating,
            from_item=work.item,
            severity=severities.get(work.item, "noncritical"),
            due_at=work.due_at,
        )
        for work in form.actions
    ]


def action_id(inspection: str, item: str) -> str:
    """Return the id of the action for one item of a visit."""
    return f"{inspection}.{item}"[:128]


def _answered(answer: Answer) -> dict[str, Any]:
    """Return what an event says of an answer: the same whether it comes alone or with its form."""
    fields = {name: getattr(answer, name) for name in Item.__struct_fields__ if name != "evidence"}
    evidence = (Evidence(sha256=digest, media_type=JPEG) for digest in answer.photos)
    return {**fields, "evidence": tuple(evidence)}
