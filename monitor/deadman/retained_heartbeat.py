"""Reads the heartbeat that the broker has kept: at a start, what the monitor knew before it stopped."""

import asyncio
from contextlib import suppress

import msgspec
import structlog

from monitor.deadman.heartbeat_message import HeartbeatMessage, heartbeat_topic
from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Connection

log = structlog.get_logger()

PATIENCE = 2.0
"""Seconds to wait for the broker: a start must not be delayed for long."""
SETTLED = 0.5
"""Seconds after the subscription in which a broker sends what it has retained."""


async def retained_heartbeat(
    address: BrokerAddress, client_id: str, congress: str
) -> HeartbeatMessage | None:
    """Return the retained heartbeat; ``None`` if there is none, or the broker can't be reached quickly."""
    received: asyncio.Queue[bytes] = asyncio.Queue()
    connection = Connection(
        address, client_id, deliver=lambda _, payload, __, ___: received.put_nowait(payload)
    )
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.open()
            await connection.subscribe([heartbeat_topic(congress)])
            with suppress(TimeoutError):
                payload = await asyncio.wait_for(received.get(), SETTLED)
                return msgspec.json.decode(payload, type=HeartbeatMessage)
    except (BrokerUnavailable, TimeoutError, msgspec.MsgspecError) as error:
        log.warning("no_retained_heartbeat", reason=str(error) or "no answer in time")
    finally:
        await connection.close()
    return None
