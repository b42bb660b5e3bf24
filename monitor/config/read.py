"""Reads ``config.toml``: paths from its folder, the password from where it is kept, all mistakes at once."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, structs

from monitor.config.checks import check
from monitor.config.secret import BrokerPassword, Secret
from monitor.config.settings import Broker, Config
from monitor.toml import Form, Leaf, Reading, Wrong

PASSWORD = "VENUE_MONITOR_BROKER_PASSWORD"  # noqa: S105 - the name of a variable
"""The environment variable that stands above ``broker.password_file``."""

TABLES: Mapping[str, str] = {"adapters": "adapter", "webhooks": "webhook"}
"""How the file calls lists of tables."""

_ELSEWHERE = f"put it into a file of its own and name that with password_file, or set {PASSWORD}"


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the file at ``path``.

    Raises:
        ConfigError: it can't be used as it is; all mistakes are told.
    """
    return read(path, environ).whole()


def read(path: Path, environ: Mapping[str, str] = os.environ) -> Reading[Config]:
    """Read the file at ``path`` and note all that is wrong in it."""
    folder, password = path.parent, environ.get(PASSWORD, "")

    def read_password(value: object) -> object:
        return Secret(password) if password else secret_in(folder, value, _ELSEWHERE)

    def read_secret(value: object) -> object:
        return secret_in(folder, value, "write it into a file of its own and name that here")

    reading = Form(
        Config,
        tables=TABLES,
        leaves={
            BrokerPassword: Leaf("a path", ('"secrets/broker"',), read_password),
            Secret: Leaf("a path", ('"secrets/..."',), read_secret),
        },
        refused={
            "password": f"a password never stands in this file; {_ELSEWHERE}",
            "token": "a token never stands in this file; put it into its own and name that with token_file",
        },
    ).read_file(path)
    for keys, part in reading.parts.items():
        reading.parts[keys] = settled(part, folder, password)
    check(reading)
    return reading


def secret_in(folder: Path, value: object, advice: str) -> object:
    """Read the file that ``value`` names; messages never repeat it, since it may be the password itself."""
    if not isinstance(value, str) or not value or "\0" in value:
        return Wrong(f"this is not the name of a file; {advice}")
    try:
        text = (folder / value).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        return Wrong(f"the file that it names can't be read: {error.strerror}; {advice}")
    except UnicodeDecodeError:
        return Wrong("the file that it names is not UTF-8 text; save it with that encoding")
    if not text:
        return Wrong("the file that it names is empty; write the password into it")
    return Secret(text)


def settled(part: Struct, folder: Path, password: str = "") -> Struct:
    """Let relative paths begin with ``folder``, and ``password`` stand above the file's."""
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
