"""``/api/v1/photos``: takes in what forms name, each photo once, and shows it to those who may see its zone."""

import asyncio
import re
from hashlib import sha256
from typing import assert_never

from litestar import Response, get, post, put
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.journal.jpeg import LONGEST_EDGE, Flaw, Pixels, examined
from monitor.journal.photos import LARGEST_PHOTO, Photos
from monitor.texts import Language
from monitor.web.api.callers import readable
from monitor.web.api.checklists import checklist_of, may_inspect, site_of
from monitor.web.api.form import Digest, read
from monitor.web.api.problem import Kind, Refused
from monitor.web.context import Console
from monitor.web.guard import RightMissing
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

_DIGEST = re.compile(r"[0-9a-f]{64}")
MOST_ASKED = 64 * 1024
"""Bytes of the digests that are asked for at once: some nine hundred."""
SHOWN = {
    "cache-control": "private, max-age=86400, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
    "content-disposition": "inline",
}
"""The headers of a photo: the browser keeps it for its reader, and runs nothing that may be in it."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Photos that a device has."""

    digests: tuple[Digest, ...]


class Lacking(Struct, frozen=True, kw_only=True):
    """Those of them that the monitor does not have."""

    lacking: tuple[str, ...]


class Kept(Struct, frozen=True, kw_only=True):
    """A photo that the monitor has."""

    sha256: str
    bytes: int


def photo_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""
    source = console.source

    @post(
        "/photos/lacking",
        opt={"right": "inspect", "serves_phones": True},
        request_max_body_size=MOST_ASKED,
        status_code=200,
    )
    async def find_lacking(request: ConsoleRequest) -> Lacking:
        """Return which photos the monitor lacks."""
        asked = readable(read(await request.body(), Asked), source, request.user)
        return Lacking(lacking=tuple(row for row in asked.digests if not source.photos.has(row)))

    @put(
        "/photos/{digest:str}",
        opt={"right": "inspect", "serves_phones": True},
        request_max_body_size=LARGEST_PHOTO,
        status_code=201,
    )
    async def put_photo(request: ConsoleRequest, digest: FromPath[str]) -> Response[Kept]:
        """Keep a photo that a form names."""
        content = await request.body()
        _check(source, request.user, digest, content)
        kept = Kept(sha256=digest, bytes=len(content))
        if source.photos.has(digest):
            return Response(kept, status_code=200)
        await asyncio.to_thread(
            _keep, source.photos, source.photo_budget, digest, content, request.user.language
        )
        return Response(kept, status_code=201)

    @get("/photos/{digest:str}", opt={"right": "view"})
    async def show_photo(request: ConsoleRequest, digest: FromPath[str]) -> Response[bytes]:
        """Show a photo."""
        _require_seen(source, request.user, digest)
        content = await asyncio.to_thread(source.photos.read, digest)
        if content is None:
            raise NotFoundException
        return Response(content, media_type="image/jpeg", headers=SHOWN)

    return [find_lacking, put_photo, show_photo]


def take_photo(source: Source, viewer: Viewer, digest: str, content: bytes) -> None:
    """Keep a photo that a form names, unless it is there already.

    Raises:
        Refused: it is not what it seems to be, no form names it, or there is no room.
        RightMissing: the form is of another site.

    """
    _check(source, viewer, digest, content)
    if not source.photos.has(digest):
        _keep(source.photos, source.photo_budget, digest, content, viewer.language)


def _check(source: Source, viewer: Viewer, digest: str, content: bytes) -> None:
    """Go on only with a photo that is what it seems to be, and that a form of the viewer's names.

    Raises:
        Refused: it is not.
        RightMissing: the form is of another site.

    """
    language = viewer.language
    if not _DIGEST.fullmatch(digest) or sha256(content).hexdigest() != digest:
        what = language.gettext("The photo did not arrive as it was sent. Send it again.")
        raise Refused("invalid", what)
    found = examined(content)
    if not isinstance(found, Pixels):
        kind: Kind = "unsupported-media-type" if found == "no-jpeg" else "invalid"
        raise Refused(kind, _flaw(found, language))
    named = source.journal.work_events.naming(digest)
    if not named:
        what = language.gettext("No form names this photo. Send the form first.")
        raise Refused("invalid", what)
    lists = [checklist_of(source.state, row.checklist) for row in named]
    known = [row for row in lists if row is not None]
    if known and not any(may_inspect(viewer, row, source.state) for row in known):
        raise RightMissing("inspect", site_of(source.state, known[0]))


def _flaw(found: Flaw, language: Language) -> str:
    match found:
        case "no-jpeg":
            return language.gettext("It is no JPEG file.")
        case "truncated":
            return language.gettext("The end of the photo is missing. Send it again.")
        case "tagged":
            return language.gettext(
                "The photo says where and with what it was taken. Remove that (EXIF), then send it."
            )
        case "too-wide":
            most = language.inset(str(LONGEST_EDGE))
            return language.gettext("Scale the photo to at most {n} pixels.").format(n=most)
        case unreachable:
            assert_never(unreachable)


def _keep(photos: Photos, budget: int, digest: str, content: bytes, language: Language) -> None:
    if photos.size() + len(content) > budget:
        what = language.gettext("The monitor has no room for photos. Keep it; IT makes room.")
        raise Refused("no-room", what)
    photos.keep(digest, content)


def _require_seen(source: Source, viewer: Viewer, digest: str) -> None:
    """Go on only if the viewer may see a zone for which a photo was taken.

    Raises:
        NotFoundException: nothing names it.
        RightMissing: they may not.

    """
    sites = {
        site_of(source.state, checklist)
        for row in source.journal.work_events.naming(digest)
        if (checklist := checklist_of(source.state, row.checklist)) is not None
    }
    if not sites:
        raise NotFoundException
    if viewer.is_wall or not any(viewer.may("view", site) for site in sites):
        raise RightMissing("view", min(sites))
