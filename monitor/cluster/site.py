"""One site: its engine and the messages it knows, stepped one record at a time. No clock, no files, no network."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol
from zlib import compress, decompress

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from monitor.cluster.identities import Identities
from monitor.cluster.records import (
    Imported,
    LoggedInput,
    Named,
    Outcome,
    RosterNamed,
    RulesNamed,
)
from monitor.core.bounded_text import short_id
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor_delivery import MonitorSinkFailed
from monitor.core.events.monitor_senders import MonitorIdReused
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleSet
from monitor.core.rules.title import Wording
from monitor.core.state import snapshot
from monitor.core.state.state import NO_RULES, State
from monitor.core.transitions import Transition

REPORTED_AS = "site"
"""Where what can't be taken in was to be delivered."""
_FASTEST = 1
_REASON = 300
"""Characters of an error that are shown; the dead letter has all of them."""


class Configurations(Protocol):
    """Rule sets and rosters by their digest: the same digest is always the same content."""

    def rule_set(self, digest: str) -> RuleSet:
        """Return a rule set; raises KeyError if there is none with this digest."""

    def roster(self, digest: str) -> Roster:
        """Return a roster; raises KeyError if there is none with this digest."""

    def snapshot(self, digest: str) -> bytes:
        """Return the snapshot of a site; raises KeyError if there is none with this digest."""


class Settings(NamedTuple):
    """What all sites have in common."""

    lateness: timedelta
    tolerance: timedelta
    wording: Wording


class _Snapshot(Struct):
    """A site at one point of its log."""

    site: str
    n: int
    rules: str
    """The digest of the rules in force; empty: none."""
    identities: Identities
    state: Raw
    """Without the rules in force, which many sites may share."""
    version: Literal[1] = 1


