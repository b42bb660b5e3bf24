"""How things stood when a shift was handed over, as a viewer may see it."""

from collections.abc import Sequence

from msgspec import Struct

from monitor.core.alert import Alert, Handling
from monitor.core.alerts.masks import site_of
from monitor.core.rules.model import SEVERITIES
from monitor.core.transitions import HandOver, Mask
from monitor.texts.words import severity, status
from monitor.web.alert import when
from monitor.web.board_alert import MARKS
from monitor.web.log_page import place
from monitor.web.source import Source
from monitor.web.viewer import Viewer

READINESS_MARKS = {"no_go": "✕", "unknown": "?"}


class AlertLine(Struct, frozen=True, kw_only=True):
    """An alert that was open."""

    alert: Alert
    mark: tuple[str, str]
    """Shape and code."""
    severity: str
    title: str
    where: str
    since: str
    state: str
    owner: str


class Group(Struct, frozen=True, kw_only=True):
    """The alerts that somebody had, or nobody."""

    title: str
    alerts: Sequence[AlertLine]


class Picture(Struct, frozen=True, kw_only=True):
    """How things stood."""

    to: str
    """Who takes over; empty: whoever confirms."""
    until: str
    groups: Sequence[Group]
    more: int
    """Alerts that were open besides."""
    masks: Sequence[tuple[str, str, str]]
    """What is masked and where, by whom and why, and until when."""
    zones: Sequence[tuple[str, str, str]]
    """Mark and state, zone, and reasons."""


def picture_of(who: str, given: HandOver, viewer: Viewer, source: Source) -> Picture:
    """Return a picture; of silent alerts and other sites it has what the viewer may see.

    Args:
        who: hands over.
        given: what the monitor has kept.
        viewer: who reads it.
        source: has the names.

    """
    language, writer = viewer.language, source.writer
    alerts = [row for row in given.alerts if viewer.sees(row)]
    alerts.sort(key=lambda row: (SEVERITIES.index(row.severity), row.happened_at, row.id))
    mine = [row for row in alerts if row.owner == who and row.handling is Handling.ACKNOWLEDGED]
    shelved = [row for row in alerts if row.handling is Handling.SHELVED]
    nobodys = [row for row in alerts if row.needs_owner and row not in shelved]
    others = [row for row in alerts if row not in (*mine, *shelved, *nobodys)]
    groups = (
        (language.gettext("Nobody has it"), nobodys),
        (language.gettext("{name} has it").format(name=language.inset(writer.name(who))), mine),
        (language.gettext("Others have it"), others),
        (language.gettext("Shelved"), shelved),
    )
    return Picture(
        to=writer.name(given.to),
        until=when(source, given.until, language),
        groups=[
            Group(title=title, alerts=[_line(row, viewer, source) for row in rows])
            for title, rows in groups
        ],
        more=sum(n for site, n in given.more.items() if viewer.may("view", site)),
        masks=[
            _mask(row, viewer, source)
            for row in given.masks
            if viewer.may("view", site_of(row, source.rule_set.venue))
        ],
        zones=[
            (
                f"{READINESS_MARKS[row.state]} {language.word(row.state)}",
                place(row.site, row.zone, source, language),
                # Sentences of this language, whose names are set apart already.
                language.gettext("; ").join(
                    writer.reason(reason.what, language)
                    for reason in row.reasons
                    if reason.state != "go"
                ),
            )
            for row in given.zones
            if viewer.may("view", row.site)
        ],
    )


def _line(alert: Alert, viewer: Viewer, source: Source) -> AlertLine:
    language, writer = viewer.language, source.writer
    return AlertLine(
        alert=alert,
        mark=MARKS[alert.severity],
        severity=severity(alert, language),
        title=writer.title(alert, language),
        where=writer.where(alert, language),
        since=when(source, alert.happened_at, language),
        state=status(alert, language),
        owner=writer.name(alert.owner),
    )


def _mask(mask: Mask, viewer: Viewer, source: Source) -> tuple[str, str, str]:
    language, names = viewer.language, source.writer.names
    rows = (("point", mask.point), ("zone", mask.zone), ("site", mask.site))
    what = language.gettext("all alerts") if mask.what == "*" else mask.what
    where = next((names.of(field, own) for field, own in rows if own), "")
    owner = source.writer.name(mask.owner)
    return (
        language.list_of((what, where)),
        language.list_of((owner, mask.reason)),
        when(source, mask.until, language),
    )
