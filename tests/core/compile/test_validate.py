"""Mistakes in rules and facts are found before any of them is put in force."""

from datetime import timedelta

import msgspec
import pytest

from monitor.core.compile.validate import definition_mistakes
from monitor.core.events import EVENT_TYPES
from monitor.core.rules.model import Absence, Count, Fact, Hold, Level, Match, Rule, Selector
from tests.support.engine import SHIPPED, fact, on, rule

OPENED = Match(of=on("door.opened"))


def mistakes_in(*parts: Rule | Fact) -> list[str]:
    """The mistakes in these rules and facts, as people read them."""
    rules = [part for part in parts if isinstance(part, Rule)]
    facts = [part for part in parts if isinstance(part, Fact)]
    return [f"{row.of} {row.id}: {row.fault.message}" for row in definition_mistakes(rules, facts)]


def test_the_shipped_rules_have_no_mistakes() -> None:
    """Validation finds nothing."""
    assert list(definition_mistakes(SHIPPED.rules, SHIPPED.facts, SHIPPED.names)) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            rule(),
            "has no operator",
        ),
        (
            rule(match=OPENED, level=Level(up=on("door.opened"), above=3)),
            "has match and level",
        ),
        (
            rule(match=Match(of=on("door.opeend"))),
            'match.of: unknown event type "door.opeend"; did you mean "door.opened"?',
        ),
        (
            rule(match=Match(of=Selector(on=()))),
            "match.of.on: is empty",
        ),
        (
            rule(match=Match(of=on("door.opened"), end=on("zone.closed"))),
            'match.end: "zone.closed" has no text field "point" to use as key',
        ),
        (
            rule(by="poimt", match=OPENED),
            'match.of: "door.opened" has no text field "poimt" to use as key; did you mean "point"?',
        ),
        (
            rule(by="active", match=Match(of=on("door.tamper"))),
            'match.of: "door.tamper" has no text field "active" to use as key',
        ),
        (
            rule(match=Match(of=on("door.opened", where="poimt"))),
            'match.of: "door.opened" has no field "poimt"; did you mean "point"?',
        ),
        (
            rule(match=OPENED, title="Door {poimt}"),
            'title: "door.opened" has no field "poimt"; did you mean "point"?',
        ),
        (
            rule(match=OPENED, title="Door {"),
            "title: a brace has no partner; write a field like {point}, and a brace itself twice",
        ),
        (
            rule(match=OPENED, title="Door }"),
            "title: a brace has no partner; write a field like {point}, and a brace itself twice",
        ),
        (
            rule(match=OPENED, title="Door {}"),
            "title: there is nothing between the braces; write a field like {point}",
        ),
        (
            rule(match=OPENED, title="Door[ at {point}"),
            "title: a [ has no ] after it; write [: {reason}], or no bracket",
        ),
        (
            rule(match=OPENED, title="Door at {point}]"),
            "title: a ] has no [ before it; write [: {reason}], or no bracket",
        ),
        (
            rule(match=OPENED, title="Door[ at {point}[ of {zone}]]"),
            "title: a [ within brackets; close the first with ] before the next [",
        ),
        (
            rule(match=OPENED, do=("Look.", "Go."), dos={"vi": ("Xem.",)}),
            "dos.vi: do has 2 steps and this 1 step; write the same steps in each language",
        ),
        (
            rule(match=OPENED, do=("Look.", " ")),
            "do: a step is blank; write what to do, or leave the step out",
        ),
        (
            rule(match=OPENED, title="{n} times open: {point}"),
            "title: {n} is always 1 in a match; leave it out, or use count, distinct, level, sum",
        ),
        (
            rule(match=OPENED, title="Door {point!r}"),
            "title: write {point}, and nothing more between the braces",
        ),
        (
            rule(match=OPENED, title="{source_seq:d} doors"),
            "title: write {source_seq}, and nothing more between the braces",
        ),
        (
            rule(match=OPENED, title="{point.__class__}"),
            'title: "door.opened" has no field "point.__class__"',
        ),
        (
            rule(match=OPENED, silent=True, title="{"),
            "title: a brace has no partner; write a field like {point}, and a brace itself twice",
        ),
        (
            rule(match=OPENED, title="Door {point}", titles={"vi": "Cửa {zone}"}),
            "titles.vi: {zone} is not in the title itself",
        ),
        (
            rule(match=OPENED, titles={"vi": "Cửa }"}),
            "titles.vi: a brace has no partner; write a field like {point}, and a brace itself twice",
        ),
        (
            rule(match=Match(of=on("access.duress")), silent=True, title="Duress of {holder}"),
            "silent: the title must not name the holder",
        ),
        (
            rule(match=OPENED, while_=["locked"]),
            'while: unknown fact "locked"; add a [[fact]] with this id',
        ),
        (
            rule(count=Count(of=on("door.opened"), at_least=2, within=timedelta())),
            "count.within: must be more than 0",
        ),
        (
            rule(absence=Absence(after=on("door.opened"), of=on("door.closed"))),
            'absence: write either within = "2m" or until = "<field with a time>"',
        ),
        (
            rule(
                by="inspection",
                absence=Absence(
                    after=on("inspection.scheduled"),
                    of=on("inspection.submitted"),
                    within="2m",
                    until="due_at",
                ),
            ),
            'absence: write either within = "2m" or until = "<field with a time>"',
        ),
        (
            rule(absence=Absence(after=on("door.opened"), of=on("door.closed"), until="due_at")),
            'absence.until: "due_at" is not a time field of "door.opened"',
        ),
        (
            rule(by="zone", level=Level(down=on("zone.count"), above=3)),
            "level: write up (adds 1 per event), or set and value (sets the balance)",
        ),
        (
            rule(by="zone", level=Level(set=on("zone.count"), above=3)),
            "level: set and value go together",
        ),
        (
            rule(by="zone", level=Level(set=on("zone.count"), value="zone", above=3)),
            'level.value: "zone" is not a number field of "zone.count"',
        ),
        (
            rule(
                hold=Hold(
                    start=on("door.opened"), end=on("door.closed"), longer_than="checklist.interval"
                )
            ),
            '"checklist.interval": "door.opened" has no checklist',
        ),
        (
            rule(by="device", level=Level(up=on("config.changed"), above="checklist.interval")),
            (
                '"checklist.interval" is not a number of a checklist in venue.toml; '
                "a checklist has none"
            ),
        ),
        (
            rule(
                hold=Hold(
                    start=on("door.opened"), end=on("door.closed"), longer_than="point.held_open"
                )
            ),
            (
                '"point.held_open" is not a duration of a point in venue.toml; '
                'did you mean "point.held_open_limit"?'
            ),
        ),
    ],
)
def test_every_mistake_is_reported(wrong: Rule, message: str) -> None:
    """The message begins with the place and what is wrong; the wording of advice is in tests/rules/bad."""
    (found,) = mistakes_in(wrong)

    assert found.startswith(f"rule rule: {message}")


