"""The table of ``config.toml`` about a warm standby, the same on both machines."""

from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from monitor.config.outward_checks import why_not_a_url
from monitor.config.secret import Secret
from monitor.toml import KeyMistakes, no_file

SHORTEST_TOKEN = 32
"""Characters of a token; `openssl rand -hex 32` writes 64."""


class Standby(Struct, frozen=True, kw_only=True, rename={"token": "token_file"}):
    """``[standby]``: another machine copies the journal and can take over; docs/operations.md."""

    token: Secret
    """The content of ``token_file``: who has it may read the journal."""
    url: str
    """The address at which the standby reaches the other monitor's web server, such as
    ``https://monitor-1.example.org``."""
    every: timedelta = timedelta(seconds=1)
    """The interval at which the journal is copied."""
    timeout: timedelta = timedelta(seconds=10)
    """An answer that takes longer has failed."""
    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the other monitor (PEM); by default the system's."""


def check_standby(table: Standby) -> KeyMistakes:
    """Yield the mistakes of ``[standby]``."""
    if len(table.token.reveal()) < SHORTEST_TOKEN:
        advice = f"write at least {SHORTEST_TOKEN} characters, e.g. with `openssl rand -hex 32`"
        yield "token_file", f"in the file: the token is too short; {advice}"
    if why := why_not_a_url(table.url):
        yield "url", why
    for key in ("every", "timeout"):
        if not getattr(table, key):
            yield key, 'must be more than 0; write e.g. "1s"'
    if table.ca_file is not None and not table.ca_file.is_file():
        yield "ca_file", no_file(table.ca_file)
