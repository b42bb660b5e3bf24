"""Opens the way in: claims the session at the broker, connects, and tells what is known about it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from monitor.app.broker import (
    claim_session,
    inbox_of,
)
from monitor.app.open_pipeline import Opened
from monitor.app.parts import Loops
from monitor.app.sink_health import SinkHealth
from monitor.app.status import Status
from monitor.ingest.clock_loop import ClockLoop
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.ingest.intake_loop import IntakeLoop


@dataclass(frozen=True, slots=True)
class Intake:
    """The way in, connected, and what is known about it."""

    inbox: Inbox
    loop: IntakeLoop
    clock_loop: ClockLoop
    sink_health: SinkHealth
    status: Status
    session_owner: Loops


async def open_intake(opened: Opened, stack: AsyncExitStack) -> Intake:
    """Claim the session at the broker, and connect to it.

    Raises:
        SessionTaken: another monitor uses the session.

    """
    config, address, pipeline = opened.config, opened.address, opened.pipeline
    inbox = inbox_of(config, address, pipeline, expect_session=not opened.is_new)
    connection = ConnectionStatus(inbox, pipeline, str(address))
    session_owner = await claim_session(config, address, pipeline, stack)
    await stack.enter_async_context(inbox)
    loop = IntakeLoop(inbox, pipeline, connection, opened.parts.is_paging)
    clock_loop = ClockLoop(pipeline, connection)
    sink_health = SinkHealth(opened.parts, pipeline)
    status = Status(pipeline, inbox, connection, clock_loop, sink_health)
    return Intake(inbox, loop, clock_loop, sink_health, status, session_owner)
