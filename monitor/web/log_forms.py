"""What people write into the shift log in the console: entries, strikes, hand-overs and their confirmations."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from monitor.accounts.command_rights import Situation, objection
from monitor.core.events.commands import LogConfirmed, Logging, LogHandedOver, LogStruck, LogWritten
from monitor.core.phrase import Phrase
from monitor.core.transitions import LogEntry, LogEntryWritten, Transition, refusal_in
from monitor.errors import EventInvalid
from monitor.journal.shift_log import LogRow
from monitor.web.log_query import local_time
from monitor.web.source import Source
from monitor.web.viewer import Viewer


class LogForm(Struct, frozen=True, kw_only=True):
    """What a person has filled in; who they are is never part of it."""

    key: str = ""
    """The same when the form is sent again."""
    text: str = ""
    """Of an entry or a hand-over, or the reason of a strike."""
    happened: str = ""
    """A local date and time; empty: now."""
    site: str = ""
    zone: str = ""
    to: str = ""
    until: str = ""


class Written(Struct, frozen=True, kw_only=True):
    """What became of an act."""

    refused: str = ""
    """Why it was refused; empty: it was done."""
    entry: str = ""
    """The id of the entry that was written."""


def read_form(given: Mapping[str, str], source: Source) -> LogForm:
    """Return what a person has filled in; a zone brings its site along."""
    site, _, zone = given.get("place", "").partition("/")
    sites = {row.id: row.site for row in source.rule_set.venue.zones}
    return LogForm(
        key=given.get("key", "")[:64],
        text=given.get("text", "").strip(),
        happened=given.get("happened", ""),
        site=sites.get(zone, site),
        zone=zone,
        to=given.get("to", ""),
        until=given.get("until", ""),
    )


async def write(form: LogForm, viewer: Viewer, source: Source) -> Written:
    """Write an entry."""
    happened = local_time(form.happened, source)
    if form.happened and happened is None:
        return Written(refused=viewer.language.gettext("Give a date and a time."))
    event = LogWritten(
        at=source.now(),
        who=viewer.who,
        text=form.text,
        happened_at=happened,
        site=form.site,
        zone=form.zone,
    )
    return await _record(event, form, viewer, source)


async def strike(entry: LogEntry, form: LogForm, viewer: Viewer, source: Source) -> Written:
    """Strike an entry."""
    if (reason := objection_to_strike(entry, viewer, source)) is not None:
        return Written(refused=source.writer.reason(reason, viewer.language))
    event = LogStruck(at=source.now(), who=viewer.who, entry=entry.id, reason=form.text)
    return await _record(event, form, viewer, source)


async def hand_over(form: LogForm, viewer: Viewer, source: Source) -> Written:
    """Hand the shift over."""
    until = local_time(form.until, source)
    if until is None:
        return Written(refused=viewer.language.gettext("Give a date and a time."))
    event = LogHandedOver(
        at=source.now(), who=viewer.who, to=form.to, text=form.text, site=form.site, until=until
    )
    return await _record(event, form, viewer, source)


async def confirm(entry: LogEntry, form: LogForm, viewer: Viewer, source: Source) -> Written:
    """Confirm a hand-over."""
    return await confirm_entry(entry.id, form, viewer, source)


async def confirm_entry(entry: str, form: LogForm, viewer: Viewer, source: Source) -> Written:
    """Confirm a hand-over by the number of its entry."""
    event = LogConfirmed(at=source.now(), who=viewer.who, entry=entry)
    return await _record(event, form, viewer, source)


def objection_to_strike(entry: LogEntry, viewer: Viewer, source: Source) -> Phrase | None:
    """Return why a viewer may not strike an entry now; ``None`` if they may."""
    event = LogStruck(at=source.now(), who=viewer.who, entry=entry.id)
    situation = Situation(source.state, source.now(), lambda _: entry, source.members)
    found = objection(viewer.account, event, situation, viewer.at)
    return None if found is None else found.why


def may_confirm(row: LogRow, viewer: Viewer) -> bool:
    """Return whether a viewer is to confirm a hand-over."""
    entry = row.what
    return (
        isinstance(entry, LogEntry)
        and entry.hand_over is not None
        and row.confirmation is None
        and row.strike is None
        and entry.who != viewer.who
        and entry.hand_over.to in {"", viewer.who}
        and viewer.may("log", entry.site)
    )


async def _record(event: Logging, form: LogForm, viewer: Viewer, source: Source) -> Written:
    language = viewer.language
    if not form.key:
        return Written(refused=language.gettext("The form is incomplete. Open the page again."))
    try:
        transitions = await source.record(event, f"console/{viewer.who}", f"{form.key}.log")
    except EventInvalid as error:
        return Written(refused=source.writer.reason(error.why, language))
    refused = refusal_in(transitions)
    return Written(
        refused="" if refused is None else source.writer.reason(refused, language),
        entry=_entry_in(transitions),
    )


def _entry_in(transitions: Sequence[Transition]) -> str:
    return next((row.entry.id for row in transitions if isinstance(row, LogEntryWritten)), "")
