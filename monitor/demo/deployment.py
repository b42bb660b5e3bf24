"""The files of a demonstration's monitor: its configuration, and a roster whose pages go to nobody outside."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from monitor.config import Config
from monitor.core.roster import Person
from monitor.errors import ConfigError
from monitor.roster import read_roster
from monitor.simulate import SAFETY_OFFICER

_ADDRESS = re.compile(
    r"""(^\s*|[{,]\s*)url(?:_file)?\s*=\s*(?:"[^"\n]*"|'[^'\n]*')""", re.MULTILINE
)
_LIMIT = re.compile(r"(^|,)\s*per_minute\s*=\s*\d+", re.MULTILINE)
_CALENDAR = re.compile(r"^\[\[calendar\]\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


def write_deployment(
    folder: Path, config: Config, path: Path, phones: str
) -> tuple[Path, Sequence[Person]]:
    """Write config.toml and roster.toml, with the given venue, rules, people and adapters and its own files.

    Returns the path of config.toml, and the people.

    Args:
        folder: where they are written.
        config: the deployment that is demonstrated.
        path: the file of its configuration.
        phones: the address that takes everybody's pages.

    """
    text = path.read_text(encoding="utf-8")
    adapters = text.find("\n[[adapter]]")
    files = {"venue": config.files.venue.absolute(), "rules": config.files.rules.absolute()}
    if config.files.checklists is not None:
        files["checklists"] = config.files.checklists.absolute()
    people = _write_roster(folder / "roster.toml", config.files.roster, phones)
    if people:
        files["roster"] = folder / "roster.toml"
    lines = [
        f"files = {{ {', '.join(f'{name} = {str(file)!r}' for name, file in files.items())} }}",
        "journal = { path = 'journal.db', snapshot_every = '5m' }",
        "embedded_broker = { data = 'broker' }",
        "privacy = { key_file = 'pseudonym.key' }",
        "http = { port = 0 }",
        f"staff = {{ mqtt = ['{SAFETY_OFFICER}'] }}",
        "",
    ]
    written = folder / "config.toml"
    written.write_text(
        "\n".join(lines) + (text[adapters:] if adapters >= 0 else ""), encoding="utf-8"
    )
    return written, people


def _write_roster(path: Path, given: Path | None, phones: str) -> Sequence[Person]:
    """Write the given people and shifts with other addresses; return the people, none if one could still be reached.

    Calendars are left out: they are other people's files and servers.
    """
    if given is None:
        return ()
    try:
        text = _CALENDAR.sub("", given.read_text(encoding="utf-8"))
        path.write_text(_ADDRESS.sub(partial(_replaced, phones), _LIMIT.sub("", text)))
        found = read_roster(path)
    except (OSError, ConfigError):
        return ()
    reached = {channel.url.reveal() for each in found.channels.values() for channel in each}
    return found.people if reached <= {phones} else ()


def _replaced(phones: str, found: re.Match[str]) -> str:
    """Return another address, and the highest rate: it is of real time, of which a day takes half a minute."""
    separator = ", " if found[1].strip() else "\n"
    return f'{found[1]}url = "{phones}"{separator}per_minute = 600'
