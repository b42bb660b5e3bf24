"""What is known of a holder or a badge: where it was last seen, its state and class, alerts, and its latest events."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from monitor.core.events import ReceivedEvent
from monitor.core.events.access import CredentialState
from monitor.core.venue.accreditation import UNKNOWN
from monitor.texts import Language
from monitor.web.alert import when
from monitor.web.events import latest_events
from monitor.web.open_alerts import AlertRow, alert_rows
from monitor.web.passages import PassageRow, is_shown, passage_rows
from monitor.web.source import Source
from monitor.web.viewer import Viewer

MOST_EVENTS = 20


class BadgeRow(Struct, frozen=True, kw_only=True):
    """A badge, as the registry has reported it."""

    credential: str
    state: str
    since: str
    holder: str


class HolderView(Struct, frozen=True, kw_only=True):
    """What a search has found."""

    place: str
    """Where it was last seen; empty: nowhere."""
    seen: str
    """When."""
    zone: str
    """The id of the zone; empty: outside, unknown, or elsewhere."""
    holder_class: str
    zones: Sequence[str]
    """The names of the zones that the class may enter."""
    badges: Sequence[BadgeRow]
    alerts: Sequence[AlertRow]
    passages: Sequence[PassageRow]
    searched_since: str
    """From when on the journal was looked through; empty: all of it, or enough was found."""


async def look_up(source: Source, viewer: Viewer, subject: str) -> HolderView:
    """Return what a viewer may know of a holder or a badge, at the sites where they may look people up."""
    language, points = viewer.language, _points(source, viewer)

    def is_wanted(event: ReceivedEvent) -> bool:
        return is_shown(event) and event.point in points and _is_about(event, subject)

    found = await latest_events(source, subject, is_wanted, MOST_EVENTS)
    badges = list(_badges(source, subject))
    names = {
        subject,
        *(row.holder for row in badges if row.holder),
        *(row.credential for row in badges),
        *(str(getattr(event, "holder", "")) for event in found.events),
    } - {""}
    place, seen, zone = _last_seen(source, viewer, names)
    classes = (str(getattr(event, "holder_class", UNKNOWN)) for event in found.events)
    own = next((name for name in classes if name != UNKNOWN), "")
    venue = source.rule_set.venue
    return HolderView(
        place=place,
        seen=seen,
        zone=zone,
        holder_class=_class(source, own, language),
        zones=[
            source.writer.names.of("zone", zone)
            for row in venue.classes
            if row.id == own
            for zone in row.zones
        ],
        badges=[_in_words(source, row, language) for row in badges],
        alerts=alert_rows(
            source, viewer, lambda row: bool(names.intersection(row.key.split(" / ")))
        ),
        passages=passage_rows(source, found.events, language),
        searched_since=when(source, found.since, language),
    )


def _points(source: Source, viewer: Viewer) -> frozenset[str]:
    venue = source.rule_set.venue
    zones = {row.id for row in venue.zones if viewer.may("lookup", row.site)}
    return frozenset(row.id for row in venue.points if row.zone in zones)


def _is_about(event: ReceivedEvent, subject: str) -> bool:
    return subject in {getattr(event, "holder", ""), getattr(event, "credential", "")}


def _badges(source: Source, subject: str) -> Iterator[CredentialState]:
    for row in source.state.rules.last_values.get("credential.state", {}).values():
        if isinstance(row.event, CredentialState) and _is_about(row.event, subject):
            yield row.event


def _in_words(source: Source, event: CredentialState, language: Language) -> BadgeRow:
    return BadgeRow(
        credential=event.credential,
        state=language.word(event.state),
        since=when(source, event.at, language),
        holder=event.holder,
    )


def _class(source: Source, own: str, language: Language) -> str:
    if not own:
        return ""
    name = source.writer.names.of("holder_class", own)
    return language.word(own) if name == own else name


def _last_seen(source: Source, viewer: Viewer, names: set[str]) -> tuple[str, str, str]:
    """Return where a holder was last seen, when, and the id of that zone; of other sites only that it was there."""
    language = viewer.language
    known = [row for own in names if (row := source.state.people.holders.get(own)) is not None]
    if not known:
        return "", "", ""
    seen = max(known, key=lambda row: row.at)
    at = when(source, seen.at, language)
    if not viewer.may("lookup", seen.site):
        return language.gettext("at another site"), at, ""
    site = language.inset(source.writer.names.of("site", seen.site))
    if seen.zone:
        return source.writer.names.of("zone", seen.zone), at, seen.zone
    if seen.zone is None:
        return language.gettext("{site}, zone unknown").format(site=site), at, ""
    return language.gettext("has left {site}").format(site=site), at, ""
