"""What has to be true of pages at the end of a day."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.core.alert import Change
from monitor.core.transitions import AlertChanged, PageOrdered
from monitor.ingest.pipeline import Pipeline
from tests.simulation import naive
from tests.simulation.machine import BEGIN
from tests.simulation.oracle import Oracle
from tests.simulation.world import World

PAGED = ("fire", "door-forced")
"""Rules whose alerts people are paged about until someone takes them."""
LONGEST_SILENCE = timedelta(minutes=15)
"""The longest wait of the policies in `tests/support/roster.toml`."""
SLACK = timedelta(minutes=4)
"""What flood limits, catching up and coarse time may add."""
PATIENCE = timedelta(minutes=17)
"""When a page must be settled: it is tried for a quarter of an hour."""


def settled(world: World, oracle: Oracle, pipeline: Pipeline) -> Iterator[str]:
    """Every page that was ordered is settled; what may come twice is marked."""
    kept = {row.page.id: row for row in pipeline.journal.outbox.latest(1_000_000)}
    received: dict[str, list[bool]] = defaultdict(list)
    for page in world.phones.received:
        received[page.page].append(page.is_repeat)
    ordered = {
        row.transition.id: row.transition.at
        for row in oracle.written()
        if isinstance(row.transition, PageOrdered)
    }
    settled_by = world.machine.now() - PATIENCE
    for own, at in ordered.items():
        row = kept.get(own)
        if at > settled_by:
            continue
        if row is None:
            yield f"page {own} is not in the outbox"
        elif row.state in ("waiting", "late"):
            yield f"page {own} is still {row.state}"
        elif row.state == "delivered" and own not in received:
            yield f"page {own} counts as delivered, and no one has it"
    # A disk that confirms what it has not written may lose the record of a page that is out.
    if not world.noted.is_loss_accepted and not world.noted.has_lied:
        yield from _repeats(received, oracle.ordered)


def _repeats(received: Mapping[str, Sequence[bool]], ordered: Container[str]) -> Iterator[str]:
    for own, repeats in received.items():
        if own not in ordered:
            yield f"page {own} was never ordered"
        if not all(repeats[1:]):
            yield f"page {own} came {len(repeats)} times, and not each repeat is marked"


def _untaken(world: World, oracle: Oracle) -> list[naive.Open]:
    """Return when alerts needed someone."""
    begun: dict[str, datetime] = {}
    opened: list[tuple[str, datetime, datetime]] = []
    pages: dict[str, list[datetime]] = defaultdict(list)
    for row in oracle.written():
        match row.transition:
            case AlertChanged(change=Change.RAISED, alert=alert, at=t) if not alert.late:
                if alert.rule in PAGED:
                    begun[alert.id] = t
            case AlertChanged(change=Change.RECURRED):
                pass
            case AlertChanged(alert=alert, at=t) if alert.id in begun:
                opened.append((alert.id, begun.pop(alert.id), t))
            case PageOrdered(at=t) as page:
                for own in (*(alert.id for alert in page.alerts), *page.more):
                    pages[own].append(t)
            case _:
                pass
    now = world.machine.now()
    opened += [(own, t, now) for own, t in begun.items()]
    return [naive.Open(own, begins, ends, tuple(pages[own])) for own, begins, ends in opened]


def silences(world: World, oracle: Oracle) -> Iterator[str]:
    """People are paged again and again about an alert that no one takes."""
    spans = _untaken(world, oracle) if world.is_clock_true else []
    for own, begins, ends in naive.longest_silences(spans):
        allowed = LONGEST_SILENCE + SLACK + _gaps(world, begins, ends)
        if ends - begins > allowed:
            yield f"no one was paged about alert {own} from {begins} to {ends}"


def _gaps(world: World, begins: datetime, ends: datetime) -> timedelta:
    """Return for how long the monitor may have been unable to do anything in a span."""
    total = timedelta(0)
    for gap in world.noted.gaps:
        first, last = (BEGIN + timedelta(seconds=seconds) for seconds in gap)
        if last > begins and first < ends:
            total += last - first + timedelta(minutes=1)
    return total
