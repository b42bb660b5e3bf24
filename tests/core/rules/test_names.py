"""Lists and macros: named once, used in many rules; and patterns, through RE2 only."""

import sys
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.compile.fingerprint import signature
from monitor.core.compile.validate import problems
from monitor.core.events.access import AccessDenied
from monitor.core.events.door import DoorOpened
from monitor.core.rules.expression import ExpressionError, compile_expression
from monitor.core.rules.model import Fact, Match, Rule
from monitor.core.rules.names import Names, name_problems, written_out
from monitor.core.venue.places import NOWHERE, Place
from tests.support.engine import on, rule

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAMES = Names(
    lists={
        "bad_cards": ("credential_revoked", "credential_lost"),
        "few": (0.0, -1.0),
    },
    macros={
        "controlled_door": 'controlled and point_kind == "door"',
        "bad_at_door": "controlled_door and reason in bad_cards",
    },
)
DOOR = Place(point="d1", point_kind="door", controlled=True)


def denied(reason: str) -> AccessDenied:
    """A refusal."""
    return AccessDenied(at=NOW, point="d1", reason=reason)  # type: ignore[arg-type]


def test_a_list_and_a_macro_stand_for_what_they_say() -> None:
    """Also one inside the other, and turned round."""
    fits = compile_expression("bad_at_door", "access.denied", NAMES)
    other = compile_expression("not bad_at_door or replay", "access.denied", NAMES)

    assert fits(denied("credential_lost"), DOOR)
    assert not fits(denied("invalid_pin"), DOOR)
    assert not fits(denied("credential_lost"), NOWHERE)
    assert other(denied("invalid_pin"), DOOR)
    assert compile_expression("credential_issue in few", "access.denied", NAMES)(
        denied("other"), DOOR
    )


def test_a_macro_keeps_together() -> None:
    """It stands in brackets: what follows it doesn't bind to its last part."""
    names = Names(macros={"either": 'point == "d1" or point == "d2"'})
    both = compile_expression("either and replay", "door.opened", names)

    assert not both(DoorOpened(at=NOW, point="d1"), NOWHERE)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        (
            "replay and controled_door",
            '"door.opened" has no field "controled_door"; did you mean "controlled_door"?',
            11,
        ),
        ("point in bad_card", 'no list is called "bad_card"; did you mean "bad_cards"?', 9),
        (
            "point in nothing_like_it",
            'no list is called "nothing_like_it"; add it under [lists], or write ["a", "b"]',
            9,
        ),
        ("replay in bad_cards", "\"replay\" is yes/no but 'credential_revoked' is text", 10),
        ("replay or bad_at_door", '"door.opened" has no field "reason"', 10),
        (
            "replay or round_one",
            "macros go round in a circle: round_one -> round_two -> round_one",
            10,
        ),
        (
            'controlled_door == "x"',
            '"controlled_door" is a macro: it stands alone, without a comparison',
            0,
        ),
        (
            "has(controlled_door)",
            '"controlled_door" is a macro: it stands alone, without a function',
            4,
        ),
        (
            "replay or broken",
            'macro "broken": not an expression; write e.g. reason == "passback" and direction == "in"',
            10,
        ),
    ],
)
def test_a_mistake_is_shown_where_the_name_is_used(text: str, message: str, column: int) -> None:
    """The caret stands under the name in the rule, whatever it stands for."""
    more = {"round_one": "round_two", "round_two": "not round_one", "broken": "a =="}
    names = Names(lists=NAMES.lists, macros={**NAMES.macros, **more})
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, "door.opened", names)

    assert (str(caught.value), caught.value.column) == (message, column)


def test_expansion_has_an_end() -> None:
    """Macros that double and double again are refused, not unfolded."""
    macros = {f"m{row}": f"m{row - 1} or m{row - 1}" for row in range(1, 15)}
    names = Names(macros={**macros, "m0": "replay"})
    with pytest.raises(ExpressionError, match="more than 200 lists and macros in one expression"):
        compile_expression("m14", "door.opened", names)


