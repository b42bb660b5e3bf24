"""Kills the monitor again and again while messages arrive: none is lost, none counts twice, nobody is unpaged."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from monitor.journal import verify
from monitor.mqtt import BrokerAddress
from tests.support.chaos_stream import Stream, all_in, as_expected, drafts
from tests.support.monitor_process import Program
from tests.support.servers import Mosquitto


async def survive(
    folder: Path, broker: BrokerAddress | None, *, n: int, kills: int, rate: float, seed: int
) -> None:
    """Publishes ``n`` messages, kills the monitor so many times meanwhile, and counts what is left."""
    rng = Random(seed)
    with Program(folder, broker) as program:
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
    assert verify(program.journal) == []


async def test_killed_beside_a_broker_of_its_own(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Three kills in 1,500 messages while the broker keeps running."""
    await survive(tmp_path, mosquitto.address, n=1500, kills=3, rate=300, seed=1)


async def test_killed_together_with_the_embedded_broker(tmp_path: Path) -> None:
    """Three kills in 1,500 messages; the broker ends with the monitor, and starts again with it."""
    await survive(tmp_path, None, n=1500, kills=3, rate=300, seed=2)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_killed_for_long(tmp_path: Path, mosquitto: Mosquitto, seed: int) -> None:
    """Twenty thousand messages and ten kills a round, mosquitto beside it."""
    await survive(tmp_path, mosquitto.address, n=20_000, kills=10, rate=1000, seed=100 + seed)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_killed_for_long_with_the_embedded_broker(tmp_path: Path, seed: int) -> None:
    """Twenty thousand messages and ten kills a round, with the embedded broker."""
    await survive(tmp_path, None, n=20_000, kills=10, rate=1000, seed=200 + seed)
