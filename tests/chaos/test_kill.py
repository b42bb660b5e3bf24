"""The monitor is killed repeatedly while messages arrive: none is lost or counted twice, no page is missing."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from monitor.journal import verify
from monitor.mqtt import BrokerAddress
from tests.support.chaos_stream import Stream, all_in, as_expected, drafts
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import Mosquitto


async def survive(
    folder: Path, broker: BrokerAddress | None, *, n: int, kills: int, rate: float, seed: int
) -> None:
    """Publish ``n`` messages, kill the monitor this many times meanwhile, and count what is left."""
    rng = Random(seed)
    with MonitorProcess(folder, broker) as program:
        stream = Stream(program.broker, drafts(n, seed), rate=rate)
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.run())
            for moment in sorted(rng.sample(range(n // 20, n - n // 20), kills)):
                await stream.sent(moment)
                program.kill()
                await asyncio.sleep(rng.uniform(0, 0.3))
                await asyncio.to_thread(program.start)
        await all_in(program, stream)
        await as_expected(program, stream)
        assert await asyncio.to_thread(program.stop) == 0
        assert not program.logged("journal_loss")
    assert verify(program.journal) == []


async def test_killed_beside_a_broker_of_its_own(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Three kills in 1,500 messages lose nothing while the broker keeps running."""
    await survive(tmp_path, mosquitto.address, n=1500, kills=3, rate=300, seed=1)


async def test_killed_together_with_the_embedded_broker(tmp_path: Path) -> None:
    """Three kills in 1,500 messages lose nothing, although the broker ends and starts with the monitor."""
    await survive(tmp_path, None, n=1500, kills=3, rate=300, seed=2)


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_no_kill_is_taken_for_a_loss(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Fifteen kills while messages arrive never leave a journal that knows less than its witness or its heartbeat."""
    await survive(tmp_path, mosquitto.address, n=6000, kills=15, rate=300, seed=3)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_killed_for_long(tmp_path: Path, mosquitto: Mosquitto, seed: int) -> None:
    """Ten kills in twenty thousand messages a round lose nothing, with mosquitto beside the monitor."""
    await survive(tmp_path, mosquitto.address, n=20_000, kills=10, rate=1000, seed=100 + seed)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_killed_for_long_with_the_embedded_broker(tmp_path: Path, seed: int) -> None:
    """Ten kills in twenty thousand messages a round lose nothing, with the embedded broker."""
    await survive(tmp_path, None, n=20_000, kills=10, rate=1000, seed=200 + seed)
