"""Numbers that senders give to what they say: which are missing, and when that is told."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.derive.message_gaps import MOST_GAPS, MOST_SENDERS, follow
from monitor.core.events import AnyEvent
from monitor.core.events.derived import DeviceCounted, DeviceGap
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorOpened
from monitor.core.rules.model import Match
from monitor.core.state.state import Moment, State
from monitor.core.transitions import AlertChanged
from monitor.core.venue.places import NOWHERE, Places
from tests.support.engine import VENUE, Stage, at, book, on, rule

LOST = rule(
    by="device",
    title="{device}: {missing} from {first} to {last}",
    match=Match(of=on("device.gap")),
)
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))


def lost(stage: Stage) -> list[str]:
    """Which numbers of whom were told to be lost."""
    return [row.alert.title for row in stage.seen if isinstance(row, AlertChanged)]


def said(stage: Stage, *numbers: tuple[float, int], replay: bool = False) -> None:
    """A device says something at these times with these numbers."""
    for seconds, number in numbers:
        stage.say(DeviceHeartbeat(at=at(seconds), device="r1", source_seq=number, replay=replay))


def gaps(*numbers: tuple[float, int]) -> list[tuple[int, int, int]]:
    """What is said to be missing when these numbers come at these times: how many, the first, the last."""
    state, found = State(), list[AnyEvent]()
    for seconds, number in numbers:
        moment = Moment(
            at(seconds), 0, DeviceCounted(at=at(seconds), device="r1", source_seq=number)
        )
        found += follow(state, Places(VENUE), moment, NOWHERE)
    return [(row.missing, row.first, row.last) for row in found if isinstance(row, DeviceGap)]


def test_what_is_missing_is_told_after_a_minute_of_further_numbers() -> None:
    """Not before: it may be slow. Not by the clock alone: a sender that is silent is another alert."""
    stage = Stage(book(LOST))
    said(stage, (0, 5), (1, 7), (60.9, 8))
    stage.tick(65)
    assert lost(stage) == []

    said(stage, (70, 9))
    stage.tick(80)
    assert lost(stage) == ["r1: 1 from 6 to 6"]


def test_several_gaps_are_told_together_and_once() -> None:
    """With their first and last number, and how many there are; one that is younger than a minute waits."""
    assert gaps((0, 1), (1, 4), (1, 6), (65, 9), (66, 10)) == [(3, 2, 5)]
    assert gaps((0, 1), (1, 4), (1, 6), (65, 9), (66, 10), (130, 11)) == [(3, 2, 5), (2, 7, 8)]


def test_a_memory_fills_gaps_and_begins_no_count() -> None:
    """A controller's memory, and what the broker kept, is older than what is said now."""
    stage = Stage(book(LOST))
    said(stage, (0, 2), replay=True)
    said(stage, (1, 10), (2, 13))
    said(stage, (3, 11), (3, 12), replay=True)
    said(stage, (90, 14))
    stage.tick(100)

    assert lost(stage) == []


def test_numbers_of_one_second_may_come_in_any_order() -> None:
    """Many controllers tell whole seconds: at one instant the number says the order."""
    stage = Stage(book(LOST))
    said(stage, (0, 8), (1, 10), (1, 9), (90, 11))
    stage.tick(100)

    assert lost(stage) == []


def test_a_count_that_begins_anew_is_no_loss() -> None:
    """A controller that was replaced counts from 1; what is missing after that counts again."""
    stage = Stage(book(LOST))
    said(stage, (0, 500), (10, 1), (20, 2), (30, 4), (95, 5))
    stage.tick(100)

    assert lost(stage) == ["r1: 1 from 3 to 3"]


def test_who_counts() -> None:
    """The counter that is named; else the device; else the topic: two readers of one controller share its count."""
    stage = Stage(book(LOST))
    for seconds, number, device, counter in [
        (0, 1, "r1", "c1"),
        (1, 2, "r2", "c1"),
        (2, 4, "r1", "c1"),
        (3, 1, "r2", ""),
        (4, 9, "", ""),
        (90, 5, "r2", "c1"),
        (91, 2, "r2", ""),
    ]:
        stage.say(
            DoorOpened(
                at=at(seconds), point="d1", device=device, counter=counter, source_seq=number
            )
        )
    stage.tick(100)

    assert lost(stage) == ["c1: 1 from 3 to 3"]


def test_gaps_and_senders_are_capped() -> None:
    """Senders choose their numbers: too many gaps are told at once, too many senders are an alert."""
    stage = Stage(book(LOST))
    said(stage, *((n / 10, 2 * n) for n in range(MOST_GAPS + 2)))
    stage.tick(20)
    assert lost(stage) == ["r1: 1 from 1 to 1"]

    full = Stage(book(CAPPED))
    for n in range(MOST_SENDERS + 1):
        full.say(DeviceHeartbeat(at=at(0), device="r1", counter=f"c{n}", source_seq=1))
    full.tick(10)
    assert [alert.key for alert in full.alerts()] == ["senders that count"]
    assert len(full.engine.state.counters) == MOST_SENDERS


@given(st.permutations(range(2, 9)), st.sets(st.integers(2, 8)))
def test_whatever_the_order_what_never_comes_is_lost(order: list[int], never: set[int]) -> None:
    """All that came within the minute is there, in whatever order; all else is told, and nothing else."""
    came = [(n, number) for n, number in enumerate(order, 1) if number not in never]
    told = gaps((0, 1), *came, (100, 9), (200, 10))

    assert sum(missing for missing, _, _ in told) == len(never)
    assert all({first, last} <= never for _, first, last in told)
