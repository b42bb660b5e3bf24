"""A seeded stream of many sites for the cluster, the oracle that knows what has to follow, and their comparison."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from monitor.adapters import Translator
from monitor.cluster.log import LogWriter
from monitor.cluster.records import LoggedInput, Outcome
from monitor.core.engine.engine import Engine
from monitor.core.inputs import Arrival, Notice, Rejected, RulesChanged, Tick
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, Transition
from monitor.mqtt import Message
from monitor.texts import ENGLISH
from tests.support.engine import LATENESS, TOLERANCE
from tests.support.event_shapes import SHAPES
from tests.support.pipeline import START, Anybody, event_payload

AlertKey = tuple[str, str, str, int]
"""Site, change, alert and occurrences: by these, outcomes are compared."""


class Difference(NamedTuple):
    """How much the outcomes of the cluster differ from those of the oracle."""

    missing: int
    extra: int
    doubled: int
    is_in_order: bool
    """Each site's are in the order of the oracle, and numbered without a gap."""


SAME = Difference(0, 0, 0, is_in_order=True)


def names(count: int) -> list[str]:
    """The ids of so many sites."""
    return [f"site-{n:03}" for n in range(count)]


def stream(
    sites: Sequence[str], count: int, seed: int, begin: datetime = START, mean: float = 20.0
) -> Iterator[LoggedInput]:
    """Yield so many messages in order of time: some late, some repeated, some unreadable.

    Args:
        sites: which send.
        count: how many messages.
        seed: the same seed gives the same messages.
        begin: when the first is received.
        mean: seconds between two messages of one site.

    """
    random, writers = (
        Random(seed),
        {site: LogWriter(site, Translator([]), Anybody()) for site in sites},
    )
    now, last = begin, dict[str, Message]()
    for n in range(count):
        now += timedelta(seconds=round(random.expovariate(len(sites) / mean), 3))
        site = random.choice(sites)
        shape, kind, fields = random.choice(SHAPES)
        age = random.choice((0.0, 0.0, 0.2, 1.0, 1.9, 7.0))
        payload = event_payload(kind, now - timedelta(seconds=age), **fields, id=str(n))
        message = Message(f"venue/centre/{shape}", payload, retained=False, received_at=now)
        if n % 17 == 0 and site in last:
            message = last[site]
        if n % 97 == 0:
            message = Message(message.topic, b"{", retained=False, received_at=now)
        last[site] = message
        yield from writers[site].message(message, now)


class Oracle:
    """One process with one engine for each site: what has to follow, without Kafka, Flink or snapshots."""

    def __init__(self) -> None:
        self._engines: dict[str, Engine] = {}
        self._seen: set[tuple[str, bytes]] = set()
        self.changes: dict[str, list[AlertKey]] = {}
        """By site, in order."""

    def change_rules(self, site: str, given: RulesChanged) -> None:
        """Put rules in force at a site."""
        self._step(site, given)

    def take(self, entry: LoggedInput) -> None:
        """Process a record of the log."""
        given = entry.read()
        match given:
            case Arrival():
                if (entry.site, entry.id) in self._seen:
                    return
                self._step(entry.site, given)
                if not self._engines[entry.site].is_refused:
                    self._seen.add((entry.site, entry.id))
            case Rejected() | Notice() | Tick():
                self._step(entry.site, given)
            case _:
                raise AssertionError(given)

    def end(self, until: datetime) -> None:
        """Let time pass at all sites."""
        for site, engine in self._engines.items():
            while (due := engine.deadline) is not None and due <= until:
                self._step(site, Tick(received_at=max(due, engine.state.time.now)))

    def count(self) -> int:
        """How many changes there are."""
        return sum(map(len, self.changes.values()))

    def _step(self, site: str, given: Any) -> None:  # noqa: ANN401
        if site not in self._engines:
            self._engines[site] = Engine(
                State(), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH
            )
            self.changes[site] = []
        found = self._engines[site].step(given)
        self.changes[site] += alert_keys(site, found)


def alert_keys(site: str, transitions: Iterable[Transition]) -> list[AlertKey]:
    """The changes of alerts among transitions."""
    return [
        (site, row.change.value, row.alert.id, row.alert.occurrences)
        for row in transitions
        if isinstance(row, AlertChanged)
    ]


def compare(expected: Mapping[str, Sequence[AlertKey]], out: Iterable[Outcome]) -> Difference:
    """Compare the outcomes of the cluster, in the order in which each site's were read, with the oracle's changes."""
    found: dict[str, list[AlertKey]] = {site: [] for site in expected}
    numbers: dict[str, list[int]] = {}
    for outcome in out:
        found.setdefault(outcome.site, []).extend(alert_keys(outcome.site, outcome.transitions))
        numbers.setdefault(outcome.site, []).append(outcome.n)
    wanted, had = (
        Counter(row for rows in side.values() for row in rows) for side in (expected, found)
    )
    extra = had - wanted
    doubled = sum(count for row, count in extra.items() if row in wanted)
    without_gap = all(rows == [*range(1, len(rows) + 1)] for rows in numbers.values())
    same_order = all(rows == list(expected.get(site, ())) for site, rows in found.items())
    return Difference(
        missing=(wanted - had).total(),
        extra=extra.total() - doubled,
        doubled=doubled,
        is_in_order=same_order and without_gap,
    )


def rules_of(oracle: Oracle, sites: Iterable[str], rule_set: RuleSet, now: datetime) -> None:
    """Put the same rules in force at all sites of the oracle."""
    for site in sites:
        oracle.change_rules(site, RulesChanged(received_at=now, who="test", rule_set=rule_set))
