"""Reads all that describes a deployment, ``config.toml`` and the files that it names, and checks them together."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import config, roster, venue
from monitor.adapters import Translator, build
from monitor.adapters.registry import Target, read_map
from monitor.config.settings import Adapter, Config, Files
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.runtime.key_file import read_key
from monitor.toml import Mistake, Reading, no_such, quoted
from monitor.venue.checks import ids


def load_all(
    path: Path, environ: Mapping[str, str] = os.environ, *, people: bool = False
) -> tuple[Config, Venue]:
    """Read the configuration at ``path`` and its venue; with ``people``, look at the roster too.

    Raises:
        ConfigError: with the mistakes of both files, and of the roster.
    """
    settings = config.read(path, environ)
    files = settings.parts.get(("files",))
    files = files if isinstance(files, Files) else Files(venue=path.parent / Files().venue)
    found = venue.read(files.venue)
    settings.mistakes.extend(check_together(settings, found))
    mistakes = sorted(settings.mistakes) + sorted(found.mistakes)
    if people and files.roster is not None:
        known = None if found.mistakes else found.whole()
        mistakes += sorted(roster.read(files.roster, known).mistakes)
    if mistakes:
        raise ConfigError([str(mistake) for mistake in mistakes])
    return settings.whole(), found.whole()


def check_together(settings: Reading[Config], found: Reading[Venue]) -> Iterator[Mistake]:
    """Yield where the adapters' maps name something that the venue doesn't have."""
    if not found.tables:
        return  # every name would be missing, for a reason that is told already
    known = {kind: ids(found, kind) for kind in Target._fields}
    adapters = ((keys, part) for keys, part in settings.parts.items() if isinstance(part, Adapter))
    for keys, adapter in adapters:
        for name, entry in adapter.map.items():
            for what in _strangers(adapter, name, entry, known):
                yield Mistake(settings.file, settings.line((*keys, "map", name)), what)


def _strangers(
    adapter: Adapter, name: str, entry: str, known: Mapping[str, Collection[str]]
) -> Iterator[str]:
    try:
        target = read_map(adapter.format, {name: entry})[name]
    except ConfigError as error:
        yield from error.mistakes
        return
    for kind, own in target._asdict().items():
        if own and own not in known[kind]:
            yield f"adapter: map: {quoted(name)}: {no_such(kind, own, known[kind])}"


def translator(config: Config) -> Translator:
    """Return what reads every message of the deployment.

    Raises:
        ConfigError: the key for pseudonyms can't be read or made.
    """
    key = read_key(config.privacy.key_file) if config.adapters else b""
    return Translator(
        [
            (adapter.topic, build(adapter.format, adapter.map, ZoneInfo(adapter.timezone), key=key))
            for adapter in config.adapters
        ]
    )