def test_bad_names_are_refused_by_themselves() -> None:
    """A name that hides a field, one that is no name, a list of two kinds, a circle that nobody uses."""
    names = Names(
        lists={"point": ("a",), "two words": ("a",), "mixed": ("a", 1.0), "empty": ()},
        macros={"like": "replay", "mixed": "replay", "ring": "not ring"},
    )
    assert [
        (what, name, message.split("\n")[0]) for what, name, message in name_problems(names)
    ] == [
        ("list", "point", "is the name of a field or function; choose another"),
        ("list", "two words", "is no name; use letters, digits and _"),
        ("macro", "like", "is the name of a field or function; choose another"),
        ("macro", "mixed", "is the name of a list too; choose another"),
        ("list", "mixed", 'write constants of one kind: ["a", "b"]'),
        ("list", "empty", 'write constants of one kind: ["a", "b"]'),
        ("macro", "ring", "macros go round in a circle: ring -> ring"),
    ]


def test_a_rule_begins_anew_only_if_a_name_that_it_uses_was_changed() -> None:
    """What a name stands for is part of the rule's signature, in its facts too."""
    user = rule(match=Match(of=on("access.denied", where="bad_at_door")))
    other = rule(match=Match(of=on("access.denied")))
    changed = Names(lists={"bad_cards": ("credential_lost",)}, macros=NAMES.macros)

    def told(row: Rule, names: Names) -> str:
        return signature(row, {}, names)

    assert told(user, NAMES) != told(user, changed)
    assert told(other, NAMES) == told(other, changed)
    fact = Fact(id="f", key="point", set=on("access.denied", where="bad_at_door"))
    joined = rule(match=Match(of=on("access.denied")), while_=("f",))
    assert signature(joined, {"f": fact}, NAMES) != signature(joined, {"f": fact}, changed)


def test_what_uses_no_name_stays_as_it_was_written() -> None:
    """To the letter."""
    assert written_out("point=='d1'   ", NAMES) == "point=='d1'   "
    assert (
        written_out("reason in bad_cards", NAMES)
        == "reason in ['credential_revoked', 'credential_lost']"
    )


@given(st.text("ab_ ()&|not'in[]=.", max_size=30))
def test_names_raise_nothing_but_their_own_error(text: str) -> None:
    """Any text."""
    names = Names(lists={"a": ("x",)}, macros={"b": "replay", "ab": "b and ab"})
    with suppress(ExpressionError):
        compile_expression(text, "door.opened", names)


# Patterns -------------------------------------------------------------------------------------------------------


def test_a_pattern_is_looked_for_anywhere() -> None:
    """Unless it is tied to an end; half a character fits nothing."""
    fits = compile_expression('matches(point, "^d[0-9]+$")', "door.opened")

    assert fits(DoorOpened(at=NOW, point="d12"), NOWHERE)
    assert not fits(DoorOpened(at=NOW, point="d12x"), NOWHERE)
    assert not fits(DoorOpened(at=NOW, point="\ud800"), NOWHERE)


def test_a_pattern_that_hangs_others_takes_no_time() -> None:
    """RE2 has no way back: the classic trap is answered at once."""
    trap = compile_expression('matches(point, "^(a+)+$")', "door.opened")

    assert not trap(DoorOpened(at=NOW, point="a" * 100 + "b"), NOWHERE)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(R-", "bad pattern: missing ): (R-"),
        ("x" * 201, "the pattern is longer than 200 characters"),
    ],
)
def test_a_bad_pattern_is_shown(
    pattern: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """With RE2's own words, which don't reach the screen by another way."""
    (found,) = problems(
        [rule(match=Match(of=on("door.opened", where=f'matches(point, "{pattern}")')))], []
    )

    assert (found.message, found.column) == (f"match.of: {message}", 15)
    assert capfd.readouterr().err == ""


def test_without_re2_a_pattern_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install, and what needs nothing."""
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(
        ExpressionError, match="matches needs RE2, which is not installed: pip install"
    ):
        compile_expression('matches(point, "x")', "door.opened")
