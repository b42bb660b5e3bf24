"""On real Kafka and Flink: a day is drained while a worker is killed, and the comparison finds what is lost."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.cluster_stream import SAME

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun

pytestmark = [pytest.mark.cluster, pytest.mark.short, pytest.mark.timeout(900)]


def test_a_worker_is_killed(
    begin: Callable[[], "ClusterRun"], record_property: Callable[[str, object], None]
) -> None:
    """A killed worker's sites go on elsewhere: nothing is missing, extra, doubled or out of order."""
    run = begin()
    run.feed(3000)
    first, *_ = run.flink.have_workers(3)
    run.submit(2)
    run.read(500)

    before = run.now
    run.flink.kill_worker(first)
    killed = time.monotonic()
    run.feed(3000)

    assert run.finish() == SAME
    record_property("all sites back after", f"{run.back_at(before) - killed:.1f} s")
    assert run.oracle.count() > 1000


def test_without_its_state_the_job_is_wrong(begin: Callable[[], "ClusterRun"]) -> None:
    """The negative control: a job that starts again from the log's second half differs, and the comparison says so."""
    run = begin()
    run.feed(1000)
    run.flink.have_workers(2)
    run.submit(2)
    run.read(500)
    run.flink.stop_with_savepoint(run.job)

    run.forget_log()
    run.feed(1000)
    run.submit(2)
    found = run.finish(patience=20)

    assert found.missing > 0
    assert found != SAME
