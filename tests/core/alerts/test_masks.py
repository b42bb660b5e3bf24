"""Masks: expected alerts are kept and not shown, never those of life safety, and what still holds comes back."""

from typing import Any

import pytest

from monitor.core.alert import Alert, Handling
from monitor.core.events.commands import StaffMask, StaffShelve, StaffUnmask
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import Match, Severity
from monitor.core.transitions import MaskChanged
from tests.support.engine import Stage, at, book, on, rule

FORCED = Match(
    of=on("door.alarm", where='alarm == "forced_open"'),
    end=on("door.alarm", where='alarm == "normal"'),
)
HOUR = 3600.0


def stage(severity: Severity = "high") -> Stage:
    """A stage with one rule about doors."""
    return Stage(book(rule(match=FORCED, severity=severity)))


def forced(seconds: float, point: str = "d1") -> DoorAlarmChanged:
    """A door is forced."""
    return DoorAlarmChanged(at=at(seconds), point=point, alarm="forced_open")


def mask(seconds: float = 1, **parts: Any) -> StaffMask:  # noqa: ANN401
    """A mask of the rule at the door for an hour, with some of its parts otherwise."""
    told = {"who": "ann", "what": "rule", "point": "d1", "until": at(HOUR), "reason": "new closer"}
    return StaffMask(at=at(seconds), **{**told, **parts})


def the(found: Stage) -> Alert:
    """The one open alert."""
    (alert,) = found.alerts()
    return alert


def mask_id(found: Stage) -> str:
    """The id of the one mask."""
    (only,) = found.engine.state.masks
    return only


def test_a_masked_alert_is_recorded_and_shelved() -> None:
    """It stands with the owner, the reason and the end of its mask; nothing is lost."""
    found = stage()
    found.say(mask())
    found.say(forced(10))
    alert = the(found)

    assert found.changes() == ["raised"]
    assert (alert.handling, alert.owner, alert.note) == (Handling.SHELVED, "ann", "new closer")
    assert alert.shelved_until == at(HOUR)


def test_what_is_open_already_goes_out_of_sight_too() -> None:
    """Whoever begins to work masks what already rings."""
    found = stage()
    found.say(forced(0))
    found.say(mask())

    assert found.changes() == ["raised", "shelved"]


def test_when_a_mask_ends_what_still_holds_comes_back() -> None:
    """And what has ended meanwhile doesn't."""
    found = stage()
    found.say(mask(point="", zone="hall"))
    found.say(forced(10))
    found.say(forced(11, "e1"))
    found.say(DoorAlarmChanged(at=at(20), point="e1", alarm="normal"))
    found.tick(HOUR + 5)

    assert (the(found).point, the(found).handling) == ("d1", Handling.NEW)
    assert found.engine.state.masks == {}
    ended = [row for row in found.seen if isinstance(row, MaskChanged) and row.ended]
    assert [row.note for row in ended] == ["the time has run out"]


def test_an_alert_after_the_end_is_an_alert() -> None:
    """The mask is over."""
    found = stage()
    found.say(mask())
    found.say(forced(HOUR))

    assert the(found).handling is Handling.NEW


def test_somebody_may_end_it_before_its_time() -> None:
    """What it hid is back at once."""
    found = stage()
    found.say(mask())
    found.say(forced(10))
    found.say(StaffUnmask(at=at(20), who="bob", mask=mask_id(found)))

    assert found.changes() == ["raised", "unshelved"]
    assert the(found).handling is Handling.NEW


