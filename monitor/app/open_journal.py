"""Opens the journal, and holds it against what its witness and the retained heartbeat know of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from monitor.app import loss as loss_of
from monitor.app.broker import open_broker, refuse_rival
from monitor.app.broker_address import latest_congress
from monitor.config import Config
from monitor.core.events.monitor import MonitorWitnessMissing
from monitor.core.rules.model import RuleSet
from monitor.errors import JournalDamaged, JournalLoss, MonitorError
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from monitor.runtime.clock import Clock

log = structlog.get_logger()


@asynccontextmanager
async def reporting_damage(
    config: Config, rule_set: RuleSet | None, clock: Clock
) -> AsyncIterator[None]:
    """Run the block; if it finds the journal damaged, report that after it has closed everything, and page people.

    Raises:
        JournalDamaged: what the block has raised.

    """
    try:
        yield
    except JournalDamaged as damage:
        async with AsyncExitStack() as stack:
            address = await _broker(config, stack)
            await loss_of.report(damage, config, rule_set, address, clock.now())
        raise


async def open_journal(
    config: Config,
    rule_set: RuleSet | None,
    clock: Clock,
    stack: AsyncExitStack,
    *,
    accept_loss: bool,
) -> Journal:
    """Open the journal; report what its witness knows to be missing.

    Raises:
        JournalError: it can't be opened, or has lost history that no one has accepted.

    """
    try:
        return stack.enter_context(Journal(config.journal.path, accept_loss=accept_loss))
    except JournalLoss as loss:
        await loss_of.report(loss, config, rule_set, await _broker(config, stack), clock.now())
        raise


async def compare_with_heartbeat(  # noqa: PLR0913 - what a report of the loss takes
    journal: Journal,
    config: Config,
    rule_set: RuleSet | None,
    address: BrokerAddress,
    clock: Clock,
    *,
    accept_loss: bool,
) -> bool:
    """Compare the journal with the retained heartbeat: the witness may be lost together with it.

    Args:
        journal: that was opened.
        config: the deployment.
        rule_set: the rules and the venue; ``None`` if they can't be read, and the journal knows none.
        address: the broker.
        clock: the monitor's.
        accept_loss: a person has accepted a loss.

    Returns:
        Whether the journal is new.

    Raises:
        JournalLoss: the journal has lost history, and no one has accepted it.
        SessionTaken: the heartbeat is that of another monitor, which uses our session.

    """
    congress = latest_congress(config) if rule_set is None else rule_set.venue.congress.id
    loss = await loss_of.find_by_heartbeat(journal, config, address, congress)
    if loss is not None and accept_loss:
        journal.accept(loss)
    elif loss is not None:
        await refuse_rival(config, address, congress)
        await loss_of.report(loss, config, rule_set, address, clock.now())
        raise loss
    return journal.seq == 0


def report_journal(pipeline: Pipeline, *, accept_loss: bool) -> None:
    """Report to the core what was wrong with the journal; the rules are in force, so that people are paged."""
    now, journal = pipeline.clock.now(), pipeline.journal
    loss_of.forget(journal.path)
    if journal.loss is not None:
        pipeline.notice(loss_of.accepted(journal.loss, now))
    elif accept_loss:
        log.warning("no_loss_to_accept", seq=journal.seq)
    if journal.lacks_witness:
        pipeline.notice(MonitorWitnessMissing(at=now, path=journal.path.name))


async def _broker(config: Config, stack: AsyncExitStack) -> BrokerAddress | None:
    """Return the broker's address; ``None`` if the embedded one can't be started."""
    try:
        return (await open_broker(config, stack))[0]
    except MonitorError as error:
        log.warning("broker_unavailable", reason=str(error))
        return None
