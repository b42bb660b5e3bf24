"""Mistakes in rules and facts, all found before any of them is put in force."""

from datetime import timedelta

import msgspec
import pytest

from monitor.core.compile.validate import problems
from monitor.core.events import EVENT_TYPES
from monitor.core.rules.model import Absence, Count, Fact, Hold, Level, Match, Rule, Selector
from tests.support.engine import SHIPPED, fact, on, rule

OPENED = Match(of=on("door.opened"))


def said(*parts: Rule | Fact) -> list[str]:
    """What is wrong with these, as people read it."""
    rules = [part for part in parts if isinstance(part, Rule)]
    facts = [part for part in parts if isinstance(part, Fact)]
    return [f"{row.what} {row.id}: {row.message}" for row in problems(rules, facts)]


def test_the_shipped_rules_have_none() -> None:
    """Nothing to say."""
    assert list(problems(SHIPPED.rules, SHIPPED.facts, SHIPPED.names)) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            rule(),
            "exactly one of match, count, distinct, sequence, absence, hold, level, sum is needed; found none",
        ),
        (
            rule(match=OPENED, level=Level(up=on("door.opened"), above=3)),
            "exactly one of match, count, distinct, sequence, absence, hold, level, sum is needed; found match, level",
        ),
        (
            rule(match=Match(of=on("door.opeend"))),
            'match.of: no event type is called "door.opeend"; did you mean "door.opened"?',
        ),
        (
            rule(match=Match(of=Selector(on=()))),
            'match.of.on: no event type is named; write e.g. on = "door.opened"',
        ),
        (
            rule(match=Match(of=on("door.opened"), end=on("zone.closed"))),
            'match.end: "zone.closed" has no text field "point" to go by',
        ),
        (
            rule(by="poimt", match=OPENED),
            'match.of: "door.opened" has no text field "poimt" to go by; did you mean "point"?',
        ),
        (
            rule(by="active", match=Match(of=on("door.tamper"))),
            'match.of: "door.tamper" has no text field "active" to go by',
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
        (rule(match=OPENED, title="Door {}"), 'title: "door.opened" has no field ""'),
        (
            rule(match=OPENED, title="{n} times open: {point}"),
            "title: {n} is always 1 in a match; leave it out, or use count, distinct, level, sum",
        ),
        (
            rule(match=OPENED, title="Door {point!r}"),
            "title: write {point}, and nothing more between the braces",
        ),
        (
            rule(match=OPENED, title="{n:d} doors"),
            "title: write {n}, and nothing more between the braces",
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
            'while: no fact is called "locked"; write a [[fact]] with this id',
        ),
        (
            rule(count=Count(of=on("door.opened"), at_least=2, within=timedelta())),
            'count.within: it is 0, and nothing fits in; write e.g. "5m"',
        ),
        (
            rule(absence=Absence(after=on("door.opened"), of=on("door.closed"))),
            'absence: give either within = "2m" or until = "<field with a time>"',
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
            'absence: give either within = "2m" or until = "<field with a time>"',
        ),
        (
            rule(absence=Absence(after=on("door.opened"), of=on("door.closed"), until="due_at")),
            'absence.until: "due_at" is no time of "door.opened"; usable: at',
        ),
        (
            rule(by="zone", level=Level(down=on("zone.count"), above=3)),
            "level: give up (counts one each), or set with value (puts the balance)",
        ),
        (
            rule(by="zone", level=Level(set=on("zone.count"), above=3)),
            'level: set and value go together: set = { on = "zone.count" }, value = "count"',
        ),
        (
            rule(by="zone", level=Level(set=on("zone.count"), value="zone", above=3)),
            'level.value: "zone" is no number of "zone.count"',
        ),
        (
            rule(
                hold=Hold(
                    start=on("door.opened"), end=on("door.closed"), longer_than="checklist.interval"
                )
            ),
            '"checklist.interval": "door.opened" speaks of no checklist',
        ),
        (
            rule(by="device", level=Level(up=on("config.changed"), above="checklist.interval")),
            (
                '"checklist.interval" is not among the numbers of a checklist in the venue file; '
                "usable: none"
            ),
        ),
        (
            rule(
                hold=Hold(
                    start=on("door.opened"), end=on("door.closed"), longer_than="point.held_open"
                )
            ),
            (
                '"point.held_open" is not among the durations of a point in the venue file; '
                'did you mean "point.held_open_limit"?'
            ),
        ),
    ],
)
def test_every_mistake_is_named(wrong: Rule, message: str) -> None:
    """What is wrong, and what to write instead."""
    found = said(wrong)

    assert found == [f"rule rule: {message}"]


def test_a_mistake_in_an_expression_has_its_column() -> None:
    """So that the loader can point at it."""
    (found,) = problems([rule(match=Match(of=on("door.opened", where=" replay and poimt ")))], [])

    assert (found.expression, found.column) == ("replay and poimt", 11)


def test_facts_are_checked_too() -> None:
    """Their events, their key, their expressions."""
    assert said(fact("a", "poimt", set=on("door.locked"), clear=on("door.unlockd"))) == [
        'fact a: set: "door.locked" has no text field "poimt" to go by; did you mean "point"?',
        'fact a: clear: no event type is called "door.unlockd"; did you mean "door.unlocked"?',
    ]


@pytest.mark.parametrize(
    ("name", "hint"), [("interlok", '; did you mean "interlock"?'), ("at", ""), ("nobody", "")]
)
def test_another_s_fact_is_asked_for_by_a_text(name: str, hint: str) -> None:
    """The field that says whose fact is meant has to be there, and to hold a name."""
    opened = fact("open", "point", set=on("door.opened"), clear=on("door.closed"))

    assert said(rule(match=OPENED, while_=[f"open by {name}"]), opened) == [
        f'rule rule: while: "door.opened" has no text field "{name}", which says whose fact "open" is{hint}'
    ]


def test_a_fact_must_be_findable_from_the_event() -> None:
    """A fact by credential says nothing about a door that opens."""
    barred = fact("barred", "credential", set=on("credential.state"))

    assert said(rule(match=OPENED, while_=["barred"]), barred) == [
        'rule rule: while: "door.opened" has no text field "credential", which says whose fact "barred" is'
    ]


def test_a_hold_cannot_follow_a_fact_that_ends_by_itself() -> None:
    """Nothing would tell it that the fact is over: a rule that silently never fires."""
    released = fact("released", "point", set=on("access.granted"), lasts=timedelta(seconds=10))
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="0s")

    assert said(rule(hold=hold, while_=["not released"]), released) == [
        'rule rule: while: "released" ends by itself, which a hold can\'t follow; clear it by an event'
    ]
    assert said(rule(match=OPENED, while_=["not released"]), released) == []


def test_all_mistakes_are_told_at_once() -> None:
    """An officer mends a file in one go."""
    bad = rule(
        by="poimt",
        title="{zzz}",
        match=Match(of=on("door.opened", where="1"), end=on("door.shut")),
        while_=["nothing"],
    )

    assert len(said(bad)) == 5


def test_an_expression_has_a_length() -> None:
    """What is longer than 500 characters nobody has checked."""
    with pytest.raises(msgspec.ValidationError, match="length <= 500"):
        msgspec.convert({"on": ["door.opened"], "where": "x" * 501}, Selector)


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_event_type_may_be_named(kind: str) -> None:
    """A rule by the sender's number on any of them is sound."""
    assert said(rule(by="id", match=Match(of=on(kind)))) == []
