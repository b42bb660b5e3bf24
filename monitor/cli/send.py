"""Sends a command of the staff over MQTT, as any other sender would, and waits for the monitor's answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import msgspec

from monitor.app.runfile import find_broker, find_congress, staleness
from monitor.config import Config
from monitor.core.decode import decode, topic_of
from monitor.core.engine.commands import Command
from monitor.core.inputs import Rejected
from monitor.core.transitions import Transition
from monitor.errors import ConfigError, MonitorError
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress, Connection
from monitor.texts import plain

PATIENCE = 10.0
"""Seconds to wait for the monitor's answer."""

Outcome = Callable[[Transition], str | None]
"""Returns what a transition means for the command, in one line; ``None`` if it concerns something else."""


class NotDone(MonitorError):
    """The command was refused, or its outcome is not known yet."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The monitor's answer to one command."""

    id: str = ""
    accepted: bool
    reason: str = ""


def send(config: Config, command: Command, subject: str, outcome: Outcome) -> str:
    """Send a command, wait for the monitor's answer, and return the outcome in one line.

    Args:
        config: the deployment.
        command: what is sent.
        subject: the id of the alert or mask, or the team, that it concerns.
        outcome: finds the outcome among the transitions.

    Raises:
        ConfigError: the monitor could not read the command.
        NotDone: it was refused, or no answer came.

    """
    with Journal(config.journal.path, read_only=True) as journal:
        before = journal.seq
        site = find_congress(config)
        topic, payload = topic_of(command, site), msgspec.json.encode(command)
        _check(topic, payload, command)
        answers = f"venue/{site}/answer/{command.who}"
        answer = asyncio.run(_ask(find_broker(config), answers, topic, payload, command.id))
        if answer is None:
            raise NotDone(_why_none(config, topic, answers))
        if not answer.accepted:
            raise NotDone(f"{subject}: refused: {answer.reason}")
        found = (outcome(row.transition) for row in journal.transitions(before))
        return next(filter(None, found), f"{subject}: accepted")


async def _ask(
    address: BrokerAddress, answers: str, topic: str, payload: bytes, own: str
) -> Answer | None:
    """Publish a command, and return the answer to it; ``None`` if none came in time."""
    answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def deliver(_topic: str, body: bytes, _retained: bool, packet_id: int) -> None:  # noqa: FBT001 - the interface
        connection.acknowledge([packet_id])
        with suppress(msgspec.MsgspecError):
            answer = msgspec.json.decode(body, type=Answer)
            if answer.id == own and not answered.done():
                answered.set_result(answer)

    connection = Connection(address, f"venue-monitor-act-{uuid4().hex[:8]}", deliver=deliver)
    await connection.open()
    try:
        await connection.subscribe([answers])
        await connection.publish([(topic, payload)])
        async with asyncio.timeout(PATIENCE):
            return await answered
    except TimeoutError:
        return None
    finally:
        await connection.close()


def _why_none(config: Config, topic: str, answers: str) -> str:
    """Return what is known when no answer has come: not whether the command has arrived."""
    lag = staleness(config.journal.path)
    if lag is None:
        why = f"the broker's access list may not let {topic} in, or {answers} out"
    else:
        why = f"{lag.reason}; if the broker keeps the command, it takes effect when the monitor is back"
    return (
        f"no answer within {PATIENCE:.0f} s, so it is unknown whether it takes effect: {why}. "
        "Look before you send it again"
    )


def _check(topic: str, payload: bytes, command: Command) -> None:
    """Refuse what the monitor could not read: its rejection would not be seen here."""
    if not command.who or set("/+#\0") & set(command.who):
        raise ConfigError(
            [f'--who: "{command.who}" can\'t be part of a topic; write a name without / + #']
        )
    if isinstance(read := decode(topic, payload, command.at), Rejected):
        raise ConfigError([f"this can't be sent: {plain(read.reason)}"])
