"""The files that pages load: style sheet and scripts, from memory, with a digest of them all in the address."""

import gzip
from functools import cache
from importlib.resources import files

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.core.ids import content_id

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What is served, by the ending of its name."""


class Asset(Struct, frozen=True, kw_only=True):
    """One file."""

    content: bytes
    kind: str

    @property
    def packed(self) -> bytes:
        """Its content as it is sent."""
        return gzip.compress(self.content, mtime=0)


@cache
def assets() -> dict[str, Asset]:
    """Return all files, by name."""
    found = {}
    for file in files("monitor.web").joinpath("static").iterdir():
        kind = TYPES.get("." + file.name.rpartition(".")[2])
        if kind is not None:
            found[file.name] = Asset(content=file.read_bytes(), kind=kind)
    return found


@cache
def packed_assets() -> dict[str, bytes]:
    """Return all files as they are sent, by name."""
    return {name: asset.packed for name, asset in assets().items()}


@cache
def version() -> str:
    """Return a digest of all files: scripts name each other without one."""
    return content_id(b"".join(asset.content for _, asset in sorted(assets().items())))


def asset_url(name: str) -> str:
    """Return the address of a file, which changes with its content."""
    if name not in assets():
        raise LookupError(f"monitor/web/static has no {name}")
    return f"/static/{version()}/{name}"


def assets_route() -> HTTPRouteHandler:
    """Return the route of the files."""
    packed = packed_assets()

    @get("/static/{digest:str}/{name:str}", opt={"right": "open"}, sync_to_thread=False)
    def serve(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """Return a file; a browser that has it never asks again."""
        if name not in packed or digest != version():
            raise NotFoundException
        headers = {
            "cache-control": "public, max-age=31536000, immutable",
            "content-encoding": "gzip",
        }
        return Response(packed[name], media_type=assets()[name].kind, headers=headers)

    return serve
