"""What enters the shift log by itself, besides the changes of alerts, in words."""

from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from monitor.core.rules.title import render_phrase
from monitor.core.transitions import LogNoted, Mask, MaskChanged, Override, OverrideChanged
from monitor.core.venue.display_names import DisplayNames
from monitor.texts.language import Language


def line_in_words(
    row: MaskChanged | OverrideChanged | LogNoted, names: DisplayNames, language: Language
) -> str:
    """Return what happened; the note that somebody wrote about it is not part of it.

    Args:
        row: what happened.
        names: of people and places.
        language: to put it into.

    """
    match row:
        case MaskChanged(mask=mask, ended=ended, who=who):
            return _mask(mask, who, names, language, ended=ended)
        case OverrideChanged(at=at, override=override, ended=ended):
            return _shift(override, at, names, language, ended=ended)
        case LogNoted(what=what):
            return render_phrase(what, names, language)
        case _:
            assert_never(row)


def _mask(mask: Mask, who: str, names: DisplayNames, language: Language, *, ended: bool) -> str:
    places = (("point", mask.point), ("zone", mask.zone), ("site", mask.site))
    if not ended:
        text = language.gettext("{name} masked {what}, {place}, until {until}")
    elif who:
        text = language.gettext("{name} ended the mask of {what}, {place}")
    else:
        text = language.gettext("the mask of {what}, {place}, has ended")
    place = next((names.of(field, own) for field, own in places if own), "")
    return text.format(
        name=language.inset(names.of("person", who or mask.owner)),
        what=language.gettext("all alerts") if mask.what == "*" else language.inset(mask.what),
        place=language.inset(place),
        until=_time(mask.until, names, language),
    )


def _shift(
    override: Override, at: datetime, names: DisplayNames, language: Language, *, ended: bool
) -> str:
    if ended:
        text = language.gettext("{person} no longer has the shift of {team}")
    elif override.since > at:
        text = language.gettext("{name} put {person} on call in {team}, {since} to {until}")
    elif override.who == override.person:
        text = language.gettext("{person} took the shift of {team} until {until}")
    else:
        text = language.gettext("{name} gave {person} the shift of {team} until {until}")
    return text.format(
        name=language.inset(names.of("person", override.who)),
        person=language.inset(names.of("person", override.person)),
        team=language.inset(names.of("team", override.team)),
        since=_time(override.since, names, language),
        until=_time(override.until, names, language),
    )


def _time(at: datetime, names: DisplayNames, language: Language) -> str:
    return language.date_time(at, names.timezone or ZoneInfo("UTC"))
