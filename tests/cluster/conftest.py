"""Kafka and Flink, shared by the tests: each test has topics and a job of its own."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun
    from tests.support.flink import FlinkServers
    from tests.support.kafka import KafkaServers

_NUMBERS = count(1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each promise with its result, and how long the sites of a lost worker stood still."""
    if not terminalreporter.config.option.markexpr.startswith("cluster"):
        return
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
    ]
    terminalreporter.section("promises")
    for report in reports:
        name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        more = "".join(f", {key} {value}" for key, value in report.user_properties)
        terminalreporter.line(f"{report.outcome:6} {report.duration:6.0f} s  {name}{more}")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator["KafkaServers"]:
    """One broker."""
    # Only the environment of scripts/cluster-test has Kafka's client.
    from tests.support.kafka import KafkaServers  # noqa: PLC0415

    servers = KafkaServers(tmp_path_factory.mktemp("kafka"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture(scope="session")
def flink(tmp_path_factory: pytest.TempPathFactory) -> Iterator["FlinkServers"]:
    """A JobManager; a test asks for the TaskManagers that it needs."""
    from tests.support.flink import FlinkServers  # noqa: PLC0415

    servers = FlinkServers(tmp_path_factory.mktemp("flink"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def begin(kafka: "KafkaServers", flink: "FlinkServers") -> Iterator[Callable[[], "ClusterRun"]]:
    """Returns a new run; what is left of its job is ended."""
    from tests.support.cluster_run import ClusterRun  # noqa: PLC0415

    runs: list[ClusterRun] = []

    def make() -> ClusterRun:
        runs.append(ClusterRun(kafka, flink, f"run-{next(_NUMBERS)}"))
        return runs[-1]

    yield make
    # A test that needs no job may be over before Flink answers.
    flink.wait_for(lambda: bool(flink.overview()), "the JobManager")
    for job in flink.running():
        flink.cancel(job)
    for run in runs:
        run.line.close()
