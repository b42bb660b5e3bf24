"""Accounts that change while the broker of deploy/compose runs (Debian's mosquitto 2.0.11, SIGHUP)."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Connection, Publisher
from tests.support.chaos_stream import reached
from tests.support.compose import ComposeBroker, Deployment
from tests.support.servers import PATIENCE

TOPIC = "venue/hall/inspection/fire-safety"


async def test_accounts_change_while_other_clients_stay_connected(
    tmp_path: Path,
) -> None:
    """After ./prepare and SIGHUP, removed accounts and those with a new password are disconnected at once."""
    deployment = Deployment(tmp_path)
    came: list[bytes] = []
    with ComposeBroker(deployment) as broker:
        monitor = Connection(
            deployment.address("venue-monitor", inner=True),
            "venue-monitor",
            persistent=True,
            deliver=lambda _, payload, __, ___: came.append(payload),
        )
        await monitor.open()
        await monitor.subscribe(["venue/#"])
        old = deployment.address("hall-tablet-1")
        tablet = Connection(old, "hall-tablet-1")
        await tablet.open()
        await tablet.publish([(TOPIC, b"before")])

        guard = Connection(deployment.address("hall-guard-1"), "hall-guard-1")
        await guard.open()

        (deployment.folder / "secrets/accounts/hall-guard-1").unlink()
        listed = deployment.folder / "accounts.toml"
        listed.write_text(listed.read_text().replace("hall-tablet-1", "hall-tablet-2"))
        await asyncio.to_thread(deployment.prepare)
        os.kill(broker.pid, signal.SIGHUP)

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(tablet.lost, guard.lost)
            while not await admitted(deployment, "hall-tablet-2"):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        await reached(lambda: came == [b"before", b"after"], PATIENCE)
        assert not monitor.lost.done()
        with pytest.raises(BrokerUnavailable, match="access denied"):
            await tablet_again(old)
        for connection in (monitor, tablet, guard):
            await connection.close()


async def admitted(deployment: Deployment, account: str) -> bool:
    """Try to publish with an account; return whether it was let in."""
    try:
        async with Publisher(deployment.address(account), account) as publisher:
            await publisher.publish(TOPIC, b"after")
    except BrokerUnavailable:
        return False
    return True


async def tablet_again(address: BrokerAddress) -> None:
    """Connect as a removed account."""
    async with Publisher(address, "again"):
        pass
