"""``/m/``: the form for phones. It opens without a sign-in, because it has to open without a network."""

from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.web.form.shell import HOME, manifest, packed_files, page, shell_files, version, worker

HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
"""Of the page and the worker: asked for anew each time, as a new version has to be found."""
IMMUTABLE = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-encoding": "gzip",
}


def form_routes() -> list[HTTPRouteHandler]:
    """Return the routes."""
    packed = packed_files()

    @get("/m", opt={"right": "open"}, sync_to_thread=False)
    def shell(request: Request[Any, Any, Any]) -> Response[str] | Redirect:
        """Return the page; under its address with a slash, below which the worker may act."""
        if not request.scope["raw_path"].endswith(b"/"):
            return Redirect(HOME, status_code=308)
        return Response(page(), media_type=MediaType.HTML, headers=HEADERS)

    @get("/m/sw.js", opt={"right": "open"}, sync_to_thread=False)
    def worker_script() -> Response[bytes]:
        """Return the worker."""
        return Response(worker(), media_type="text/javascript; charset=utf-8", headers=HEADERS)

    @get("/m/manifest.webmanifest", opt={"right": "open"}, sync_to_thread=False)
    def web_manifest() -> Response[bytes]:
        """Return what a phone needs to install it."""
        return Response(manifest(), media_type="application/manifest+json", headers=HEADERS)

    @get(
        ["/q/{zone:str}", "/q/{zone:str}/{asset:str}"], opt={"right": "open"}, sync_to_thread=False
    )
    def label(zone: FromPath[str]) -> Redirect:
        """Lead from a label to the checklists of its zone."""
        return Redirect(f"{HOME}#/zone/{quote(zone, safe='')}", status_code=303)

    @get("/m/f/{digest:str}/{name:str}", opt={"right": "open"}, sync_to_thread=False)
    def file(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """Return a file; a browser that has it never asks again."""
        if name not in packed or digest != version():
            raise NotFoundException
        return Response(packed[name], media_type=shell_files()[name].kind, headers=IMMUTABLE)

    return [shell, worker_script, web_manifest, label, file]
