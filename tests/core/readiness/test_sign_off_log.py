"""What the shift log notes by itself about sign-offs: who, where, when it happened and when it was known."""

from collections.abc import Sequence

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.work import ReadinessSigned, ReadinessWithdrawn
from monitor.core.phrase import phrase
from monitor.core.readiness import open_items
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.transitions import LogNoted, Transition
from tests.support.engine import at, rule_set

PLACES = CompiledRules(rule_set()).places
HALL = PLACES.zones["hall"]
SIGNED = ReadinessSigned(at=at(10), zone="hall", who="ann", note="all doors tried")
WITHDRAWN = ReadinessWithdrawn(at=at(20), zone="hall", who="bob", note="roof leaks")


def noted(*events: AnyEvent, now: float = 30) -> Sequence[Transition]:
    """What follows from these events, which become known in one instant."""
    state = State(rule_set=rule_set())
    state.time.now = at(now)
    effects = Effects(state.time)
    for n, event in enumerate(events):
        open_items.record(state, TimestampedEvent(event.at, n, event), HALL, effects)
    return effects.take_transitions()


def test_a_sign_off_is_noted_as_it_happened() -> None:
    """The entry has the person, the zone and its site, both times, and what the person wrote."""
    assert noted(SIGNED) == [
        LogNoted(
            at=at(30),
            happened_at=at(10),
            site=HALL.site,
            zone="hall",
            what=phrase("log-signed-off", who="ann", zone="hall"),
            note="all doors tried",
        )
    ]
    assert HALL.site


def test_a_withdrawal_is_noted_as_it_happened() -> None:
    """The entry names who withdrew, not who had signed."""
    assert noted(SIGNED, WITHDRAWN)[1:] == [
        LogNoted(
            at=at(30),
            happened_at=at(20),
            site=HALL.site,
            zone="hall",
            what=phrase("log-sign-off-withdrawn", who="bob", zone="hall"),
            note="roof leaks",
        )
    ]


def test_what_was_noted_before_is_not_noted_again() -> None:
    """A kept message comes again after a reconnection; a late one that an entry has overtaken is no news either."""
    early = ReadinessSigned(at=at(5), zone="hall", who="eve")

    assert len(noted(SIGNED, SIGNED)) == 1
    assert len(noted(WITHDRAWN, WITHDRAWN)) == 1
    assert len(noted(SIGNED, early)) == 1


def test_another_person_or_time_is_another_entry() -> None:
    """Two people who sign in one instant have both signed, and so has a person who signs again later."""
    second = ReadinessSigned(at=at(10), zone="hall", who="bob")
    later = ReadinessSigned(at=at(15), zone="hall", who="ann")

    assert [row.what for row in noted(SIGNED, second, later) if isinstance(row, LogNoted)] == [
        phrase("log-signed-off", who=who, zone="hall") for who in ("ann", "bob", "ann")
    ]
