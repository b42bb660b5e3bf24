"""``[influx]`` of ``config.toml``: where the history for dashboards is written."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from monitor.config.secret import Secret
from monitor.toml import no_file

Word = Annotated[str, Meta(min_length=1)]


class Influx(
    Struct, frozen=True, kw_only=True, rename={"token": "token_file", "password": "password_file"}
):
    """``[influx]``: an InfluxDB; without this table no history is written."""

    url: Word
    """The address of the server, beginning with ``http://`` or ``https://``."""
    database: Word = "venue"
    """The database (in InfluxDB 2, the bucket); it must exist."""
    api: Literal["v2", "v1"] = "v2"
    """``v2`` for InfluxDB 1.8, 2 and 3, ``v1`` for 1.7 and older."""
    org: str = ""
    """The organisation, for InfluxDB 2."""
    auth: Literal["none", "token", "basic"] = "none"
    """How the monitor authenticates."""
    token: Secret | None = None
    """The content of ``token_file``, with ``auth = "token"``."""
    username: str = ""
    """The user name, with ``auth = "basic"``."""
    password: Secret | None = None
    """The content of ``password_file``, with ``auth = "basic"``."""
    gzip: bool = False
    """Compress requests: saves bandwidth, costs processor time."""
    timeout: timedelta = timedelta(seconds=10)
    """A request that takes longer has failed."""
    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the server (PEM); by default the system's."""


def check_influx(influx: Influx) -> Iterator[tuple[str, str]]:
    """Yield each wrong key, with what is wrong and what to write instead."""
    url = urlsplit(influx.url)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query:
        yield "url", 'is not just scheme, host and port; write e.g. "http://127.0.0.1:8086"'
    if influx.timeout <= timedelta(0):
        yield "timeout", 'must be more than 0; write e.g. "10s"'
    if influx.ca_file is not None and not influx.ca_file.is_file():
        yield "ca_file", no_file(influx.ca_file)
    if influx.api == "v1" and influx.org:
        yield "org", 'InfluxDB 1 has no organisations; leave it out, or write api = "v2"'
    given = {
        "token_file": influx.token is not None,
        "username": bool(influx.username),
        "password_file": influx.password is not None,
    }
    needed = _NEEDS[influx.auth]
    for key, is_given in given.items():
        if is_given and key not in needed:
            fits = next(auth for auth, keys in _NEEDS.items() if key in keys)
            yield key, f'applies only with auth = "{fits}"; leave it out, or change auth'
        elif key in needed and not is_given:
            yield key, f'missing; auth = "{influx.auth}" requires it'


_NEEDS = {"none": (), "token": ("token_file",), "basic": ("username", "password_file")}
