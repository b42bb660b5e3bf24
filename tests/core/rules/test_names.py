"""Lists and macros, named once and used in many rules; and patterns, through RE2 only."""

import sys
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.compile.fingerprint import fingerprint
from monitor.core.compile.validate import definition_mistakes
from monitor.core.events.access import AccessDenied
from monitor.core.events.door import DoorOpened
from monitor.core.rules.expression import ExpressionError, compile_expression
from monitor.core.rules.model import Fact, Match, Rule
from monitor.core.rules.names import Names, name_mistakes, written_out
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
    """A denied access."""
    return AccessDenied(at=NOW, point="d1", reason=reason)  # type: ignore[arg-type]


def test_a_list_and_a_macro_are_expanded() -> None:
    """Lists and macros are expanded, also one inside the other, and negated."""
    fits = compile_expression("bad_at_door", "access.denied", NAMES)
    other = compile_expression("not bad_at_door or replay", "access.denied", NAMES)

    assert fits(denied("credential_lost"), DOOR)
    assert not fits(denied("invalid_pin"), DOOR)
    assert not fits(denied("credential_lost"), NOWHERE)
    assert other(denied("invalid_pin"), DOOR)
    assert compile_expression("credential_issue in few", "access.denied", NAMES)(
        denied("other"), DOOR
    )


def test_a_macro_is_expanded_in_brackets() -> None:
    """What follows a macro does not bind to its last part."""
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
        ("point in bad_card", 'unknown list "bad_card"; did you mean "bad_cards"?', 9),
        (
            "point in nothing_like_it",
            'unknown list "nothing_like_it"; add it under [lists], or write ["a", "b"]',
            9,
        ),
        (
            "replay in bad_cards",
            "\"replay\" is yes/no, but 'credential_revoked' is text; write replay alone, or not replay",
            10,
        ),
        ("replay or bad_at_door", '"door.opened" has no field "reason"', 10),
        (
            "replay or round_one",
            "macros use each other in a circle; break it: round_one -> round_two -> round_one",
            10,
        ),
        (
            'controlled_door == "x"',
            '"controlled_door" is a macro; write it alone, without a comparison',
            0,
        ),
        (
            "has(controlled_door)",
            '"controlled_door" is a macro; write it alone, outside any function',
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
    """The caret is below the name in the rule, whatever the name means."""
    more = {"round_one": "round_two", "round_two": "not round_one", "broken": "a =="}
    names = Names(lists=NAMES.lists, macros={**NAMES.macros, **more})
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, "door.opened", names)

    assert (str(caught.value), caught.value.column) == (message, column)


def test_expansion_has_a_limit() -> None:
    """Macros that double again and again are refused, not expanded."""
    macros = {f"m{row}": f"m{row - 1} or m{row - 1}" for row in range(1, 15)}
    names = Names(macros={**macros, "m0": "replay"})
    with pytest.raises(ExpressionError, match="more than 200 lists and macros in one expression"):
        compile_expression("m14", "door.opened", names)


def test_bad_names_are_refused_by_themselves() -> None:
    """A name that hides a field, an invalid name, a list of two types and an unused circular macro are refused."""
    names = Names(
        lists={"point": ("a",), "two words": ("a",), "mixed": ("a", 1.0), "empty": ()},
        macros={"like": "replay", "mixed": "replay", "ring": "not ring"},
    )
    assert [
        (what, name, message.split("\n")[0]) for what, name, message in name_mistakes(names)
    ] == [
        ("list", "point", "is already the name of a field or function; choose another"),
        ("list", "two words", "is not a valid name; use letters, digits and _"),
        ("macro", "like", "is already the name of a field or function; choose another"),
        ("macro", "mixed", "is already the name of a list; choose another"),
        ("list", "mixed", 'needs constants of one kind; write e.g. ["a", "b"]'),
        ("list", "empty", 'needs constants of one kind; write e.g. ["a", "b"]'),
        ("macro", "ring", "macros use each other in a circle; break it: ring -> ring"),
    ]


