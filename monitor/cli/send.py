"""Sends a command of the staff to the running monitor, and returns what came of it."""

import argparse
import os
import sys
from collections.abc import Callable

import msgspec

from monitor.app.command_protocol import (
    PATIENCE,
    Answer,
    NoAnswer,
    NotRunning,
    Request,
    SentForm,
    SentPhoto,
    ask,
)
from monitor.app.runfile import staleness
from monitor.config import Config
from monitor.core.decode import decode, topic_of
from monitor.core.engine.commands import Command
from monitor.core.inputs import Rejected
from monitor.core.transitions import Transition
from monitor.errors import ConfigError, MonitorError
from monitor.texts import plain
from monitor.web.api.receipts import Receipt

Outcome = Callable[[Transition], str | None]
"""Returns what a transition means for the command, in one line; ``None`` if it concerns something else."""


class NotDone(MonitorError):
    """The command was refused, or its outcome is not known."""


def add_signature(parser: argparse.ArgumentParser, text: str = "who acts") -> None:
    """Add the arguments that say in whose name a command is given."""
    parser.add_argument("--who", help=f"{text} (default: the person of your account)")
    parser.add_argument(
        "--emergency",
        action="store_true",
        help="as root or the monitor's own user: act without an account; the journal says so",
    )


def signer(config: Config, given: argparse.Namespace) -> str:
    """Return in whose name the user of this process acts, as the running monitor says.

    Raises:
        ConfigError: ``--who`` is no name.
        NotDone: they may not act, or no monitor is running.

    """
    if given.who is not None:
        _check_name(given.who)
    answer = _ask(config, given, None)
    if not answer.accepted:
        raise NotDone(answer.reason)
    return answer.who


def send(
    config: Config, given: argparse.Namespace, command: Command, subject: str, outcome: Outcome
) -> str:
    """Send a command, wait for the monitor's answer, and return the outcome in one line.

    Args:
        config: the deployment.
        given: has the arguments of `add_signature`.
        command: what is sent, in the name of `signer`.
        subject: the id of the alert or mask, or the team, that it concerns.
        outcome: finds the outcome among the transitions.

    Raises:
        ConfigError: the monitor could not read the command.
        NotDone: it was refused, or no answer came.

    """
    _check_name(command.who)
    read = decode(topic_of(command, "here"), msgspec.json.encode(command), command.at)
    if isinstance(read, Rejected):
        raise ConfigError([f"this can't be sent: {plain(read.reason)}"])
    answer = _ask(config, given, command)
    if not answer.accepted:
        raise NotDone(f"{subject}: refused: {answer.reason}")
    if answer.note:
        print(f"venue-monitor: as {answer.who}: {answer.note}", file=sys.stderr)
    return next(filter(None, map(outcome, answer.transitions)), f"{subject}: accepted")


def send_form(config: Config, given: argparse.Namespace, key: str, body: bytes) -> Receipt:
    """Send an inspection, and return its receipt.

    Raises:
        NotDone: it was refused, with every item that has to be corrected, or no answer came.

    """
    answer = _ask(config, given, None, SentForm(key=key, body=body.decode()))
    if answer.receipt is not None:
        if answer.note:
            print(f"venue-monitor: as {answer.who}: {answer.note}", file=sys.stderr)
        return answer.receipt
    lines = [f"{row.item or 'form'}: {row.reason} {row.write}" for row in answer.items]
    raise NotDone("\n".join(["refused:", *lines]) if lines else f"refused: {answer.reason}")


def send_photo(config: Config, given: argparse.Namespace, digest: str, content: bytes) -> None:
    """Send a photo of an inspection that has been received.

    Raises:
        NotDone: it was refused, or no answer came.

    """
    answer = _ask(config, given, None, photo=SentPhoto(digest=digest, content=content))
    if not answer.accepted:
        raise NotDone(f"refused: {answer.reason}")


def _ask(
    config: Config,
    given: argparse.Namespace,
    command: Command | None,
    form: SentForm | None = None,
    photo: SentPhoto | None = None,
) -> Answer:
    request = Request(
        who=given.who or "",
        sudo_user=os.environ.get("SUDO_USER", ""),
        is_emergency=given.emergency,
        command=command,
        form=form,
        photo=photo,
    )
    try:
        return ask(config.journal.path, request, PATIENCE)
    except NotRunning as error:
        lag = staleness(config.journal.path)
        reason = str(error) if lag is None else lag.reason
        raise NotDone(
            f"{reason}; nothing was done. `venue-monitor run` starts the monitor"
        ) from error
    except NoAnswer as error:
        if command is None and form is None and photo is None:
            raise NotDone(f"the monitor does not answer: {error}; nothing was done") from error
        raise NotDone(
            f"no answer within {PATIENCE:.0f} s, so it is unknown whether it takes effect: {error}. "
            "Look before you send it again"
        ) from error


def _check_name(who: str) -> None:
    """Refuse what can't be the level of a topic: messages to other systems have it there."""
    if not who or set("/+#\0") & set(who):
        raise ConfigError([f'--who: "{who}" can\'t be part of a topic; write a name without / + #'])
