"""Reading ``config.toml``: paths relative to its folder, passwords from their files, all mistakes at once."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, structs

from monitor.config.checks import check
from monitor.config.secret import BrokerPassword, Secret
from monitor.config.settings import Broker, Config
from monitor.toml import Form, Leaf, ParseResult, Wrong

PASSWORD = "VENUE_MONITOR_BROKER_PASSWORD"  # noqa: S105 - the name of a variable
"""The environment variable that overrides ``broker.password_file``."""

TABLES: Mapping[str, str] = {"adapters": "adapter", "webhooks": "webhook"}
"""The names that the file uses for lists of tables."""

_ELSEWHERE = f"put it in a file of its own and name that file in password_file, or set {PASSWORD}"


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the file at ``path``.

    Raises:
        ConfigError: it has mistakes; the error lists all of them.
    """
    return read(path, environ).whole()


def read(path: Path, environ: Mapping[str, str] = os.environ) -> ParseResult[Config]:
    """Read the file at ``path`` and record all mistakes in it."""
    folder, password = path.parent, environ.get(PASSWORD, "")

    def read_password(value: object) -> object:
        return Secret(password) if password else secret_in(folder, value, _ELSEWHERE)

    def read_secret(value: object) -> object:
        return secret_in(folder, value, "put it in a file of its own and name that file here")

    parsed = Form(
        Config,
        tables=TABLES,
        leaves={
            BrokerPassword: Leaf("a path", ('"secrets/broker"',), read_password),
            Secret: Leaf("a path", ('"secrets/..."',), read_secret),
        },
        refused={
            "password": f"passwords do not belong in this file; {_ELSEWHERE}",
            "token": "tokens do not belong in this file; put it in its own and name that file in token_file",
        },
    ).read_file(path)
    for keys, part in parsed.parts.items():
        parsed.parts[keys] = settled(part, folder, password)
    check(parsed)
    return parsed


def secret_in(folder: Path, value: object, advice: str) -> object:
    """Read the file that ``value`` names; messages never repeat ``value``, which may be the password itself."""
    if not isinstance(value, str) or not value or "\0" in value:
        return Wrong(f"is not a file name; {advice}")
    try:
        text = (folder / value).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        return Wrong(f"the file it names can't be read: {error.strerror}; {advice}")
    except UnicodeDecodeError:
        return Wrong("the file it names is not UTF-8 text; save it as UTF-8")
    if not text:
        return Wrong("the file it names is empty; put the password in it")
    return Secret(text)


def settled(part: Struct, folder: Path, password: str = "") -> Struct:
    """Return the table with paths made relative to ``folder``, and with ``password`` if one is given."""
    found: dict[str, object] = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, Path):
            found[name] = folder / value
        elif isinstance(value, Struct):
            found[name] = settled(value, folder, password)
        elif isinstance(value, tuple):
            found[name] = tuple(
                settled(one, folder, password) if isinstance(one, Struct) else one for one in value
            )
    if password and isinstance(part, Broker):
        found["password"] = Secret(password)
    return structs.replace(part, **found)
