"""On real Kafka and Flink: when the tickers are gone, time stands still, and `cluster status` says so."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.pipeline import ROOT

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
PATIENCE = 300.0
WELL = "time passes in all 4 partitions, the job runs, and 0 sites have an inbox and a reader"


def test_the_tickers_are_gone(begin: Callable[[], "ClusterRun"], tmp_path: Path) -> None:
    """With a ticker and a job all is well; without the ticker each partition is named, with what to start."""
    run = begin()
    run.flink.have_workers(1)
    run.submit(1)
    config = tmp_path / "config.toml"
    table = run.table
    config.write_text(
        f'[cluster]\nbrokers = "{table.brokers}"\nprefix = "{table.prefix}"\npartitions = 4\nreplicas = 1\n'
        f'flink = "{run.flink.address}"\n'
    )

    def command(*words: str) -> list[str]:
        return [sys.executable, "-m", "monitor", "--config", str(config), "cluster", *words]

    def status() -> tuple[int, list[str]]:
        done = subprocess.run(
            command("status"), cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.splitlines()

    with subprocess.Popen(command("ticker"), cwd=ROOT) as ticker:
        try:
            until(lambda: status() == (0, [WELL]))
        finally:
            ticker.kill()

    until(lambda: status()[0] == 1 and len(status()[1]) == 4)
    code, lines = status()
    assert code == 1
    assert [line.partition(":")[0] for line in lines] == [f"partition {n}" for n in range(4)]
    assert all("start `venue-monitor cluster ticker`" in line for line in lines)


def test_the_topics_are_checked(begin: Callable[[], "ClusterRun"], tmp_path: Path) -> None:
    """What differs from the configuration is named."""
    run = begin()
    config = tmp_path / "config.toml"
    config.write_text(
        f'[cluster]\nbrokers = "{run.table.brokers}"\nprefix = "{run.table.prefix}"\npartitions = 8\nreplicas = 1\n'
    )

    done = subprocess.run(
        [sys.executable, "-m", "monitor", "--config", str(config), "cluster", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    prefix = run.table.prefix
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [
        f"topic {prefix}.in: has 4 partitions, [cluster] partitions says 8",
        f"topic {prefix}.out: has 4 partitions, [cluster] partitions says 8",
    ]


def test_what_came_out_of_sites_is_kept_for_good(
    begin: Callable[[], "ClusterRun"], tmp_path: Path
) -> None:
    """A reader writes its journal again from it; who wants it shorter may say so to Kafka."""
    from confluent_kafka.admin import ConfigResource, ResourceType  # noqa: PLC0415

    run = begin()
    config, prefix = tmp_path / "config.toml", f"{run.table.prefix}-new"
    config.write_text(
        f'[cluster]\nbrokers = "{run.table.brokers}"\nprefix = "{prefix}"\npartitions = 2\nreplicas = 1\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "--config", str(config), "cluster", "check", "--create"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    resource = ConfigResource(ResourceType.TOPIC, f"{prefix}.out")
    admin = run.admin()
    (future,) = admin.describe_configs([resource]).values()
    assert future.result(PATIENCE)["retention.ms"].value == "-1"


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
