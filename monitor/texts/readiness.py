"""Readiness in words: who must act, and until when a reason holds."""

from zoneinfo import ZoneInfo

from monitor.core.transitions import Reason
from monitor.core.venue.display_names import DisplayNames
from monitor.texts.language import Language


def must_act(row: Reason, names: DisplayNames, language: Language) -> str:
    """Return the agency that must act, and those that coordinate; empty for a go."""
    if row.state == "go":
        return ""
    if not row.lead:
        return language.gettext("Must act: no agency is named")
    lead = language.inset(names.of("lead", row.lead))
    if not row.coordinating:
        return language.gettext("Must act: {lead}").format(lead=lead)
    others = language.list_of(names.of("agency", own) for own in row.coordinating)
    return language.gettext("Must act: {lead}, with {others}").format(lead=lead, others=others)


def holds_until(row: Reason, language: Language, zone: ZoneInfo) -> str:
    """Return until when a reason for opening holds; empty if it has no end, or forbids to open."""
    if row.until is None or row.state not in {"go", "go_with_conditions"}:
        return ""
    return language.gettext("holds until {when}").format(when=language.date_time(row.until, zone))
