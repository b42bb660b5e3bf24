"""``/masks/new``: a mask is filled in, shows exactly which open alerts it would hide, and only then is put in force."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import get_args
from uuid import uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.alerts.masks import preview
from monitor.core.events.commands import StaffMask
from monitor.core.events.vocabulary import MaskKind
from monitor.core.ids import derived_id
from monitor.core.phrase import Phrase
from monitor.texts import Language
from monitor.texts.title import rule_name
from monitor.web.alert import related_row, when
from monitor.web.commands import form_time, local_time, record
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.mask_place import EVERY_RULE, place_of, rule_of, site_of
from monitor.web.masks import MOST_LISTED
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

KINDS: tuple[MaskKind, ...] = get_args(MaskKind)
PROPOSED = timedelta(hours=2)
"""The end that the form proposes; judgement: a repair."""


class Preview(Struct, frozen=True, kw_only=True):
    """What a mask would hide, as a viewer sees it."""

    alerts: list[Alert]
    digest: str
    """Stands for exactly these alerts."""


def mask_form_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes of the form."""

    @get("/masks/new", opt={"right": "mask"}, sync_to_thread=False)
    def fill_in(request: ConsoleRequest) -> HtmlResponse:
        """Show the form and, once it is filled in, what the mask would hide. Nothing is put in force."""
        given = request.query_params
        return _page(console, request, given, is_previewed="until" in given)

    @post("/masks", opt={"right": "mask"}, status_code=200)
    async def put_in_force(request: ConsoleRequest) -> Response[str] | Redirect:
        """Put a mask in force if it hides what its preview has shown."""
        viewer, source = request.user, console.source
        fields = await fields_of(request)
        given = dict(fields)
        command = _command(given, viewer, source)
        require(viewer, "mask", site_of(command, source.rule_set))
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        refused = await _execute(command, given, viewer, source)
        if refused:
            return _page(console, request, given, is_previewed=True, refused=refused)
        return Redirect("/masks", status_code=303)

    return [fill_in, put_in_force]


async def _execute(
    command: StaffMask, given: Mapping[str, str], viewer: Viewer, source: Source
) -> str:
    """Put a mask in force; return why not, or nothing."""
    found, language = _preview(command, viewer, source), viewer.language
    if isinstance(found, Preview) and found.digest != given.get("seen"):
        return language.gettext(
            "What it would hide has changed since it was shown. Look at it again."
        )
    return await record(command, given.get("key", ""), viewer, source)


def _preview(command: StaffMask, viewer: Viewer, source: Source) -> Preview | Phrase:
    found = preview(source.state, command)
    if isinstance(found, Phrase):
        return found
    seen = [alert for alert in found if viewer.sees(alert)]
    return Preview(alerts=seen, digest=derived_id(*sorted(alert.id for alert in seen)))


def _command(given: Mapping[str, str], viewer: Viewer, source: Source) -> StaffMask:
    """Return the mask that a person has filled in; what is missing or wrong is for the core to refuse."""
    table, _, own = given.get("place", "").partition(":")
    return StaffMask(
        at=source.now(),
        who=viewer.who,
        what=given.get("what", "")[:128],
        kind=next((row for row in KINDS if row == given.get("kind")), "maintenance"),
        point=own[:128] if table == "point" else "",
        zone=own[:128] if table == "zone" else "",
        site=own[:128] if table == "site" else "",
        until=local_time(given.get("until", ""), source),
        reason=given.get("reason", "").strip()[:4000],
    )


def _page(
    console: Console,
    request: ConsoleRequest,
    given: Mapping[str, str],
    *,
    is_previewed: bool,
    refused: str = "",
) -> HtmlResponse:
    viewer, source, language = request.user, console.source, request.user.language
    command = _command(given, viewer, source)
    site = site_of(command, source.rule_set)
    if site:
        require(viewer, "mask", site)
    found = _preview(command, viewer, source) if is_previewed else None
    if isinstance(found, Phrase):
        refused, found = refused or source.writer.reason(found, language), None
    alerts = [] if found is None else found.alerts
    return console.page(
        request,
        "mask_form.html",
        status=409 if refused and request.method == "POST" else 200,
        command=command,
        given_place=given.get("place", ""),
        until=given.get("until", form_time(source.now() + PROPOSED, source)),
        until_in_words=when(source, command.until, language),
        rules=_rules(source, language),
        places=_places(viewer, source),
        kinds=[(row, language.word(row)) for row in KINDS],
        rule=rule_of(command, source.rule_set, language),
        place=place_of(command, source.writer.names),
        preview=found,
        alerts=[related_row(alert, source, language) for alert in alerts[:MOST_LISTED]],
        more=max(0, len(alerts) - MOST_LISTED),
        refused=refused,
        key=uuid4().hex,
    )


def _rules(source: Source, language: Language) -> Sequence[tuple[str, str]]:
    """Return the rules that may be masked, by what they are about."""
    rules = [
        (row.id, rule_name(row, language))
        for row in source.rule_set.rules
        if row.severity != "life_safety"
    ]
    rules.sort(key=lambda row: row[1].casefold())
    return [(EVERY_RULE, language.gettext("all rules")), *rules]


def _places(viewer: Viewer, source: Source) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Return the places at which a viewer may mask: a name for each kind, and the places with their names."""
    venue, language = source.rule_set.venue, viewer.language
    zones = {zone.id: zone.site for zone in venue.zones if viewer.may("mask", zone.site)}
    points = [row for row in venue.points if row.zone in zones]
    return [
        (
            language.gettext("Access points"),
            [(f"point:{row.id}", row.name) for row in points],
        ),
        (
            language.gettext("Zones"),
            [(f"zone:{row.id}", row.name) for row in venue.zones if row.id in zones],
        ),
        (
            language.gettext("Sites"),
            [(f"site:{row.id}", row.name) for row in venue.sites if viewer.may("mask", row.id)],
        ),
    ]
