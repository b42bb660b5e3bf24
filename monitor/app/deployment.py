"""Reads the files of a deployment, ``config.toml`` and those that it names, and checks them together."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import config, roster, venue
from monitor.adapters import Translator, build
from monitor.adapters.registry import Target, read_map
from monitor.config.openid_connect import OpenIdConnect
from monitor.config.settings import AdapterTable, Config, Files
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.runtime.key_file import read_key
from monitor.toml import Mistake, ParseResult, no_such, quoted
from monitor.venue.checks import ids


def load_all(
    path: Path, environ: Mapping[str, str] = os.environ, *, people: bool = False
) -> tuple[Config, Venue]:
    """Read the configuration at ``path`` and its venue; with ``people``, also check the roster.

    Raises:
        ConfigError: with the mistakes of all files read.
    """
    settings = config.read(path, environ)
    named = files_named(settings, path.parent)
    if "venue" not in named:
        raise ConfigError([str(mistake) for mistake in sorted(settings.mistakes)])
    found = venue.read(named["venue"], named.get("checklists"))
    settings.mistakes.extend(check_together(settings, found))
    mistakes = sorted(settings.mistakes) + sorted(found.mistakes)
    if people and "roster" in named:
        known = None if found.mistakes else found.whole()
        mistakes += sorted(roster.read(named["roster"], known).mistakes)
    if mistakes:
        raise ConfigError([str(mistake) for mistake in mistakes])
    return settings.whole(), found.whole()


def files_named(settings: ParseResult[Config], folder: Path) -> Mapping[str, Path]:
    """Return the paths of ``[files]`` by their keys, as far as they can be known despite mistakes.

    A key that could not be read has none: to read the default instead would report mistakes that are not there.
    """
    found = settings.parts.get(("files",))
    if isinstance(found, Files):
        paths = {name: getattr(found, name) for name in Files.__struct_fields__}
    elif "files" in settings.tables:
        given = settings.tables["files"]
        rows = given.items() if isinstance(given, dict) else ()
        known = Files.__struct_fields__
        paths = {key: folder / row for key, row in rows if key in known and isinstance(row, str)}
    else:
        paths = {"venue": folder / Files().venue, "rules": folder / Files().rules}
    return {name: path for name, path in paths.items() if path is not None}


def check_together(settings: ParseResult[Config], found: ParseResult[Venue]) -> Iterator[Mistake]:
    """Yield each name in an adapter's map, or in what a group of people gives, that is not in the venue."""
    if not found.tables:
        return  # every name would be missing, for a reason that is reported already
    yield from _unknown_sites(settings, ids(found, "site"))
    known = {kind: ids(found, kind) for kind in Target._fields}
    adapters = (
        (keys, part) for keys, part in settings.parts.items() if isinstance(part, AdapterTable)
    )
    for keys, adapter in adapters:
        for name, entry in adapter.map.items():
            for what in _unknown_names(adapter, name, entry, known):
                yield Mistake(settings.file, settings.line((*keys, "map", name)), what)


def _unknown_sites(settings: ParseResult[Config], sites: Collection[str]) -> Iterator[Mistake]:
    """Yield each site at which a group would have a role, and which is not there: its people would see nothing."""
    for keys, table in settings.parts.items():
        if not isinstance(table, OpenIdConnect):
            continue
        for group, words in table.groups.items():
            for word in words:
                _, at, site = word.partition("@")
                if at and site not in sites:
                    what = f"http: oidc: groups: {quoted(group)}: {no_such('site', site, sites)}"
                    yield Mistake(settings.file, settings.line((*keys, "groups", group)), what)


def _unknown_names(
    adapter: AdapterTable, name: str, entry: str, known: Mapping[str, Collection[str]]
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
    """Return the translator of all messages of the deployment.

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
