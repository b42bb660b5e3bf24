"""A reader of the topic `out`: writes the outcomes of one site into a journal, and keeps an engine beside it.

The engine is given the same inputs, so it remembers what the site remembers: who has which alert, who is on call.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

import structlog

from monitor.cluster.records import Imported, Outcome, RosterNamed, RulesNamed
from monitor.cluster.site import Configurations
from monitor.core.engine.engine import Engine
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.state import snapshot
from monitor.errors import JournalError
from monitor.journal import Journal, Record

log = structlog.get_logger()


class OutReader:
    """Keeps a journal and an engine equal to what came out of one site.

    The number of an outcome is the number of its input in the journal. So the journal knows what it has, a repetition
    changes nothing, and a gap is noticed; a journal that is lost is written again from the topic. The journal of a site
    that was brought over from one machine simply goes on.

    Args:
        journal: nothing else writes it.
        configurations: the rule sets and rosters that outcomes name.
        engine: as it was after the last input in the journal.
        snapshot_every: how often a snapshot is written, in log time.

    """

    def __init__(
        self,
        journal: Journal,
        configurations: Configurations,
        engine: Engine,
        snapshot_every: timedelta = timedelta(seconds=30),
    ) -> None:
        self.journal = journal
        self.engine = engine
        self._configurations = configurations
        self._snapshot_every = snapshot_every
        self._snapshot_at = engine.state.time.now

    def take(self, outcomes: Sequence[Outcome]) -> int:
        """Write the outcomes that are not in the journal yet, in one transaction; return how many they were.

        Raises:
            JournalError: the journal can't be written, or an outcome before these is missing.
            KeyError: an outcome names rules or a roster that the topic `configuration` does not have.

        """
        records: list[Record] = []
        for outcome in outcomes:
            wanted = self.journal.seq + len(records) + 1
            if outcome.n > wanted:
                raise JournalError(
                    f"{self.journal.path}: outcome {wanted} of {outcome.site} is missing, the next is {outcome.n}"
                )
            if outcome.n == wanted:
                records.append(self._record(outcome))
        if records:
            self.journal.commit(records, self._snapshot())
        return len(records)

    def _snapshot(self) -> bytes | None:
        """Return a snapshot if it is time for one, so that the next start has little to replay."""
        state = self.engine.state
        if state.time.now < self._snapshot_at + self._snapshot_every:
            return None
        self._snapshot_at = state.time.now
        return snapshot.encode(state)

    def _record(self, outcome: Outcome) -> Record:
        entry, given, transitions = outcome.entry, self._input(outcome), [*outcome.transitions]
        if not isinstance(entry.input, Imported) and self.engine.step(given) != transitions:
            # Another version than the job's; what the job has decided counts, and a restart takes it from the journal.
            log.error("outcome_differs", site=outcome.site, n=outcome.n)
        return Record(
            given, transitions, entry.id or None, entry.topic or None, entry.payload or None
        )

    def _input(self, outcome: Outcome) -> Input:
        given = outcome.entry.read()
        match given:
            case Arrival() | Rejected() | Notice() | Tick():
                return given
            case RulesNamed(received_at=at, who=who, digest=digest, diff=diff):
                rule_set = self._configurations.rule_set(digest)
                return RulesChanged(
                    received_at=at, who=who, rule_set=rule_set, diff=diff, digest=digest[:12]
                )
            case RosterNamed(received_at=at, who=who, digest=digest, diff=diff):
                roster = self._configurations.roster(digest) if digest else None
                return RosterChanged(received_at=at, who=who, roster=roster, diff=diff)
            case Imported(received_at=at):
                # It takes a number; what was before is in the journal of that machine.
                return Tick(received_at=at)
            case _:
                assert_never(given)
