"""Reads ``watch.toml``: the monitors to watch, and the addresses to page."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

from apprise import Apprise
from msgspec import Meta, Struct

from monitor.config.http import Port, Word
from monitor.config.read import secret_in, settled
from monitor.config.secret import Secret
from monitor.config.settings import TlsTable
from monitor.core.venue.words import Slug
from monitor.mqtt import BrokerAddress
from monitor.mqtt import Tls as TlsFiles
from monitor.texts import ENGLISH
from monitor.texts.language import languages
from monitor.toml import Form, Leaf, ParseResult

TABLES: Mapping[str, str] = {"monitors": "monitor"}
"""The names of lists of tables in the file."""


class Watched(Struct, frozen=True, kw_only=True, rename={"password": "password_file"}):
    """``[[monitor]]``: a monitor, and the broker that it publishes to."""

    congress: Slug
    """The congress's id, as in the monitor's venue.toml."""
    host: Word
    """Name or address of the broker."""
    port: Port | None = None
    """TCP port; default: 8883 with TLS, 1883 without."""
    username: str = ""
    """Default: the watcher connects without a user name."""
    password: Secret | None = None
    """The content of the file ``password_file``."""
    tls: TlsTable | None = None
    """Encryption, as in config.toml."""
    silent_after: timedelta = timedelta(seconds=45)
    """Without a heartbeat for this time, the monitor is silent; it allows at least four missed heartbeats."""

    @property
    def address(self) -> BrokerAddress:
        """The broker's address."""
        tls = self.tls
        return BrokerAddress(
            self.host,
            self.port or (8883 if tls else 1883),
            self.username or None,
            self.password.reveal() if self.password else None,
            TlsFiles(tls.ca_file, tls.cert_file, tls.key_file) if tls else None,
        )


class PageAddress(NamedTuple):
    """Where pages go."""

    url: str
    """For Apprise."""
    language: str = ENGLISH.tag
    """In which they are written: its tag, such as ``vi``."""


class WatchFile(Struct, frozen=True, kw_only=True, rename={"pages": "pages_file"}):
    """All of ``watch.toml``; relative paths start at its folder."""

    name: Slug
    """The watcher's name, by which the monitor knows it."""
    pages: Secret
    """The content of the file ``pages_file``: one Apprise URL per line, each with its language before it."""
    repeat: timedelta = timedelta(minutes=10)
    """The interval between reminders while a monitor is silent."""
    beat: timedelta = timedelta(seconds=30)
    """The interval of the watcher's own heartbeats to the monitors."""
    state: Path = Path("watch.state.json")
    """Keeps what has been reported, so that a restarted watcher does not report it again."""
    monitors: Annotated[tuple[Watched, ...], Meta(min_length=1)]

    @property
    def addresses(self) -> tuple[PageAddress, ...]:
        """Whom to page. The URLs contain secrets and must not appear in messages."""
        lines = (line.strip() for line in self.pages.reveal().splitlines())
        return tuple(_address(line) for line in lines if line and not line.startswith("#"))


def load(path: Path) -> WatchFile:
    """Read the file at ``path``.

    Raises:
        ConfigError: it has mistakes; all of them are listed.

    """
    folder = path.parent
    advice = "put it in a file of its own and name that file here"
    leaf = Leaf("a path", ('"secrets/..."',), lambda value: secret_in(folder, value, advice))
    reading = Form(WatchFile, tables=TABLES, leaves={Secret: leaf}).read_file(path)
    for keys, part in reading.parts.items():
        reading.parts[keys] = settled(part, folder)
    _check(reading)
    return reading.whole()


def _check(reading: ParseResult[WatchFile]) -> None:
    watched: set[str] = set()
    for keys, part in reading.parts.items():
        if isinstance(part, WatchFile):
            _check_file(reading, part)
        if not isinstance(part, Watched):
            continue
        if part.silent_after < timedelta(seconds=5):
            reading.wrong((*keys, "silent_after"), 'write at least "5s"')
        if part.congress in watched:
            reading.wrong((*keys, "congress"), "is listed twice; remove one")
        watched.add(part.congress)


def _check_file(reading: ParseResult[WatchFile], part: WatchFile) -> None:
    for key in ("repeat", "beat"):
        if getattr(part, key) < timedelta(seconds=1):
            reading.wrong((key,), 'write at least "1s"')
    if not part.addresses:
        reading.wrong(
            ("pages_file",), "that file contains no address; write one Apprise URL per line"
        )
    for number, (url, language) in enumerate(part.addresses, 1):
        if language not in languages():
            known = ", ".join(sorted(languages()))
            what = f"address {number} in that file: no texts in this language; write one of {known}"
            reading.wrong(("pages_file",), what)
        if Apprise.instantiate(url) is None:
            what = (
                f"address {number} in that file is not an Apprise URL; see Apprise's documentation"
            )
            reading.wrong(("pages_file",), what)


def _address(line: str) -> PageAddress:
    """Return the address in a line: ``vi ntfys://...``; without a language, in English."""
    tag, _, url = line.partition(" ")
    return PageAddress(url.strip(), tag) if url and "://" not in tag else PageAddress(line)
