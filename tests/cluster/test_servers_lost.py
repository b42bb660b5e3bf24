"""On three Kafka brokers, and with ZooKeeper behind Flink: a lost server loses nothing; a new version goes on."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cluster_stream import SAME
from tests.support.pipeline import ROOT

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun
    from tests.support.flink import FlinkServers
    from tests.support.kafka import KafkaServers

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
Begin = Callable[[], "ClusterRun"]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator["KafkaServers"]:
    """Three brokers."""
    from tests.support.kafka import KafkaServers  # noqa: PLC0415

    servers = KafkaServers(tmp_path_factory.mktemp("kafka"), 3)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture(scope="module")
def flink(tmp_path_factory: pytest.TempPathFactory) -> Iterator["FlinkServers"]:
    """A JobManager whose place another can take."""
    from tests.support.flink import FlinkServers  # noqa: PLC0415

    servers = FlinkServers(tmp_path_factory.mktemp("flink"), is_standing_by=True)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def test_the_broker_that_leads_is_killed(begin: Begin, kafka: "KafkaServers") -> None:
    """Another leads its partitions; what was acknowledged is there, and nothing is there twice."""
    run = begin()
    run.feed(1000)
    run.flink.have_workers(2)
    run.submit(2)
    run.read(500)

    leader = kafka.leader_of(run.settings.topics.log, 0)
    kafka.kill(leader)
    run.feed(1000)
    found = run.finish()
    kafka.start_one(leader)

    assert found == SAME


def test_the_job_manager_is_killed(begin: Begin) -> None:
    """The next one finds the job and its latest checkpoint in ZooKeeper."""
    run = begin()
    run.feed(1000)
    run.flink.have_workers(2)
    run.submit(2)
    run.read(500)

    run.flink.kill_manager()
    run.feed(1000)
    run.flink.start_manager()

    assert run.finish() == SAME


def test_a_new_version_continues_from_a_savepoint(begin: Begin, tmp_path: Path) -> None:
    """Stopped with a savepoint, started with other code in new workers: the sites go on."""
    run = begin()
    run.feed(1000)
    for worker in run.flink.have_workers(2):
        run.flink.kill_worker(worker)
    run.flink.have_workers(2)
    run.submit(2)
    run.read(500)
    savepoint = run.flink.stop_with_savepoint(run.job)

    shutil.copytree(ROOT / "monitor", tmp_path / "monitor")
    records = tmp_path / "monitor" / "cluster" / "records.py"
    body = records.read_text()
    field = "    transitions: tuple[Transition, ...] = ()\n"
    assert body.count(field) == 1
    records.write_text(body.replace(field, f'{field}    version: str = "next"\n'))
    for worker in run.flink.have_workers(2):
        run.flink.kill_worker(worker)
    run.flink.code = tmp_path
    run.flink.have_workers(2)
    run.feed(1000)
    run.submit(2, savepoint)
    found = run.finish()
    run.flink.code = ROOT

    assert found == SAME
    assert run.line.raw[0].count(b'"version":"next"') == 0
    assert run.line.raw[-1].count(b'"version":"next"') == 1
