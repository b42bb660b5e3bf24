"""Reads ``watch.toml``: which monitors are watched, and who is paged."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from apprise import Apprise
from msgspec import Meta, Struct

from monitor.config.read import secret_in, settled
from monitor.config.secret import Secret
from monitor.config.settings import Port, Tls, Word
from monitor.core.venue.model import Slug
from monitor.mqtt import BrokerAddress
from monitor.mqtt import Tls as TlsFiles
from monitor.toml import Form, Leaf, Reading

TABLES: Mapping[str, str] = {"monitors": "monitor"}
"""How the file calls lists of tables."""


class Watched(Struct, frozen=True, kw_only=True, rename={"password": "password_file"}):
    """``[[monitor]]``: a monitor, and the broker on which it can be heard."""

    congress: Slug
    """The congress's id, as the monitor's venue.toml has it."""
    host: Word
    """Name or address of the broker."""
    port: Port | None = None
    """TCP port; left out, 8883 with TLS and 1883 without."""
    username: str = ""
    """Left out, the watcher comes without a name."""
    password: Secret | None = None
    """What stands in the file ``password_file``."""
    tls: Tls | None = None
    """Encryption, as in config.toml."""
    silent_after: timedelta = timedelta(seconds=45)
    """So long without a heartbeat, and it is silent: at least four of them may be missing."""

    @property
    def address(self) -> BrokerAddress:
        """Where the broker is."""
        tls = self.tls
        return BrokerAddress(
            self.host,
            self.port or (8883 if tls else 1883),
            self.username or None,
            self.password.reveal() if self.password else None,
            TlsFiles(tls.ca_file, tls.cert_file, tls.key_file) if tls else None,
        )


class WatchFile(Struct, frozen=True, kw_only=True, rename={"pages": "pages_file"}):
    """All of ``watch.toml``; paths begin at its folder."""

    name: Slug
    """The watcher's own: the monitor knows it by this name."""
    pages: Secret
    """What stands in the file ``pages_file``: on each line an Apprise URL that is told."""
    repeat: timedelta = timedelta(minutes=10)
    """While a monitor is silent, people are told again so often."""
    beat: timedelta = timedelta(seconds=30)
    """The watcher tells the monitors so often that it is there."""
    state: Path = Path("watch.state.json")
    """What people were told; without it, a restarted watcher would tell them again."""
    monitors: Annotated[tuple[Watched, ...], Meta(min_length=1)]

    @property
    def urls(self) -> tuple[str, ...]:
        """Who is told: Apprise URLs. They hold secrets and are not for messages."""
        lines = (line.strip() for line in self.pages.reveal().splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))


def load(path: Path) -> WatchFile:
    """Read the file at ``path``.

    Raises:
        ConfigError: it can't be used as it is; all mistakes are told.

    """
    folder = path.parent
    advice = "write it into a file of its own and name that here"
    leaf = Leaf("a path", ('"secrets/..."',), lambda value: secret_in(folder, value, advice))
    reading = Form(WatchFile, tables=TABLES, leaves={Secret: leaf}).read_file(path)
    for keys, part in reading.parts.items():
        reading.parts[keys] = settled(part, folder)
    _check(reading)
    return reading.whole()


def _check(reading: Reading[WatchFile]) -> None:
    followed: set[str] = set()
    for keys, part in reading.parts.items():
        if isinstance(part, WatchFile):
            _check_file(reading, part)
        if not isinstance(part, Watched):
            continue
        if part.silent_after < timedelta(seconds=5):
            reading.wrong((*keys, "silent_after"), 'write at least "5s"')
        if part.congress in followed:
            reading.wrong((*keys, "congress"), "stands above already: take one out")
        followed.add(part.congress)


def _check_file(reading: Reading[WatchFile], part: WatchFile) -> None:
    for key in ("repeat", "beat"):
        if getattr(part, key) < timedelta(seconds=1):
            reading.wrong((key,), 'write at least "1s"')
    if not part.urls:
        reading.wrong(("pages_file",), "the file that it names has no address in it")
    for number, url in enumerate(part.urls, 1):
        if Apprise.instantiate(url) is None:
            what = (
                f"address {number} in that file is none that Apprise knows; see its documentation"
            )
            reading.wrong(("pages_file",), what)
