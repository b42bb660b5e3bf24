"""Connects to the broker of the deployment, or starts the embedded one."""

from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any

import structlog

from monitor.app.broker_address import address_of
from monitor.config import Broker, Config
from monitor.core.bounded_text import short_id
from monitor.core.events.monitor import (
    MonitorBacklogDamaged,
    MonitorJournalNew,
    MonitorRival,
    MonitorSessionLost,
)
from monitor.deadman.heartbeat_message import session_topic, status_topic
from monitor.ingest.inbox import Inbox
from monitor.ingest.pipeline import Pipeline
from monitor.ingest.session_owner import SessionClaim, SessionOwner
from monitor.mqtt import BrokerAddress, Will
from monitor.mqtt.embedded import EmbeddedBroker

log = structlog.get_logger()

FILTERS = ("venue/#",)
"""All topics of our own language; what can't be decoded there is reported."""
EMBEDDED = Broker(host="127.0.0.1")
"""The settings of our connection to the embedded broker."""


def broker_settings(config: Config) -> Broker:
    """Return ``[broker]``, or the settings for the embedded broker if the deployment has none."""
    return config.broker or EMBEDDED


async def open_broker(
    config: Config, stack: AsyncExitStack
) -> tuple[BrokerAddress, EmbeddedBroker | None]:
    """Return the broker's address; start the embedded broker, and return it too, if the deployment has none.

    Raises:
        BrokerUnavailable, ConfigError: the embedded broker can't be started.

    """
    if config.broker is not None:
        return address_of(config.broker), None
    embedded = EmbeddedBroker(config.embedded_broker.data, config.embedded_broker.port)
    await stack.enter_async_context(embedded)
    log.warning(
        "embedded_broker_without_password",
        address=str(embedded.address),
        why="every program on this machine can send events and commands; in production use a [broker] with passwords",
    )
    return embedded.address, embedded


async def report_damage(broker: EmbeddedBroker, pipeline: Pipeline) -> None:
    """Report to the core the damaged messages that are found in the broker's store, until cancelled."""
    while True:
        messages = await broker.damage.get()
        pipeline.notice(
            MonitorBacklogDamaged(
                at=pipeline.clock.now(), broker=str(broker.address), messages=messages
            )
        )


async def refuse_rival(config: Config, address: BrokerAddress, congress: str) -> None:
    """Make sure that no other monitor uses our session, before this one judges what others have left at the broker.

    Raises:
        SessionTaken: an older monitor uses it.

    """
    if config.broker is not None:
        now = datetime.now(UTC)
        topic = session_topic(congress)
        async with SessionOwner(address, config.broker.client_id, topic, now, lambda _: None):
            pass


async def claim_session(
    config: Config, address: BrokerAddress, pipeline: Pipeline, stack: AsyncExitStack
) -> list[tuple[str, Coroutine[Any, Any, None]]]:
    """Make sure that no other monitor uses our session; return the loop that answers others.

    The embedded broker is started by its monitor and needs none.

    Raises:
        SessionTaken: an older monitor uses it.

    """
    if config.broker is None:
        return []
    clock = pipeline.clock

    def report(claim: SessionClaim) -> None:
        client_id, host = short_id(claim.client_id), short_id(claim.host)
        pipeline.notice(MonitorRival(at=clock.now(), client_id=client_id, host=host))

    owner = SessionOwner(
        address,
        config.broker.client_id,
        session_topic(pipeline.engine.state.rule_set.venue.congress.id),
        datetime.now(UTC),
        report,
    )
    await stack.enter_async_context(owner)
    return [("session", owner.run())]


def inbox_of(
    config: Config, address: BrokerAddress, pipeline: Pipeline, *, expect_session: bool
) -> Inbox:
    """Return the inbox of a deployment, not yet connected."""
    settings, clock = broker_settings(config), pipeline.clock
    congress = pipeline.engine.state.rule_set.venue.congress.id
    return Inbox(
        address,
        client_id=settings.client_id,
        filters=[*FILTERS, *(adapter.topic for adapter in config.adapters)],
        clock=clock.now,
        rng=SystemRandom(),
        on_session_lost=lambda: pipeline.notice(
            MonitorSessionLost(at=clock.now(), broker=str(address))
        ),
        on_session_known=lambda: pipeline.notice(
            MonitorJournalNew(at=clock.now(), broker=str(address))
        ),
        # The broker does not say where the other client runs; if that one answers, `claim_session` knows.
        on_session_taken=lambda: pipeline.notice(
            MonitorRival(at=clock.now(), client_id=short_id(settings.client_id), host="?")
        ),
        expect_session=expect_session,
        will=Will(status_topic(congress), b"offline"),
        online=b"online",
        limit=settings.max_unacknowledged,
        batch=config.journal.batch,
    )
