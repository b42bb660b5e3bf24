"""The language of ``where``: what it means, what it refuses and where, and that it is safe to run."""

import ast
import operator
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.events import AnyEvent, kind_of
from monitor.core.events.access import AccessDenied
from monitor.core.events.device import DeviceTamper
from monitor.core.events.inspection import Evidence, InspectionItem
from monitor.core.events.work import ActionOpened
from monitor.core.events.zone import ZoneCount
from monitor.core.rules.computed import COMPUTED
from monitor.core.rules.expression import DEEPEST, ExpressionError, Predicate, compile_expression
from monitor.core.rules.fields import fields
from monitor.core.venue.places import NOWHERE, Place

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TAMPERED = DeviceTamper(at=NOW, device="r1", active=True)
ITEM = InspectionItem(at=NOW, checklist="check", inspection="i1", item="cold", result="pass")


def fits(text: str, event: AnyEvent = ITEM, place: Place = NOWHERE) -> bool:
    """Whether an event fits an expression; the answer is true or false."""
    answer = compile_expression(text, kind_of(event))(event, place)
    assert isinstance(answer, bool)
    return answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('result == "pass"', True),
        ('result != "pass"', False),
        ('result in ["fail", "pass"]', True),
        ('result in ("fail",)', False),
        ('result not in ["fail"]', True),
        ('not result == "fail"', True),
        ('result == "pass" and item == "cold"', True),
        ('result == "fail" or item == "cold"', True),
        ('(result == "fail" or item == "cold") and inspection == "x"', False),
        ('result == "fail" or item == "cold" and inspection == "x"', False),
        ('starts_with(item, "co")', True),
        ('ends_with(item, "ld")', True),
        ('contains(item, "ol")', True),
        ('contains(item, "hot")', False),
        ('like(item, "c?ld")', True),
        ('like(item, "c*")', True),
        ('like(item, "[ab]*")', False),
        ("has(item)", True),
        ("has(note)", False),
        ("has(value)", False),
        ("has(evidence)", False),
        ("replay", False),
        ("not replay", True),
        ("replay == False", True),
        ('criticality == ""', True),
        ('\n  result == "pass"\r\n  and item == "cold"\n', True),
        ('result == "pass"   # as it should\n  and item == "hot"  # and so on', False),
        ('# first\r\nresult == "pass"# "last"', True),
        ('item != "#1" and item != \'# "2"\' and item == "hot"', False),
    ],
)
def test_what_an_expression_means(text: str, expected: bool) -> None:
    """Fields are compared with constants, joined by words."""
    assert fits(text) is expected


@pytest.mark.parametrize(
    ("text", "missing", "present"),
    [
        ("value > 5", False, True),
        ("value >= 6", False, True),
        ("value < 7", False, True),
        ("value <= 6", False, True),
        ("value == 6", False, True),
        ("value != 5", False, True),
        ("value in [6, 7]", False, True),
        ("value not in [7]", False, True),
        ("value > -7.5", False, True),
        ("has(value)", False, True),
        ("has(value) and not value > 7", False, True),
    ],
)
def test_a_missing_value_makes_a_comparison_false(text: str, missing: bool, present: bool) -> None:
    """A comparison with a missing value is false: there is no exception and no guess."""
    measured = InspectionItem(
        at=NOW, checklist="check", inspection="i1", item="cold", result="pass", value=6
    )

    assert fits(text) is missing
    assert fits(text, measured) is present


def test_the_place_has_fields_too() -> None:
    """Fields of the place come from the venue file; the event's own field of the same name takes precedence."""
    place = Place(zone="hall", point="d9", criticality="critical", controlled=True)
    denied = AccessDenied(at=NOW, point="d1")

    assert fits('zone == "hall"', denied, place)
    assert fits("controlled", denied, place)
    assert fits('point == "d1"', denied, place)
    assert fits(
        'zone == "foyer"', ActionOpened(at=NOW, action="a", kind="repair", zone="foyer"), place
    )
    assert fits('criticality == "critical"', ITEM, place)


def test_evidence_can_be_tested() -> None:
    """An expression can test whether a list is empty."""
    proof = Evidence(sha256="0" * 64, media_type="image/png")
    proven = InspectionItem(
        at=NOW, checklist="c", inspection="i", item="x", result="pass", evidence=(proof,)
    )

    assert fits("has(evidence)", proven)