def test_a_rule_starts_anew_only_if_its_names_changed() -> None:
    """A name's meaning is part of the rule's fingerprint, also in its facts."""
    user = rule(match=Match(of=on("access.denied", where="bad_at_door")))
    other = rule(match=Match(of=on("access.denied")))
    changed = Names(lists={"bad_cards": ("credential_lost",)}, macros=NAMES.macros)

    def digest_of_rule(row: Rule, names: Names) -> str:
        return fingerprint(row, {}, names)

    assert digest_of_rule(user, NAMES) != digest_of_rule(user, changed)
    assert digest_of_rule(other, NAMES) == digest_of_rule(other, changed)
    fact = Fact(id="f", key="point", set=on("access.denied", where="bad_at_door"))
    joined = rule(match=Match(of=on("access.denied")), while_=("f",))
    assert fingerprint(joined, {"f": fact}, NAMES) != fingerprint(joined, {"f": fact}, changed)


def test_a_rule_without_names_is_kept_as_written() -> None:
    """A rule without names is kept to the letter."""
    assert written_out("point=='d1'   ", NAMES) == "point=='d1'   "
    assert (
        written_out("reason in bad_cards", NAMES)
        == "reason in ['credential_revoked', 'credential_lost']"
    )


@given(st.text("ab_ ()&|not'in[]=.", max_size=30))
def test_names_raise_only_their_own_error(text: str) -> None:
    """Names raise only their own error, for any text."""
    names = Names(lists={"a": ("x",)}, macros={"b": "replay", "ab": "b and ab"})
    with suppress(ExpressionError):
        compile_expression(text, "door.opened", names)


# Patterns -------------------------------------------------------------------------------------------------------


def test_a_pattern_matches_anywhere() -> None:
    """A pattern matches anywhere unless it is anchored; half a character never matches."""
    fits = compile_expression('matches(point, "^d[0-9]+$")', "door.opened")

    assert fits(DoorOpened(at=NOW, point="d12"), NOWHERE)
    assert not fits(DoorOpened(at=NOW, point="d12x"), NOWHERE)
    assert not fits(DoorOpened(at=NOW, point="\ud800"), NOWHERE)


def test_a_slow_pattern_takes_no_time() -> None:
    """RE2 does not backtrack: the classic trap is answered at once."""
    trap = compile_expression('matches(point, "^(a+)+$")', "door.opened")

    assert not trap(DoorOpened(at=NOW, point="a" * 100 + "b"), NOWHERE)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(R-", "not a valid pattern: missing ): (R-"),
        ("x" * 201, "the pattern is too long; write at most 200 characters"),
    ],
)
def test_a_bad_pattern_is_shown(
    pattern: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A bad pattern is reported with RE2's own message, which reaches the screen in no other way."""
    (found,) = definition_mistakes(
        [rule(match=Match(of=on("door.opened", where=f'matches(point, "{pattern}")')))], []
    )

    assert (found.fault.message, found.fault.column) == (f"match.of: {message}", 15)
    assert capfd.readouterr().err == ""


def test_an_expression_is_compiled_once_until_its_names_change() -> None:
    """Rules that are read again with the same lists and macros compile nothing; with others they do."""
    same = Names(lists=dict(NAMES.lists), macros=dict(NAMES.macros))
    other = Names(lists={**NAMES.lists, "bad_cards": ("passback",)}, macros=NAMES.macros)

    first, again, changed = (
        compile_expression("reason in bad_cards", "access.denied", names)
        for names in (NAMES, same, other)
    )

    assert again is first
    assert changed(denied("passback"), DOOR)
    assert not first(denied("passback"), DOOR)


def test_without_re2_a_pattern_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install, and what works without it."""
    monkeypatch.setitem(sys.modules, "re2", None)
    compile_expression.cache_clear()
    with pytest.raises(
        ExpressionError, match="matches needs RE2, which is not installed; run pip install"
    ):
        compile_expression('matches(point, "x")', "door.opened")
