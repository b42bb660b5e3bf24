"""Zones to sign off from a phone: what stands in the way, signing what was seen, and withdrawing it."""

from collections.abc import Mapping
from typing import Literal

from litestar import post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.accounts import Right
from monitor.core.events.vocabulary import ReadinessState, Text
from monitor.core.venue.model import Zone
from monitor.web.api.callers import readable
from monitor.web.api.form import Label, read
from monitor.web.api.problem import Refused
from monitor.web.context import Console
from monitor.web.guard import require
from monitor.web.readiness_board import SignOff, obstacle, seen_of, sign_off_of, status_of
from monitor.web.sign_off import Act, execute
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

ACTS: Mapping[Literal["sign", "withdraw"], tuple[Act, Right]] = {
    "sign": ("sign_off", "sign_off"),
    "withdraw": ("withdraw", "withdraw"),
}
"""By the last part of the address: what is done, and the right that it needs at the zone's site."""


class ZoneToSign(Struct, frozen=True, kw_only=True):
    """A zone as whoever may sign it off sees it."""

    id: str
    name: str
    state: ReadinessState
    sign_off: SignOff
    obstacle: str
    """What has to be settled first; empty: nothing."""
    signed_by: str
    seen: str
    """Stands for the verdict and its reasons: who signs, signs these."""


class Signing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody signs a zone off, or withdraws that."""

    seen: Label
    """What the zone was listed with."""
    note: Text = ""
    pin: Label = ""
    """Needed if nothing was done under the session for half an hour."""


class Signed(Struct, frozen=True, kw_only=True):
    """What is in the journal now."""

    zone: str
    act: Literal["sign", "withdraw"]


def zones_to_sign(source: Source, viewer: Viewer) -> list[ZoneToSign]:
    """Return the zones that a viewer may sign off, or whose sign-off they may withdraw."""
    venue = source.rule_set.venue
    if not venue.readiness.sign_off:
        return []
    return [
        _zone(source, zone, viewer)
        for zone in venue.zones
        if viewer.may("sign_off", zone.site) or viewer.may("withdraw", zone.site)
    ]


def zone_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [_route(console, name) for name in ACTS]


def _route(console: Console, name: Literal["sign", "withdraw"]) -> HTTPRouteHandler:
    act, right = ACTS[name]

    @post(f"/zones/{{zone:str}}/{name}", opt={"right": right}, status_code=200)
    async def sign(request: ConsoleRequest, zone: FromPath[str]) -> Signed:
        """Record what somebody does about the sign-off of a zone."""
        source, viewer = console.source, request.user
        found = next((row for row in source.rule_set.venue.zones if row.id == zone), None)
        if found is None:
            raise NotFoundException
        require(viewer, right, found.site)
        given = readable(read(await request.body(), Signing), source, viewer)
        await _check_pin(console, request, given.pin)
        values = {"seen": given.seen, "note": given.note}
        if refused := await execute(act, values, found, viewer, source):
            raise Refused("refused", refused)
        return Signed(zone=zone, act=name)

    return sign


async def _check_pin(console: Console, request: ConsoleRequest, pin: str) -> None:
    """Go on only if the session was in use, or with the PIN, as in the console.

    Raises:
        Refused: the PIN is missing or wrong.

    """
    session, language = request.auth, request.user.language
    if session is None:
        return
    if not session.needs_pin(console.accounts.now()):
        console.accounts.touch(session)
    elif not session.account.has_pin:
        raise Refused("signed-out", language.gettext("Sign in, then send it again."))
    elif not await console.accounts.check_pin(session, pin):
        raise Refused("wrong-pin", language.gettext("The PIN is wrong.") if pin else "")


def _zone(source: Source, zone: Zone, viewer: Viewer) -> ZoneToSign:
    status = status_of(source, zone.site, zone.id)
    sign_off, first = sign_off_of(source, status), obstacle(source, status)
    record = source.state.work.sign_offs.get(zone.id)
    return ZoneToSign(
        id=zone.id,
        name=zone.name,
        state=status.state,
        sign_off=sign_off,
        obstacle="" if first is None else source.writer.reason(first.what, viewer.language),
        signed_by=source.writer.name(record.who) if record and sign_off == "valid" else "",
        seen=seen_of(status),
    )
