"""Signing a zone off, and withdrawing that: a form becomes an event of readiness, as if it had come over MQTT."""

from collections.abc import Mapping
from typing import Literal, assert_never

from monitor.accounts import Right
from monitor.core.events.work import Readiness, ReadinessSigned, ReadinessWithdrawn
from monitor.core.transitions import refusal_in
from monitor.core.venue.model import Zone
from monitor.errors import EventInvalid
from monitor.texts import Language
from monitor.web.readiness_board import obstacle, seen_of, sign_off_of, status_of
from monitor.web.source import Source
from monitor.web.viewer import Viewer

Act = Literal["sign_off", "withdraw"]
RIGHTS: Mapping[Act, Right] = {"sign_off": "sign_off", "withdraw": "withdraw"}
"""The right that each act needs at the zone's site."""


async def execute(
    act: Act, given: Mapping[str, str], zone: Zone, viewer: Viewer, source: Source
) -> str:
    """Record what a person does about the sign-off of a zone; return why it was refused, or nothing.

    Args:
        act: what they do.
        given: the form: ``note``, and ``seen``, which stands for the verdict and the reasons that it showed.
        zone: the zone.
        viewer: who does it.
        source: the running monitor.

    """
    language, who, note = viewer.language, viewer.who, given.get("note", "").strip()
    if refused := _objection(act, given.get("seen", ""), note, zone, source, language):
        return refused
    event, key = _event(act, zone.id, who, note, source), f"{given['seen'][:64]}.{zone.id}"
    try:
        refusal = refusal_in(await source.record(event, f"console/{who}", key))
    except EventInvalid as error:
        return source.writer.reason(error.why, language)
    return "" if refusal is None else source.writer.reason(refusal, language)


def _objection(  # noqa: PLR0913, PLR0917 - what speaks for or against it
    act: Act, seen: str, note: str, zone: Zone, source: Source, language: Language
) -> str:
    status = status_of(source, zone.site, zone.id)
    sign_off = sign_off_of(source, status)
    match act:
        case "withdraw" if sign_off != "valid":
            return language.gettext("The zone is not signed off.")
        case "withdraw":
            return "" if note else language.gettext("Withdrawing a sign-off needs a reason.")
        case "sign_off" if sign_off == "valid":
            record = source.state.work.sign_offs[zone.id]
            name = language.inset(source.writer.name(record.who))
            return language.gettext("{name} has signed it off already.").format(name=name)
        case "sign_off" if sign_off == "not needed":
            return language.gettext("No zone needs a sign-off in this venue.")
        case "sign_off" if (first := obstacle(source, status)) is not None:
            reason = source.writer.reason(first.what, language)
            return language.gettext("Settle this first: {reason}").format(reason=reason)
        case "sign_off" if seen != seen_of(status):
            return language.gettext(
                "The readiness of the zone has changed since you looked. Look again, then sign."
            )
        case "sign_off":
            return ""
        case unreachable:
            assert_never(unreachable)


def _event(act: Act, zone: str, who: str, note: str, source: Source) -> Readiness:
    match act:
        case "sign_off":
            return ReadinessSigned(at=source.now(), zone=zone, who=who, note=note)
        case "withdraw":
            return ReadinessWithdrawn(at=source.now(), zone=zone, who=who, note=note)
        case unreachable:
            assert_never(unreachable)
