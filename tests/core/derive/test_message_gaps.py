"""Sequence gaps: which numbers of a sender are missing, and when they are reported."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.derive.message_gaps import MOST_GAPS, MOST_SENDERS, follow
from monitor.core.effects import Effects
from monitor.core.events.derived import DeviceCounted, DeviceGap
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorOpened
from monitor.core.rules.model import Match
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.transitions import AlertChanged
from monitor.core.venue.places import NOWHERE, Places
from tests.support.engine import VENUE, EngineHarness, at, on, rule, rule_set

LOST = rule(
    by="device",
    title="{device}: {missing} from {first} to {last}",
    match=Match(of=on("device.gap")),
)
CAPPED = rule(by="rule", match=Match(of=on("monitor.keys_capped")))


def lost(harness: EngineHarness) -> list[str]:
    """Which numbers of which sender were reported as lost."""
    return [row.alert.title for row in harness.seen if isinstance(row, AlertChanged)]


def send(harness: EngineHarness, *numbers: tuple[float, int], replay: bool = False) -> None:
    """A device sends events at these times with these numbers."""
    for seconds, number in numbers:
        harness.receive(
            DeviceHeartbeat(at=at(seconds), device="r1", source_seq=number, replay=replay)
        )


def gaps(*numbers: tuple[float, int]) -> list[tuple[int, int, int]]:
    """The gaps reported for numbers that arrive at these times: how many, the first, the last."""
    state = State()
    effects = Effects(state.time)
    for seconds, number in numbers:
        moment = TimestampedEvent(
            at(seconds), 0, DeviceCounted(at=at(seconds), device="r1", source_seq=number)
        )
        follow(state, Places(VENUE), moment, NOWHERE, effects)
    found = effects.take_derived()
    return [(row.missing, row.first, row.last) for row in found if isinstance(row, DeviceGap)]


def test_a_gap_is_reported_after_a_minute_of_further_numbers() -> None:
    """A gap is reported only after a minute of further numbers, because messages may be slow.

    The clock alone is not enough, because a silent sender has its own alert.
    """
    harness = EngineHarness(rule_set(LOST))
    send(harness, (0, 5), (1, 7), (60.9, 8))
    harness.tick(65)
    assert lost(harness) == []

    send(harness, (70, 9))
    harness.tick(80)
    assert lost(harness) == ["r1: 1 from 6 to 6"]


def test_several_gaps_are_reported_together_and_once() -> None:
    """A report has the first and last number and how many are missing; a gap younger than a minute waits."""
    assert gaps((0, 1), (1, 4), (1, 6), (65, 9), (66, 10)) == [(3, 2, 5)]
    assert gaps((0, 1), (1, 4), (1, 6), (65, 9), (66, 10), (130, 11)) == [(3, 2, 5), (2, 7, 8)]


def test_a_replay_fills_gaps_and_starts_no_count() -> None:
    """Events that a controller or the broker had kept are older than live ones."""
    harness = EngineHarness(rule_set(LOST))
    send(harness, (0, 2), replay=True)
    send(harness, (1, 10), (2, 13))
    send(harness, (3, 11), (3, 12), replay=True)
    send(harness, (90, 14))
    harness.tick(100)

    assert lost(harness) == []


def test_numbers_of_one_second_may_come_in_any_order() -> None:
    """Many controllers send whole seconds: within one instant the number gives the order."""
    harness = EngineHarness(rule_set(LOST))
    send(harness, (0, 8), (1, 10), (1, 9), (90, 11))
    harness.tick(100)

    assert lost(harness) == []


def test_a_restarted_count_is_no_loss() -> None:
    """A replaced controller counts from 1; what is missing after that counts again."""
    harness = EngineHarness(rule_set(LOST))
    send(harness, (0, 500), (10, 1), (20, 2), (30, 4), (95, 5))
    harness.tick(100)

    assert lost(harness) == ["r1: 1 from 3 to 3"]


def test_whose_numbers_are_counted() -> None:
    """Numbers are counted by named counter, else by device, else by topic.

    Two readers of one controller share its count.
    """
    harness = EngineHarness(rule_set(LOST))
    for seconds, number, device, counter in [
        (0, 1, "r1", "c1"),
        (1, 2, "r2", "c1"),
        (2, 4, "r1", "c1"),
        (3, 1, "r2", ""),
        (4, 9, "", ""),
        (90, 5, "r2", "c1"),
        (91, 2, "r2", ""),
    ]:
        harness.receive(
            DoorOpened(
                at=at(seconds), point="d1", device=device, counter=counter, source_seq=number
            )
        )
    harness.tick(100)

    assert lost(harness) == ["c1: 1 from 3 to 3"]


def test_gaps_and_senders_are_capped() -> None:
    """Senders choose their numbers: too many gaps are reported at once, too many senders raise an alert."""
    harness = EngineHarness(rule_set(LOST))
    send(harness, *((n / 10, 2 * n) for n in range(MOST_GAPS + 2)))
    harness.tick(20)
    assert lost(harness) == ["r1: 1 from 1 to 1"]

    full = EngineHarness(rule_set(CAPPED))
    for n in range(MOST_SENDERS + 1):
        full.receive(DeviceHeartbeat(at=at(0), device="r1", counter=f"c{n}", source_seq=1))
    full.tick(10)
    assert [alert.key for alert in full.alerts()] == ["senders that count"]
    assert len(full.engine.state.devices.counters) == MOST_SENDERS


@given(st.permutations(range(2, 9)), st.sets(st.integers(2, 8)))
def test_whatever_the_order_what_never_arrives_is_lost(order: list[int], never: set[int]) -> None:
    """Whatever arrives within the minute is not lost, in any order; everything else is reported, and nothing more."""
    came = [(n, number) for n, number in enumerate(order, 1) if number not in never]
    found = gaps((0, 1), *came, (100, 9), (200, 10))

    assert sum(missing for missing, _, _ in found) == len(never)
    assert all({first, last} <= never for _, first, last in found)
