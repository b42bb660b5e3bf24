"""A reader of the topic `out`: writes the outcomes of one site into a journal, which sinks read as on one machine."""

from collections.abc import Sequence
from typing import assert_never

from monitor.cluster.records import Imported, Outcome, RosterNamed, RulesNamed
from monitor.cluster.site import Configurations
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.rules.model import RuleSet
from monitor.errors import JournalError
from monitor.journal import Journal, Record


class OutReader:
    """Keeps a journal equal to what came out of one site.

    The number of an outcome is the number of its input in the journal. So the journal knows what it has, a repetition
    changes nothing, and a gap is noticed; a journal that is lost is written again from the topic. The journal of a site
    that was brought over from one machine simply goes on.

    Args:
        journal: nothing else writes it.
        configurations: the rule sets and rosters that outcomes name.
        rule_set: what is in force until an outcome says otherwise.

    """

    def __init__(self, journal: Journal, configurations: Configurations, rule_set: RuleSet) -> None:
        self.journal = journal
        self.rule_set = rule_set
        """The rules in force."""
        self._configurations = configurations

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
        self.journal.commit(records)
        return len(records)

    def _record(self, outcome: Outcome) -> Record:
        entry = outcome.entry
        return Record(
            self._input(outcome),
            list(outcome.transitions),
            entry.id or None,
            entry.topic or None,
            entry.payload or None,
        )

    def _input(self, outcome: Outcome) -> Input:
        given = outcome.entry.read()
        match given:
            case Arrival() | Rejected() | Notice() | Tick():
                return given
            case RulesNamed(received_at=at, who=who, digest=digest, diff=diff):
                self.rule_set = rule_set = self._configurations.rule_set(digest)
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
