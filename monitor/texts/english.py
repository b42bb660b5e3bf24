"""English for other systems and the command line: sentences leave the monitor as plain text."""

from typing import TypeVar

from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.phrase import Phrase
from monitor.core.rules.title import render_phrase
from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    OverrideChanged,
    PageOrdered,
    ReadinessStatus,
    StaffAnswered,
    StaffRefused,
    Transition,
    ZoneChanged,
    ZoneStatus,
)
from monitor.core.venue.display_names import NO_NAMES
from monitor.texts.language import ENGLISH

Row = TypeVar("Row", bound=Transition | Alert | ZoneStatus | ReadinessStatus)


def plain(row: Phrase | str) -> str:
    """Return a sentence in English, with times in UTC."""
    return render_phrase(row, NO_NAMES, ENGLISH)


def in_english(row: Row) -> Row:
    """Return a transition or a part of one, with every sentence in it in English."""
    match row:
        case Alert(note=note, values=values):
            plainly = {name: plain(value) for name, value in values.items()}
            return replace(row, note=plain(note), values=plainly)
        case AlertChanged(alert=alert, note=note):
            return replace(row, alert=in_english(alert), note=plain(note))
        case MaskChanged(note=Phrase() as note) | OverrideChanged(note=Phrase() as note):
            return replace(row, note=plain(note))
        case ZoneStatus(reason=Phrase() as reason):
            return replace(row, reason=plain(reason))
        case ZoneChanged(status=status):
            return replace(row, status=in_english(status))
        case ReadinessStatus(reasons=reasons):
            return replace(
                row, reasons=tuple(replace(each, what=plain(each.what)) for each in reasons)
            )
        case StaffRefused(reason=reason) | StaffAnswered(reason=reason):
            return replace(row, reason=plain(reason))
        case PageOrdered(reason=reason, alerts=alerts, daily=daily):
            if daily is not None:
                daily = replace(daily, shelved=tuple(map(in_english, daily.shelved)))
            return replace(
                row, reason=plain(reason), alerts=tuple(map(in_english, alerts)), daily=daily
            )
        case _:
            return row
