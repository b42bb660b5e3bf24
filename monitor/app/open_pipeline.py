"""Recovers the engine, finds the broker, and joins both in the pipeline that all else works with."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from monitor.accounts import Accounts
from monitor.app.accounts import open_accounts
from monitor.app.broker import open_broker
from monitor.app.deployment import translator
from monitor.app.journal import recover_engine
from monitor.app.open_journal import compare_with_heartbeat
from monitor.app.parts import Parts
from monitor.config import Config
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor import MonitorStarted
from monitor.core.rules.model import RuleSet
from monitor.core.state.time import LONG_AGO
from monitor.ingest.clock_loop import STEP_LIMIT
from monitor.ingest.clock_watch import step_while_stopped
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from monitor.mqtt.embedded import EmbeddedBroker
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics
from monitor.standby.take_over import TakeOver, check_copy, complete


@dataclass(frozen=True, slots=True)
class Opened:
    """What every other part of the monitor works with."""

    config: Config
    clock: Clock
    address: BrokerAddress
    embedded: EmbeddedBroker | None
    pipeline: Pipeline
    parts: Parts
    accounts: Accounts
    is_new: bool
    """The journal is new."""

    @property
    def congress(self) -> str:
        """The congress's id."""
        return self.pipeline.engine.state.rule_set.venue.congress.id


async def open_pipeline(  # noqa: PLR0913 - the deployment, and how it is started
    config: Config,
    rule_set: RuleSet | None,
    clock: Clock,
    journal: Journal,
    stack: AsyncExitStack,
    *,
    accept_loss: bool,
    take_over: TakeOver | None,
) -> Opened:
    """Recover the engine, find the broker, and join both in the pipeline.

    Raises:
        JournalLoss: the heartbeat at the broker shows that the journal has lost history.
        MonitorError: the journal can't be read, or the broker can't be started.

    """
    engine = recover_engine(config, check_copy(journal, take_over), clock)
    address, embedded = await open_broker(config, stack)
    is_new = await compare_with_heartbeat(
        journal,
        config,
        rule_set or last_in_force(engine),
        address,
        clock,
        accept_loss=accept_loss,
    )
    parts = Parts()
    pipeline = Pipeline(
        engine,
        journal,
        translator(config),
        clock,
        Metrics(),
        snapshot_every=config.journal.snapshot_every,
        on_commit=parts.wake,
        staff_senders=frozenset(config.staff.mqtt),
    )
    accounts = open_accounts(config, pipeline, stack)
    return Opened(config, clock, address, embedded, pipeline, parts, accounts, is_new)


def last_in_force(engine: Engine) -> RuleSet | None:
    """Return the rules that the journal knows; ``None`` if it knows none, as one that was lost."""
    rule_set = engine.state.rule_set
    return rule_set if rule_set.rules else None


def report_start(pipeline: Pipeline, take_over: TakeOver | None) -> None:
    """Report to the core that the monitor has started, in whose place, and how long it was down."""
    latest = pipeline.engine.state.time.now
    is_continued = bool(pipeline.journal.seq) and latest > LONG_AGO
    if is_continued and (step := step_while_stopped(pipeline.clock, latest)) is not None:
        pipeline.notice(step)
    if take_over is not None:
        complete(take_over, pipeline)
    now, downtime = pipeline.clock.now(), timedelta(0)
    if is_continued:
        downtime = max(downtime, now - pipeline.engine.state.time.now)
    pipeline.notice(
        MonitorStarted(at=now, downtime_s=downtime.total_seconds(), step_limit=STEP_LIMIT)
    )