NOT = "not allowed in a rule expression; write comparisons joined by and, or, not"
ALONE = 'a value alone has no meaning; compare a field with it, e.g. reason in ["a", "b"]'
FUNCTIONS = "unknown function; write one of has, starts_with, ends_with, contains, like, matches"
FIELD = 'not a field; write the name of a field, e.g. point == "gate"'
RIGHT = "not a constant; write text in quotes"


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ('__import__("os").system("id")', FUNCTIONS, 0),
        ('has(point) and __import__("os")', FUNCTIONS, 15),
        ("().__class__", NOT, 0),
        ("point.__class__", NOT, 0),
        ('point.upper() == "D1"', FIELD, 0),
        ('point.upper == "D1"', FIELD, 0),
        ('"d1" == point', FIELD, 0),
        ("lambda: 1", NOT, 0),
        ("[x for x in point]", NOT, 0),
        ("(x := 1)", NOT, 1),
        ("point if active else point", NOT, 0),
        ("1", ALONE, 0),
        ("True", ALONE, 0),
        ('"text"', ALONE, 0),
        ("-active", NOT, 0),
        ("point is None", NOT, 0),
        ("point + 1 == 2", FIELD, 0),
        ("point == device", RIGHT, 9),
        ('point == "d1" or "d2"', ALONE, 17),
        ("active == true", "not a constant; write active alone, or not active", 10),
        ("active != no", "not a constant; write active alone, or not active", 10),
        ('point == f"{device}"', RIGHT, 9),
        ("point == 1 + 1", RIGHT, 9),
        ('"a" < point < "b"', "write two comparisons joined by 'and'", 0),
        ("point", '"point" is text; compare it with a value', 0),
        ("zzz", '"door.tamper" has no field "zzz"', 0),
        ("poimt", '"door.tamper" has no field "poimt"; did you mean "point"?', 0),
        ("active and poimt", '"door.tamper" has no field "poimt"; did you mean "point"?', 11),
        ("of_zone", '"door.tamper" has no field "of_zone"; did you mean "zone"?', 0),
        ("lead", '"door.tamper" has no field "lead"', 0),
        ("point == 1", '"point" is text, but 1 is a number; write text in quotes', 9),
        ("point == -1", '"point" is text, but -1 is a number; write text in quotes', 9),
        ("point == True", '"point" is text, but True is yes/no; write text in quotes', 9),
        ("point == None", '"point" is text, but None is nothing; write text in quotes', 9),
        ("point == b'x'", "\"point\" is text, but b'x' is bytes; write text in quotes", 9),
        (
            "active == 1",
            '"active" is yes/no, but 1 is a number; write active alone, or not active',
            10,
        ),
        (
            "active == -True",
            '"active" is yes/no, but -True is yes/no; write active alone, or not active',
            10,
        ),
        ("active > False", '> compares numbers, and "active" is yes/no; use == or !=', 0),
        ('point > "a"', '> compares numbers, and "point" is text; use == or !=', 0),
        ('at > "2026-06-01"', "\"at\" is a time, but '2026-06-01' is text; write a time", 5),
        ("True == 1", FIELD, 0),
        ('point_kind == "dor"', '"point_kind" is never "dor"; did you mean "door"?', 14),
        ("point in []", 'not a list; write constants in brackets, e.g. ["a", "b"]', 9),
        ('point in "d1"', 'not a list; write constants in brackets, e.g. ["a", "b"]', 9),
        ("point in [device]", RIGHT, 10),
        ('point in ["a", 1]', '"point" is text, but 1 is a number; write text in quotes', 15),
        ('"d1" in point', FIELD, 0),
        ("has()", FUNCTIONS, 0),
        ("has(point, device)", FUNCTIONS, 0),
        ("has(1)", FIELD, 4),
        ("regex(point, 'x')", FUNCTIONS, 0),
        ("like(point)", 'like takes a field and a text: like(point, "hall-")', 0),
        ('like(point, text="x")', 'like takes a field and a text: like(point, "hall-")', 0),
        ('like(active, "x")', '"active" is yes/no; like takes a field with text', 5),
        ("like(point, 3)", 'like takes a text in quotes here, e.g. "hall-"', 12),
        ("like(point, device)", 'like takes a text in quotes here, e.g. "hall-"', 12),
        ('like("x", "y")', FIELD, 5),
        ('point == "ä" and poimt', '"door.tamper" has no field "poimt"; did you mean "point"?', 17),
        (
            'point == "火災" and\npoimt',
            '"door.tamper" has no field "poimt"; did you mean "point"?',
            18,
        ),
        (
            'point == "#1"  # the first\nand poimt',
            '"door.tamper" has no field "poimt"; did you mean "point"?',
            21,
        ),
    ],
)
def test_every_refusal_has_a_reason_and_a_column(text: str, message: str, column: int) -> None:
    """The message is for the officer who wrote the rule; columns count characters from 0."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, "door.tamper")

    assert (str(caught.value), caught.value.column) == (message, column)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "point ==",
        "active = 1",
        'point == "x',
        "a\0b",
        "\ud800",
        'like(point, "\\d")',
        "import os",
    ],
)
def test_other_text_is_refused_with_an_example(text: str) -> None:
    """The refusal shows a valid expression."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, "door.tamper")

    expected = 'not an expression; write e.g. reason == "passback" and direction == "in"'
    assert str(caught.value) == expected
    assert 0 <= caught.value.column <= len(text)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("count == 1e999", "the number is too large; write a smaller one", 9),
        ("count == -1e999", "the number is too large; write a smaller one", 9),
        ('count == -"a"', "\"count\" is a number, but -'a' is text; write a number", 9),
        ("count == - -1", "not a constant; write a number", 9),
        ("count == +1", "not a constant; write a number", 9),
        ("count == 1j", '"count" is a number, but 1j is complex; write a number', 9),
        ("count in [True]", '"count" is a number, but True is yes/no; write a number', 10),
    ],
)
def test_numbers_are_numbers(text: str, message: str, column: int) -> None:
    """Infinity is not a number, and true is not 1."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, "zone.count")

    assert (str(caught.value), caught.value.column) == (message, column)


def test_an_impossible_value_is_refused() -> None:
    """Where the possible values are listed, others are refused: a typing error would make a rule that never fires."""
    with pytest.raises(
        ExpressionError, match='"reason" is never "credential_expird"; did you mean'
    ):
        compile_expression('reason == "credential_expird"', "access.denied")
    with pytest.raises(
        ExpressionError, match='"result" is never "zzz"; write one of fail, na, not_done'
    ):
        compile_expression('result in ["zzz"]', "inspection.item")


def test_nesting_has_a_limit() -> None:
    """Nesting may be as deep as people can read; brackets alone do not count."""
    deep = "not " * DEEPEST + "active"

    assert compile_expression(deep, "device.tamper")(TAMPERED, NOWHERE) is True
    with pytest.raises(ExpressionError, match="nested more than 20 deep"):
        compile_expression("not " + deep, "door.tamper")
    assert callable(compiled("(" * 150 + "active" + ")" * 150, "door.tamper"))
    for many in (250, 5_000, 100_000):
        for text in (
            "(" * many + "active" + ")" * many,
            "not " * many + "active",
            "-" * many + "1",
        ):
            assert isinstance(compiled(text, "door.tamper"), ExpressionError)


def test_an_unknown_event_type_is_the_callers_mistake() -> None:
    """An unknown event type raises `KeyError`, because callers check types before expressions."""
    with pytest.raises(KeyError):
        compile_expression("active", "door.opeend")


def test_compiling_gives_no_warnings() -> None:
    """Python's own warnings about odd text do not reach the officer's screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ('like(point, "\\d")', "1if active else 0", '"a" is point'):
            with pytest.raises(ExpressionError):
                compile_expression(text, "door.tamper")


