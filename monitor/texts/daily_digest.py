"""The text of a daily digest: how things stand, line by line."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.transitions import DailyDigest, Mask, PageOrdered
from monitor.texts.language import Language
from monitor.texts.words import severity, status

if TYPE_CHECKING:
    from monitor.texts.page import PageWriter

MOST_LISTED = 10
"""The most alerts, and the most masks, listed one by one; the others are counted."""


def lines(
    writer: "PageWriter", page: PageOrdered, daily: DailyDigest, language: Language, zone: ZoneInfo
) -> Iterator[str]:
    """Yield what a daily digest knows of alerts, masks, readiness and pages.

    Args:
        writer: has the names of people and places, and the titles.
        page: the digest.
        daily: its content.
        language: of its reader.
        zone: the time zone of the congress.

    """
    none = language.gettext("none")
    counts = [
        f"{language.word(name)} {language.inset(str(n))}" for name, n in daily.severities.items()
    ]
    label = language.gettext("Open alerts")
    yield f"{label}: {language.list_of(counts) or none}"
    for alert in page.alerts[:MOST_LISTED]:
        when, title = language.date_time(alert.happened_at, zone), writer.title(alert, language)
        yield f"- {when} [{severity(alert, language)}] {title} ({status(alert, language)})"
    shelved = [writer.title(alert, language) for alert in daily.shelved[:MOST_LISTED]]
    yield listed(language.gettext("Shelved"), shelved, none)
    masks = [_mask(writer, row, language, zone) for row in daily.masks[:MOST_LISTED]]
    yield listed(language.gettext("Masked"), masks, none)
    hidden = daily.more + sum(len(rows[MOST_LISTED:]) for rows in (daily.shelved, daily.masks))
    if hidden:
        text = language.ngettext("and {n} more", "and {n} more", hidden)
        yield text.format(n=language.inset(str(hidden)))
    zones = [
        f"{language.word(state)}: {language.list_of(writer.names.of('zone', row) for row in rows)}"
        for state, rows in daily.zones.items()
    ]
    yield listed(language.gettext("Readiness"), zones, none)
    undelivered = language.gettext("Pages not delivered since the last daily digest")
    yield f"{undelivered}: {language.inset(str(daily.undelivered))}"


def listed(label: str, rows: Sequence[str], none: str) -> str:
    """Return a label with a list below it, or with the word for an empty one."""
    return "\n- ".join((f"{label}:", *rows)) if rows else f"{label}: {none}"


def _mask(writer: "PageWriter", mask: Mask, language: Language, zone: ZoneInfo) -> str:
    rows = (("point", mask.point), ("zone", mask.zone), ("site", mask.site))
    return language.gettext("{what}, {place}, until {until} ({owner})").format(
        what=language.gettext("all alerts") if mask.what == "*" else language.inset(mask.what),
        place=next((writer.names.of(field, own) for field, own in rows if own), ""),
        until=language.date_time(mask.until, zone),
        owner=language.inset(writer.name(mask.owner)),
    )