class Site:
    """The engine of one site with the messages that it knows.

    The same records in the same order give the same outcomes, wherever they are read again: a site that is built from
    `snapshot` and given the records after it continues as if nothing had happened.

    Args:
        name: the id of the site's congress.
        settings: what all sites have in common.
        configurations: where rule sets and rosters are found.

    """

    __slots__ = ("_configurations", "_identities", "_n", "_rules", "_settings", "engine", "name")

    def __init__(
        self,
        name: str,
        settings: Settings,
        configurations: Configurations,
        *,
        state: State | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._configurations = configurations
        self._identities = Identities()
        self._n = 0
        self._rules = ""
        self.engine = Engine(
            State() if state is None else state,
            lateness=settings.lateness,
            tolerance=settings.tolerance,
            wording=settings.wording,
        )

    def take(self, entry: LoggedInput) -> list[Outcome]:
        """Process one record; return what it did: nothing if it is the repetition of a message.

        Raises:
            KeyError: it names rules or a roster that the topic `configuration` does not have.
            ValueError: a site is to be imported that is here already.

        """
        given = entry.read()
        match given:
            case Rejected():
                return [self._rejected(entry, given)]
            case Arrival():
                return self._arrived(entry, given)
            case RulesNamed() | RosterNamed():
                return [self._outcome(entry, self._named(given))]
            case Imported():
                return [self._imported(entry, given)]
            case Notice() if entry.id:
                return self._noticed_once(entry, given)
            case Notice() | Tick():
                return [self._outcome(entry, given)]

    def tick(self, now: datetime) -> Outcome | None:
        """Advance the time; return ``None`` if nothing follows, since such a tick need not be kept."""
        given = Tick(received_at=now)
        transitions = self.engine.step(given)
        if self.engine.is_idle:
            return None
        entry = LoggedInput(site=self.name, received_at=now, input=given)
        self._n += 1
        return Outcome(site=self.name, n=self._n, entry=entry, transitions=tuple(transitions))

    def report_failure(self, reason: str, at: datetime) -> list[Outcome]:
        """Report that a record could not be taken in, so that people learn of it; a site without rules has nobody to.

        Args:
            reason: the error, in English.
            at: the time of that record.

        """
        if self.engine.state.rule_set == NO_RULES:
            return []
        event = MonitorSinkFailed(at=at, sink=REPORTED_AS, reason=reason[:_REASON])
        given = Notice(received_at=at, event=event)
        return [self._outcome(LoggedInput(site=self.name, received_at=at, input=given), given)]

    @property
    def deadline(self) -> datetime | None:
        """When `tick` has to be called even if no record arrives."""
        return self.engine.deadline

    def snapshot(self) -> bytes:
        """Return the site as it is, compressed."""
        bare = replace(self.engine.state, rule_set=NO_RULES)
        state = Raw(snapshot.encode(bare))
        body = _Snapshot(self.name, self._n, self._rules, self._identities, state)
        return compress(msgspec.json.encode(body), _FASTEST)

    @classmethod
    def from_snapshot(
        cls, body: bytes, settings: Settings, configurations: Configurations
    ) -> "Site":
        """Return the site of a snapshot.

        Raises:
            msgspec.MsgspecError: it is damaged, or from an unknown version.
            KeyError: its rules are not in the topic `configuration`.

        """
        read = msgspec.json.decode(decompress(body), type=_Snapshot)
        state = snapshot.decode(bytes(read.state))
        if read.rules:
            state.rule_set = configurations.rule_set(read.rules)
        site = cls(read.site, settings, configurations, state=state)
        site._n, site._rules, site._identities = read.n, read.rules, read.identities
        return site

    @classmethod
    def of_state(  # noqa: PLR0913, PLR0917 - all that makes a site
        cls,
        name: str,
        n: int,
        rules: str,
        state: State,
        known: Identities,
        settings: Settings,
        configurations: Configurations,
    ) -> "Site":
        """Return a site that continues from the state of a machine of its own, to take a snapshot of.

        Args:
            name: the id of the site's congress.
            n: the number of the machine's latest input; the site continues to count there.
            rules: the digest of the rules in force.
            state: that of the machine's engine.
            known: the messages that it has taken in.
            settings: what all sites have in common.
            configurations: where rule sets and rosters are found.

        """
        site = cls(name, settings, configurations, state=state)
        site._n, site._rules, site._identities = n, rules, known
        return site

    def _imported(self, entry: LoggedInput, given: Imported) -> Outcome:
        """Become the site of a snapshot; nothing follows from that."""
        if self._n:
            raise ValueError(f"{self.name} is in the cluster already")
        body = self._configurations.snapshot(given.digest)
        read = Site.from_snapshot(body, self._settings, self._configurations)
        # Another object of this class.
        self.engine, self._n = read.engine, read._n  # noqa: SLF001
        self._rules, self._identities = read._rules, read._identities  # noqa: SLF001
        return self._numbered(entry, ())

    def _rejected(self, entry: LoggedInput, given: Rejected) -> Outcome:
        """Process a message that could not be read: each refusal counts, but the bytes are kept once."""
        if self._identities.find(entry.id) is not None:
            entry = replace(entry, id=b"", payload=b"")
        elif entry.id:
            self._identities.add(entry.id, b"", given.received_at)
        return self._outcome(entry, given)

    def _noticed_once(self, entry: LoggedInput, given: Notice) -> list[Outcome]:
        """Process what a reader notices until it comes back to it."""
        if self._identities.find(entry.id) is not None:
            return []
        self._identities.add(entry.id, b"", given.received_at)
        return [self._outcome(entry, given)]

    def _arrived(self, entry: LoggedInput, given: Arrival) -> list[Outcome]:
        first = self._identities.find(entry.id)
        is_reused = first is not None and bool(entry.content) and first != entry.content.hex()
        if first is not None and not is_reused:
            return []
        if is_reused:
            entry = replace(entry, id=entry.id[:4] + entry.content)
            if self._identities.find(entry.id) is not None:
                return []
        transitions = self.engine.step(given)
        if self.engine.is_refused:
            # The same message may be believed later, when the venue file is corrected.
            return [self._numbered(replace(entry, id=b""), transitions)]
        if entry.id:
            self._identities.add(entry.id, entry.content, given.received_at)
        outcome = self._numbered(entry, transitions)
        return [outcome, self._id_reused(given)] if is_reused else [outcome]

    def _id_reused(self, given: Arrival) -> Outcome:
        event = MonitorIdReused(
            at=given.received_at, source=short_id(given.source), subject=given.events[0].id
        )
        notice = Notice(received_at=event.at, event=event)
        entry = LoggedInput(site=self.name, received_at=event.at, input=notice)
        return self._outcome(entry, notice)

    def _named(self, given: Named) -> Input:
        """Return the change of rules or roster with its content."""
        match given:
            case RulesNamed():
                rule_set = self._configurations.rule_set(given.digest)
                self._rules = given.digest
                return RulesChanged(
                    received_at=given.received_at,
                    who=given.who,
                    rule_set=rule_set,
                    diff=given.diff,
                    digest=given.digest[:12],
                )
            case RosterNamed():
                roster = self._configurations.roster(given.digest) if given.digest else None
                return RosterChanged(
                    received_at=given.received_at, who=given.who, roster=roster, diff=given.diff
                )

    def _outcome(self, entry: LoggedInput, given: Input) -> Outcome:
        return self._numbered(entry, self.engine.step(given))

    def _numbered(self, entry: LoggedInput, transitions: Sequence[Transition]) -> Outcome:
        self._n += 1
        return Outcome(site=self.name, n=self._n, entry=entry, transitions=tuple(transitions))