# Against an interpreter -------------------------------------------------------------------------------------------

TEXTS = st.sampled_from(["", "pass", "fail", "cold", "hall-1", "ä", "*", "["])
LITERALS: dict[str, st.SearchStrategy[object]] = {
    "text": TEXTS,
    "number": st.sampled_from([0, 1, -1, 2.5, 7, -0.0]),
    "yes/no": st.booleans(),
}


@st.composite
def comparisons(draw: st.DrawFn, kind: str) -> str:
    """One comparison, test or flag that is allowed for an event type."""
    known = {name: row for name, row in fields(kind).items() if row.type in LITERALS}
    name = draw(st.sampled_from(sorted(known)))
    field = known[name]
    literals = st.sampled_from(field.choices) if field.choices else LITERALS[field.type]
    value = draw(literals)
    forms = [f"{name} == {value!r}", f"{name} != {value!r}", f"has({name})"]
    several = draw(st.lists(literals, min_size=1, max_size=3))
    forms += [f"{name} in {several!r}", f"{name} not in {several!r}"]
    match field.type:
        case "number":
            forms += [f"{name} {sign} {value!r}" for sign in ("<", "<=", ">", ">=")]
        case "yes/no":
            forms.append(name)
        case _:
            forms += [
                f"{call}({name}, {value!r})" for call in ("starts_with", "ends_with", "contains")
            ]
    return draw(st.sampled_from(forms))


def expressions(kind: str) -> st.SearchStrategy[str]:
    """Comparisons, joined in all ways."""
    return st.recursive(
        comparisons(kind),
        lambda inner: st.one_of(
            inner.map("not ({})".format),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
                lambda row: f"({row[0]}) {row[1]} ({row[2]})"
            ),
        ),
        max_leaves=6,
    )