def test_a_mistake_in_an_expression_has_its_column() -> None:
    """A mistake in an expression has its column, so that the loader can point at it."""
    (found,) = definition_mistakes(
        [rule(match=Match(of=on("door.opened", where=" replay and poimt ")))], []
    )

    assert (found.fault.text, found.fault.column) == ("replay and poimt", 11)


def test_facts_are_checked_too() -> None:
    """The events, the key and the expressions of a fact are checked."""
    assert mistakes_in(fact("a", "poimt", set=on("door.locked"), clear=on("door.unlockd"))) == [
        'fact a: set: "door.locked" has no text field "poimt" to use as key; did you mean "point"?',
        'fact a: clear: unknown event type "door.unlockd"; did you mean "door.unlocked"?',
    ]


@pytest.mark.parametrize(
    ("name", "hint"), [("interlok", '; did you mean "interlock"?'), ("at", ""), ("nobody", "")]
)
def test_a_fact_of_another_subject_is_named_by_a_text_field(name: str, hint: str) -> None:
    """The field that names the subject has to exist and to hold a name."""
    opened = fact("open", "point", set=on("door.opened"), clear=on("door.closed"))

    assert mistakes_in(rule(match=OPENED, while_=[f"open by {name}"]), opened) == [
        f'rule rule: while: "door.opened" has no text field "{name}" to use as key of fact "open"{hint}'
    ]


def test_a_fact_must_be_findable_from_the_event() -> None:
    """A fact by credential does not apply to a door that opens."""
    barred = fact("barred", "credential", set=on("credential.state"))

    assert mistakes_in(rule(match=OPENED, while_=["barred"]), barred) == [
        'rule rule: while: "door.opened" has no text field "credential" to use as key of fact "barred"'
    ]


def test_a_hold_cannot_follow_a_fact_that_ends_by_itself() -> None:
    """Nothing would report the end of the fact, so the rule would silently never fire."""
    released = fact("released", "point", set=on("access.granted"), lasts=timedelta(seconds=10))
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="0s")

    assert mistakes_in(rule(hold=hold, while_=["not released"]), released) == [
        'rule rule: while: fact "released" has lasts, which hold can\'t follow; write clear instead'
    ]
    assert mistakes_in(rule(match=OPENED, while_=["not released"]), released) == []


def test_all_mistakes_are_reported_at_once() -> None:
    """An officer can correct the whole file in one go."""
    bad = rule(
        by="poimt",
        title="{zzz}",
        match=Match(of=on("door.opened", where="1"), end=on("door.shut")),
        while_=["nothing"],
    )

    assert len(mistakes_in(bad)) == 5


def test_an_expression_has_a_maximum_length() -> None:
    """More than 500 characters are refused: no one can check them."""
    with pytest.raises(msgspec.ValidationError, match="length <= 500"):
        msgspec.convert({"on": ["door.opened"], "where": "x" * 501}, Selector)


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_event_type_may_be_named(kind: str) -> None:
    """A rule with the sender's number as key is valid for any event type."""
    assert mistakes_in(rule(by="id", match=Match(of=on(kind)))) == []
