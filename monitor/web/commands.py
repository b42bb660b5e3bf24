"""What a person does about alerts in the console: a form becomes a command of staff, as if it had come over MQTT."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, assert_never, get_args

from msgspec import Struct

from monitor.accounts import Right
from monitor.accounts.command_rights import Situation
from monitor.accounts.command_rights import objection as rights_objection
from monitor.core.alert import Alert
from monitor.core.engine.commands import is_command
from monitor.core.events import ReceivedEvent
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
from monitor.core.transitions import refusal_in
from monitor.errors import EventInvalid
from monitor.texts import Language
from monitor.web.source import Source
from monitor.web.viewer import Viewer

Act = Literal["acknowledge", "note", "hand_over", "escalate", "tick", "shelve", "unshelve", "close"]
RIGHTS: Mapping[Act, Right] = {
    "acknowledge": "act",
    "note": "act",
    "hand_over": "act",
    "escalate": "act",
    "tick": "act",
    "shelve": "shelve",
    "unshelve": "shelve",
    "close": "close",
}
"""The right that each act needs at the alert's site."""
DISPOSITIONS: tuple[Disposition, ...] = get_args(Disposition)
PROPOSED = timedelta(hours=1)
"""The end of a shelving that a form proposes; judgement."""


MOST_OF_KEY = 128
"""Characters of the key of an act."""


class Form(Struct, frozen=True, kw_only=True):
    """What a person has filled in; who they are is never part of it."""

    act: Act
    key: str
    """The same when the form is sent again."""
    note: str = ""
    to: str = ""
    step: int = 0
    undo: bool = False
    until: datetime | None = None
    disposition: Disposition | None = None
    owner: str | None = None
    """Who had the alert when the form was shown: only then may it be taken from them."""


def read_form(act: str, given: Mapping[str, str], source: Source) -> Form | None:
    """Return what a person has filled in; ``None`` if it is about nothing that can be done."""
    known: Act | None = next((row for row in RIGHTS if row == act), None)
    if known is None:
        return None
    step, disposition = given.get("step", ""), given.get("disposition", "")
    return Form(
        act=known,
        key=given.get("key", "")[:64],
        note=given.get("note", "").strip(),
        to=given.get("to", ""),
        step=int(step) if step.isdecimal() and len(step) < 4 else 0,  # noqa: PLR2004 - digits
        undo=given.get("undo") == "1",
        until=local_time(given.get("until", ""), source),
        disposition=next((row for row in DISPOSITIONS if row == disposition), None),
        owner=given.get("owner"),
    )


def objection(form: Form, language: Language) -> str:
    """Return what is missing in a form; empty if nothing is."""
    if not form.key:
        return language.gettext("The form is incomplete. Open the page again.")
    if form.act == "shelve" and form.until is None:
        return language.gettext("Shelving needs an end: a date and a time.")
    if form.act == "shelve" and not form.note:
        return language.gettext("Shelving needs a reason.")
    if form.act == "note" and not form.note:
        return language.gettext("the note is empty")
    if form.act == "hand_over" and not form.to:
        return language.gettext("Choose to whom you hand it over.")
    return ""


async def execute(form: Form, alert: Alert, viewer: Viewer, source: Source) -> str:
    """Record what a person does about an alert; return why it was refused, or nothing.

    Of two people who take it, one is first: on one machine nothing happens between looking at the alert and recording;
    in a cluster the site decides, which knows from whom it is to be taken.
    """
    who, language, now = viewer.who, viewer.language, source.now()
    if missing := objection(form, language):
        return missing
    current = source.state.alerts.open.get(alert.id, alert)
    if form.act == "acknowledge" and _has_another_owner(current, form.owner, who):
        return language.gettext("{name} has it.").format(
            name=language.inset(source.writer.name(current.owner))
        )
    return await record(_event(form, alert.id, who, now), f"{form.key}.{alert.id}", viewer, source)


async def record(event: ReceivedEvent, key: str, viewer: Viewer, source: Source) -> str:
    """Record what a person does; return why it was refused, or nothing.

    Args:
        event: what they do.
        key: of the form, the same when it is sent again; empty: the form is incomplete.
        viewer: who they are.
        source: the monitor.

    """
    language = viewer.language
    if not key:
        return language.gettext("The form is incomplete. Open the page again.")
    if is_command(event):
        entry_of = source.journal.shift_log.written
        situation = Situation(source.state, source.now(), entry_of, source.members)
        found = rights_objection(viewer.account, event, situation, viewer.at)
        if found is not None:
            return source.writer.reason(found.why, language)
    try:
        transitions = await source.record(event, f"console/{viewer.who}", key[:MOST_OF_KEY])
    except EventInvalid as error:
        return source.writer.reason(error.why, language)
    refused = refusal_in(transitions)
    return "" if refused is None else source.writer.reason(refused, language)


def proposed_end(source: Source) -> str:
    """Return the end of a shelving that a form proposes."""
    return form_time(source.now() + PROPOSED, source)


def local_time(text: str, source: Source) -> datetime | None:
    """Return a date and time as a form has it; ``None`` if it is none."""
    timezone = source.writer.names.timezone
    try:
        return datetime.fromisoformat(text).replace(tzinfo=timezone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def form_time(at: datetime, source: Source) -> str:
    """Return a time as such a field of a form has it: in the congress's time zone."""
    return f"{at.astimezone(source.writer.names.timezone):%Y-%m-%dT%H:%M}"


def _has_another_owner(alert: Alert, seen: str | None, who: str) -> bool:
    return not alert.needs_owner and alert.owner not in {who, seen}


def _event(form: Form, alert: str, who: str, now: datetime) -> Staff:
    note = form.note
    match form.act:
        case "acknowledge":
            seen = form.owner or ""
            return StaffAcknowledge(at=now, who=who, alert=alert, note=note, taken_from=seen)
        case "note":
            return StaffNote(at=now, who=who, alert=alert, note=note)
        case "hand_over":
            return StaffHandOver(at=now, who=who, alert=alert, note=note, to=form.to)
        case "escalate":
            return StaffEscalate(at=now, who=who, alert=alert, note=note)
        case "tick":
            return StaffTick(
                at=now, who=who, alert=alert, note=note, step=form.step, undo=form.undo
            )
        case "shelve":
            until = form.until or now
            return StaffShelve(at=now, who=who, alert=alert, until=until, reason=note)
        case "unshelve":
            return StaffUnshelve(at=now, who=who, alert=alert, note=note)
        case "close":
            return StaffClose(at=now, who=who, alert=alert, note=note, disposition=form.disposition)
        case unreachable:
            assert_never(unreachable)