def interpreted(node: ast.expr, event: AnyEvent, place: Place) -> bool:
    """Interpret the expression in the simplest way: walk the tree and evaluate each value."""
    match node:
        case ast.BoolOp(op=ast.And(), values=[first, *rest]):
            return interpreted(first, event, place) and (
                not rest or interpreted(ast.BoolOp(ast.And(), rest), event, place)
            )
        case ast.BoolOp(op=ast.Or(), values=[first, *rest]):
            return interpreted(first, event, place) or (
                bool(rest) and interpreted(ast.BoolOp(ast.Or(), rest), event, place)
            )
        case ast.UnaryOp(operand=operand):
            return not interpreted(operand, event, place)
        case ast.Name(id=name):
            return value(name, event, place) is True
        case ast.Call(func=ast.Name(id="has"), args=[ast.Name(id=name)]):
            return value(name, event, place) not in (None, "", ())
        case ast.Call(func=ast.Name(id=test), args=[ast.Name(id=name), constant]):
            return TESTS[test](value(name, event, place), ast.literal_eval(constant))
        case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[constant]):
            found = value(name, event, place)
            return found is not None and COMPARE[type(op)](found, ast.literal_eval(constant))
        case _:
            raise AssertionError(ast.dump(node))


def value(name: str, event: AnyEvent, place: Place) -> object:
    """A field's value: the event's own, or its place's."""
    if name not in event.__struct_fields__ and name in COMPUTED:
        return COMPUTED[name].read(event, place)
    return getattr(event if name in event.__struct_fields__ else place, name)


TESTS: dict[str, Callable[[Any, str], bool]] = {
    "starts_with": lambda text, part: text[: len(part)] == part,
    "ends_with": lambda text, part: part == "" or text[-len(part) :] == part,
    "contains": lambda text, part: text.find(part) >= 0,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda found, many: any(found == row for row in many),
    ast.NotIn: lambda found, many: all(found != row for row in many),
}


EVENTS = st.one_of(
    st.builds(
        InspectionItem,
        at=st.just(NOW),
        checklist=TEXTS,
        inspection=TEXTS,
        item=TEXTS,
        result=st.sampled_from(["pass", "fail", "na"]),
        value=st.none() | st.sampled_from([0.0, 1.0, 2.5, 7.0, -1.0]),
        note=TEXTS,
        replay=st.booleans(),
    ),
    st.builds(ZoneCount, at=st.just(NOW), zone=TEXTS, count=st.integers(0, 8), id=TEXTS),
    st.builds(DeviceTamper, at=st.just(NOW), device=TEXTS, active=st.booleans()),
)
PLACES = st.builds(
    Place,
    site=TEXTS,
    zone=TEXTS,
    point=TEXTS,
    criticality=TEXTS,
    controlled=st.booleans(),
)


@given(st.data(), EVENTS, PLACES)
def test_it_agrees_with_an_interpreter(data: st.DataObject, event: AnyEvent, place: Place) -> None:
    """The compiled function and a simple interpreter agree on every expression, event and place."""
    kind = kind_of(event)
    text = data.draw(expressions(kind))

    tree = ast.parse(text, mode="eval").body

    assert compile_expression(text, kind)(event, place) is interpreted(tree, event, place)


WORDS = st.sampled_from(
    [
        *sorted(fields("inspection.item")),
        *("and", "or", "not", "in", "is", "==", "!=", "<", ">=", "(", ")", "[", "]", ",", "-", "+"),
        *("has(", "like(", "contains(", "starts_with(", "lambda:", "if", "else", "for", "*", "**"),
        *('"a"', '"[!"', '"[z-a]"', '"*?*?*"', "'\\\\'", "1", "1e999", "-1", "1j", "True", "None"),
        *('f"{e}"', "__import__", ".__class__", "e", "p", "c0", ":=", "\n", "0x", "\\", "~", "@"),
    ]
)


@given(st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=40), EVENTS, PLACES)
@example('like(item, "[z-a]")', ITEM, NOWHERE)
@example('like(item, "[!")', ITEM, NOWHERE)
@example('like(item, "**********a")', ITEM, NOWHERE)
def test_an_accepted_expression_never_raises(text: str, event: AnyEvent, place: Place) -> None:
    """Random words are refused with a reason and a column, or give true or false."""
    found = compiled(text, kind_of(event))

    if isinstance(found, ExpressionError):
        assert str(found)
        assert 0 <= found.column <= len(text)
    else:
        assert isinstance(found(event, place), bool)


def compiled(text: str, kind: str) -> Predicate | ExpressionError:
    """The function, or the reason why there is none."""
    try:
        return compile_expression(text, kind)
    except ExpressionError as error:
        return error
