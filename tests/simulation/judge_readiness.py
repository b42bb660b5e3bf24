"""What has to be true, at any time of the day, of the zone that is inspected, approved and signed off."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitor.core.events.inspection import InspectionApproved
from monitor.core.events.monitor_accounts import MonitorAccountChanged
from monitor.core.inputs import Arrival, Notice
from monitor.core.transitions import ReadinessChanged
from tests.simulation import naive
from tests.simulation.oracle import Oracle
from tests.simulation.people import APPROVERS, SIGNED
from tests.simulation.world import World

ELSEWHERE = "venue/annex/"
"""Begins the topics of a site that has no say here."""
PENDING = timedelta(minutes=2)
"""How long what has arrived may wait for its turn."""
Seen = tuple[datetime, naive.OfReadiness]


def never_better(world: World, oracle: Oracle) -> Iterator[str]:
    """The zone is never ready if it can't be, after whatever part of what came lately was considered."""
    if not world.is_clock_true:
        return
    seen: list[Seen] = []
    for row in oracle.followed:
        if isinstance(row.input, Arrival) and not row.input.source.startswith(ELSEWHERE):
            at = row.input.received_at
            seen += [(at, each) for each in row.input.events if isinstance(each, naive.OfReadiness)]
        for change in row.transitions:
            if (
                isinstance(change, ReadinessChanged)
                and change.zone == SIGNED
                and change.state in ("go", "go_with_conditions")
                and not _can_be(seen, change.at, is_signed=world.has_accounts)
            ):
                yield f"at {change.at} the hall was a {change.state}, and the naive judge says no"


def _can_be(seen: Sequence[Seen], at: datetime, *, is_signed: bool) -> bool:
    settled = sum(received < at - PENDING for received, _ in seen)
    return any(
        naive.may_open([each for _, each in seen[:n]], is_signed=is_signed)
        for n in range(settled, len(seen) + 1)
    )


def rights(world: World, oracle: Oracle) -> Iterator[str]:
    """No one approves who may not; what is done to accounts is in the journal, once and in order."""
    if not world.has_accounts or world.noted.is_damaged:
        return
    written: dict[str, tuple[str, str]] = {}
    for row in oracle.followed:
        match row.input:
            case Arrival(source=source, events=events):
                for event in events:
                    if isinstance(event, InspectionApproved) and event.approver not in APPROVERS:
                        yield f"{event.approver} may not approve, and did on {source}"
            case Notice(event=MonitorAccountChanged() as event):
                if event.id in written:
                    yield f"what was done to account {event.account} is in the journal twice"
                written[event.id] = event.act, event.account
            case _:
                pass
    left = iter(written.values())
    for act in world.noted.account_acts:
        if act not in left:  # goes on behind the one before
            yield f"an account was {act[0]}: {act[1]}, and the journal doesn't say so"
            return
