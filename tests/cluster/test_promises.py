"""On real Kafka and Flink: whatever fails, nothing is missing, extra, doubled or out of order at any site."""

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from monitor.cluster.records import LoggedInput, Outcome
from monitor.core.events.monitor_delivery import MonitorSinkFailed
from monitor.core.inputs import Notice
from monitor.core.transitions import AlertChanged
from tests.support.cluster_stream import SAME
from tests.support.engine import RULE_SET

if TYPE_CHECKING:
    from tests.support.cluster_run import ClusterRun

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
Begin = Callable[[], "ClusterRun"]
FROZEN = 30.0


def test_a_worker_is_frozen_and_comes_back(begin: Begin) -> None:
    """Its sites have gone on elsewhere meanwhile; what it still does when it is back changes nothing."""
    run = begin()
    run.feed(1000)
    first, *_ = run.flink.have_workers(3)
    run.submit(2)
    run.read(500)
    process = run.flink.process_of(first)

    os.kill(process, signal.SIGSTOP)
    until = time.monotonic() + FROZEN
    run.feed(1000)
    run.read(1500)
    assert not run.line.read_until(lambda: time.monotonic() < 0, until - time.monotonic())
    os.kill(process, signal.SIGCONT)
    run.feed(1000)

    assert run.finish() == SAME


def test_a_savepoint_is_continued_by_more_workers(begin: Begin) -> None:
    """A job that was stopped with a savepoint goes on with 4 workers instead of 2."""
    run = begin()
    run.feed(1000)
    run.flink.have_workers(4)
    run.submit(2)
    run.read(500)

    savepoint = run.flink.stop_with_savepoint(run.job)
    run.feed(1000)
    run.submit(4, savepoint)

    assert run.finish() == SAME


def test_rules_change_while_a_worker_is_killed(begin: Begin) -> None:
    """The change reaches each site at its place in the log: between the same two messages as in the oracle."""
    run = begin()
    run.feed(1000)
    first, *_ = run.flink.have_workers(3)
    run.submit(2)
    run.read(500)
    fewer = msgspec.structs.replace(RULE_SET, rules=RULE_SET.rules[::2])

    run.change_rules(fewer)
    run.flink.kill_worker(first)
    run.feed(500)
    run.change_rules(RULE_SET)
    run.feed(500)

    assert run.finish() == SAME


def failure(site: str, at: datetime) -> LoggedInput:
    """What a site is told of a record that it could not take in, but for the reason."""
    event = MonitorSinkFailed(at=at, sink="site", reason="")
    return LoggedInput(site=site, received_at=at, input=Notice(received_at=at, event=event))


def rules_in(outcome: Outcome) -> set[str]:
    """The rules of the alerts that an outcome has changed."""
    return {row.alert.rule for row in outcome.transitions if isinstance(row, AlertChanged)}


def test_a_record_that_cannot_be_taken_in_stops_no_one(begin: Begin) -> None:
    """A damaged record, and one that names unknown rules, are dead letters and alerts; all sites go on."""
    run = begin()
    run.feed(500)
    run.flink.have_workers(2)
    run.submit(2)
    run.read(200)
    unknown = (
        b'{"type":"rules-named","received_at":"2026-01-01T08:00:00Z","who":"x","digest":"none"}'
    )
    at = run.now.isoformat().encode()

    run.line.write_raw("site-003", b'{"site":"site-003","received_at":12', run.now)
    run.line.write_raw(
        "site-004", b'{"site":"site-004","received_at":"%b","input":%b}' % (at, unknown), run.now
    )
    for name in ("site-003", "site-004"):
        run.oracle.take(failure(name, run.now))
    run.feed(500)

    assert run.finish() == SAME
    raised = {row.site for row in run.line.out if "sink-refused" in rules_in(row)}
    assert raised == {"site-003", "site-004"}
    assert {letter.site: letter.reason.partition("(")[0] for letter in run.line.dead_letters()} == {
        "site-003": "ValidationError",
        "site-004": "KeyError",
    }
