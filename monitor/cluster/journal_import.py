"""Brings a site over from one machine: its state, and the messages that it knows."""

from datetime import datetime

from monitor.cluster.identities import REMEMBERED, Identities
from monitor.cluster.records import content_digest
from monitor.cluster.site import Configurations, Settings, Site
from monitor.core.inputs import Arrival, Rejected
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.ingest.recovery import recover
from monitor.journal import Journal

_PAGE = 1_000


def state_of(journal: Journal, settings: Settings) -> State:
    """Return the state of the engine after the last input in the journal.

    Raises:
        JournalError: an input can't be read.

    """
    engine, _ = recover(journal, lateness=settings.lateness, tolerance=settings.tolerance)
    engine.state.time.step_limit = 0  # the line of one machine needs it
    return engine.state


def identities_of(journal: Journal, now: datetime) -> Identities:
    """Return the messages that the journal has taken in lately.

    Raises:
        JournalError: an input can't be read.

    """
    known, after = Identities(), journal.seq_before(now - REMEMBERED)
    while entries := journal.entries(after, _PAGE):
        for entry in entries:
            given = None if entry.id is None else entry.input()
            if entry.id is not None and isinstance(given, Arrival | Rejected):
                known.add(entry.id, content_digest(entry.id, given), entry.received_at)
        after = entries[-1].seq
    return known


def snapshot_of(
    journal: Journal, rules: str, settings: Settings, configurations: Configurations
) -> bytes:
    """Return the snapshot of a site that continues where the journal ends.

    Args:
        journal: of a monitor that is stopped.
        rules: the digest under which its rule set was published.
        settings: what all sites have in common.
        configurations: where the rule set is found.

    Raises:
        JournalError: an input can't be read.

    """
    state = state_of(journal, settings)
    name, now = site_of(state.rule_set), state.time.now
    known = identities_of(journal, now)
    return Site.of_state(
        name, journal.seq, rules, state, known, settings, configurations
    ).snapshot()


def site_of(rule_set: RuleSet) -> str:
    """Return the key of a site: the id of its congress."""
    return rule_set.venue.congress.id