def test_life_safety_is_never_hidden() -> None:
    """Not by a mask of all rules; and a mask of such a rule is refused."""
    found = stage("life_safety")
    found.say(mask(what="*"))
    found.say(forced(10))

    assert the(found).handling is Handling.NEW

    found.say(mask(20))

    assert found.refusals() == ["life safety can't be masked"]


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({}, True),
        ({"what": "*"}, True),
        ({"point": "", "zone": "hall"}, True),
        ({"point": "", "site": "centre"}, True),
        ({"point": "e1"}, False),
        ({"point": "", "zone": "foyer"}, False),
    ],
)
def test_a_mask_hides_its_place_and_no_other(parts: dict[str, Any], hidden: bool) -> None:
    """One rule or all, at one point, zone or site."""
    found = stage()
    found.say(mask(**parts))
    found.say(forced(10))

    assert (the(found).handling is Handling.SHELVED) is hidden


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"reason": " "}, "a mask needs a reason"),
        ({"until": None}, "a mask needs an end"),
        ({"until": at(1)}, "the end of the mask is past"),
        ({"until": at(7 * 86_400 + 2)}, "nothing is masked for more than 7 days"),
        (
            {"zone": "hall"},
            "a mask is for one point, one zone or one site: name exactly one of them",
        ),
        ({"point": ""}, "a mask is for one point, one zone or one site: name exactly one of them"),
        ({"point": "hall"}, 'venue.toml has no "hall" of this kind'),
        ({"what": "no"}, 'no rule is called "no"; write a rule\'s id, or * for all'),
    ],
)
def test_a_mask_that_says_too_little_or_too_much_is_refused(
    parts: dict[str, Any], why: str
) -> None:
    """It is said why, and nothing is hidden."""
    found = stage()
    found.say(mask(**parts))
    found.say(forced(10))

    assert found.refusals() == [why]
    assert the(found).handling is Handling.NEW


def test_seven_days_are_the_most() -> None:
    """To the second."""
    found = stage()
    found.say(mask(until=at(7 * 86_400 + 1)))

    assert found.refusals() == []


def test_a_mask_that_is_not_there_cannot_end() -> None:
    """A slip of the pen, or somebody was faster."""
    found = stage()
    found.say(StaffUnmask(at=at(1), who="bob", mask="nothing"))

    assert found.refusals() == ["no mask has this id"]


def test_a_new_mask_at_the_same_place_takes_the_place_of_the_old() -> None:
    """Its end counts, also for what the old one hid."""
    found = stage()
    found.say(mask())
    found.say(forced(10))
    found.say(mask(20, until=at(2 * HOUR)))
    found.tick(HOUR + 5)

    assert the(found).shelved_until == at(2 * HOUR)

    found.tick(2 * HOUR + 5)

    assert the(found).handling is Handling.NEW


@pytest.mark.parametrize("first", [True, False])
def test_what_two_masks_hide_stays_out_of_sight_until_both_have_ended(first: bool) -> None:
    """The end of one is not the end of the other, whichever it is."""
    found = stage()
    found.say(mask(until=at(2 * HOUR)))
    found.say(forced(10))
    found.say(mask(20, what="*"))
    lifted, stays = sorted(
        found.engine.state.masks.values(), key=lambda row: row.until, reverse=first
    )
    found.say(StaffUnmask(at=at(30), who="bob", mask=lifted.id))

    assert (the(found).handling, the(found).shelved_until) == (Handling.SHELVED, stays.until)

    found.tick(2 * HOUR + 5)

    assert the(found).handling is Handling.NEW


def test_what_a_person_shelved_is_that_persons() -> None:
    """The end of a mask doesn't bring it back."""
    found = stage()
    found.say(forced(0))
    found.say(
        StaffShelve(at=at(1), who="eve", alert=the(found).id, until=at(2 * HOUR), reason="known")
    )
    found.say(mask(2))
    found.tick(HOUR + 5)

    assert (the(found).handling, the(found).owner) == (Handling.SHELVED, "eve")


def test_a_mask_goes_with_its_rule() -> None:
    """Nobody finds a mask of a rule that there isn't any more."""
    found = stage()
    found.say(mask())
    found.step(RulesChanged(received_at=at(60), who="x", book=book()))

    assert found.engine.state.masks == {}
