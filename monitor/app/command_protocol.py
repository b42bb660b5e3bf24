"""The way of a command to the running monitor: a socket beside the journal, which tells the user at the other end."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from monitor.core.engine.commands import Command
from monitor.core.transitions import Transition
from monitor.errors import MonitorError
from monitor.web.api.problem import ItemProblem
from monitor.web.api.receipts import Receipt

LARGEST = 12 * 1024 * 1024
"""Bytes of a request: the largest photo, in base64."""
PATIENCE = 10.0
"""Seconds to wait for the monitor's answer."""


class SentForm(Struct, frozen=True, kw_only=True):
    """A form as the HTTP API takes it."""

    key: str
    """The same whenever the same form is sent again."""
    body: str


class SentPhoto(Struct, frozen=True, kw_only=True):
    """A photo that a form names."""

    digest: str
    content: bytes


class Request(Struct, frozen=True, kw_only=True):
    """What a user of the operating system asks of the monitor."""

    who: str = ""
    """In whose name they act; empty: in their own."""
    sudo_user: str = ""
    """Who has become root or the monitor's user by sudo; it counts only from these two."""
    is_emergency: bool = False
    """Root, or the monitor's user, acts without an account."""
    command: Command | None = None
    form: SentForm | None = None
    """An inspection."""
    photo: SentPhoto | None = None
    """A photo of one; with none of the three, they only ask in whose name they would act."""


class Answer(Struct, frozen=True, kw_only=True):
    """The monitor's answer."""

    accepted: bool
    reason: str = ""
    """Why it was refused."""
    who: str = ""
    """In whose name they act."""
    note: str = ""
    """What they should know about that."""
    transitions: tuple[Transition, ...] = ()
    """What followed from the command."""
    receipt: Receipt | None = None
    """That a form is in the journal."""
    items: tuple[ItemProblem, ...] = ()
    """What has to be corrected in a form."""


class NotRunning(MonitorError):
    """No monitor listens beside the journal; nothing was done."""


class NoAnswer(MonitorError):
    """The monitor has not answered: whether it has done something is unknown."""


def socket_path(journal: Path) -> Path:
    """Return where the monitor that writes a journal listens for commands."""
    return journal.with_name(journal.name + ".commands")


def ask(journal: Path, request: Request, patience: float = PATIENCE) -> Answer:
    """Send a request to the running monitor; return its answer.

    Raises:
        NotRunning: there is none.
        NoAnswer: it has not answered in time, or has broken off.

    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        try:
            with short_path(socket_path(journal)) as path:
                connection.connect(path)
        except OSError as error:
            raise NotRunning(f"{socket_path(journal)}: {error.strerror or error}") from error
        try:
            connection.sendall(msgspec.json.encode(request) + b"\n")
            with connection.makefile("rb") as file:
                return msgspec.json.decode(file.readline(), type=Answer)
        except (OSError, msgspec.DecodeError) as error:
            raise NoAnswer(str(error)) from error


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Provide another path of a socket, however deep its folder is: 107 bytes is the longest (unix(7))."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
