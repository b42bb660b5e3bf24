"""``[influx]``: where the history for dashboards goes, as ``config.toml`` says it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from monitor.config.secret import Secret
from monitor.toml import quoted
from monitor.toml.words import LONGEST_PATH

Word = Annotated[str, Meta(min_length=1)]


class Influx(
    Struct, frozen=True, kw_only=True, rename={"token": "token_file", "password": "password_file"}
):
    """``[influx]``: an InfluxDB; without this table no history is written."""

    url: Word
    """Where it listens, with ``http://`` or ``https://``."""
    database: Word = "venue"
    """The database, which InfluxDB 2 calls a bucket; it has to be there."""
    api: Literal["v2", "v1"] = "v2"
    """``v2`` for InfluxDB 1.8, 2 and 3, ``v1`` for 1.7 and older."""
    org: str = ""
    """The organisation, for InfluxDB 2."""
    auth: Literal["none", "token", "basic"] = "none"
    """How the monitor proves who it is."""
    token: Secret | None = None
    """What stands in the file ``token_file``, with ``auth = "token"``."""
    username: str = ""
    """With ``auth = "basic"``."""
    password: Secret | None = None
    """What stands in the file ``password_file``, with ``auth = "basic"``."""
    gzip: bool = False
    """Send compressed: for a thin line; costs the monitor's time."""
    timeout: timedelta = timedelta(seconds=10)
    """An answer that takes longer counts as none."""
    ca_file: Path | None = None
    """Certificates of who may vouch for the server (PEM); without it, the system's."""


def check_influx(influx: Influx) -> Iterator[tuple[str, str]]:
    """Yield keys with what is wrong there."""
    url = urlsplit(influx.url)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query:
        yield "url", 'write scheme, name and port alone, e.g. "http://127.0.0.1:8086"'
    if influx.timeout <= timedelta(0):
        yield "timeout", 'it is 0; write e.g. "10s"'
    if influx.ca_file is not None and not influx.ca_file.is_file():
        yield "ca_file", f"there is no file {quoted(str(influx.ca_file), LONGEST_PATH)}"
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
            yield key, f'goes with auth = "{fits}", and auth is "{influx.auth}"'
        elif key in needed and not is_given:
            yield key, f'missing; auth = "{influx.auth}" needs it'


_NEEDS = {"none": (), "token": ("token_file",), "basic": ("username", "password_file")}
