"""The files of the form: what a phone needs to open it, with a digest of them all in their addresses."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec
from jinja2 import Environment, PackageLoader

from monitor.core.ids import content_id
from monitor.web.assets import TYPES, Asset, assets
from monitor.web.form.catalogue import STATIC, translations

HOME = "/m/"
WORKER = "sw.js"
"""Served beside the form, not below its digest: its address is its scope."""
SHARED = ("console.css", "icon.svg")
"""Files of the console that the form uses as well."""
TRANSLATED = ("vi", "ar")
"""Languages with a catalogue; English is in the scripts."""
JSON = "application/json"


@cache
def shell_files() -> Mapping[str, Asset]:
    """Return all files below the digest, by name."""
    found = {name: assets()[name] for name in SHARED}
    for file in STATIC.iterdir():
        kind = TYPES.get("." + file.name.rpartition(".")[2])
        if kind is not None and file.name != WORKER:
            found[file.name] = Asset(content=file.read_bytes(), kind=kind)
    for tag in TRANSLATED:
        content = msgspec.json.encode(translations(tag), order="sorted")
        found[f"texts.{tag}.json"] = Asset(content=content, kind=JSON)
    return found


@cache
def packed_files() -> Mapping[str, bytes]:
    """Return them as they are sent."""
    return {name: asset.packed for name, asset in shell_files().items()}


@cache
def _template() -> str:
    return files("monitor.web").joinpath("templates", "form.html").read_text()


@cache
def version() -> str:
    """Return a digest of all files, the page and the worker: another one is another version of the form."""
    parts = [asset.content for _, asset in sorted(shell_files().items())]
    worker = STATIC.joinpath(WORKER).read_bytes()
    return content_id(b"".join([*parts, worker, _template().encode()]))


def file_url(name: str) -> str:
    """Return the address of a file."""
    return f"{HOME}f/{version()}/{name}"


def addresses() -> Sequence[str]:
    """Return everything that a phone keeps."""
    return [HOME, f"{HOME}manifest.webmanifest", *map(file_url, sorted(shell_files()))]


@cache
def page() -> str:
    """Return the page, the same for everybody: what it shows comes from the phone."""
    made = Environment(
        loader=PackageLoader("monitor.web"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("form.html").render(file=file_url, version=version())


@cache
def worker() -> bytes:
    """Return the worker's script with the list of the files that it keeps."""
    listed = msgspec.json.encode({"version": version(), "files": addresses()})
    return b"const SHELL = " + listed + b";\n" + STATIC.joinpath(WORKER).read_bytes()


@cache
def manifest() -> bytes:
    """Return what a phone needs to put the form on its home screen (W3C Web Application Manifest)."""
    icon = {"src": file_url("icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    return msgspec.json.encode(
        {
            "name": "Inspections",
            "short_name": "Inspections",
            "id": HOME,
            "start_url": HOME,
            "scope": HOME,
            "display": "standalone",
            "background_color": "#f3f4f5",
            "theme_color": "#ffffff",
            "icons": [icon],
        }
    )
