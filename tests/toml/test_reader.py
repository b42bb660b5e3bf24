"""The strict reader: what it accepts, what it reports, and that no document makes it fail in any other way."""

import json
import tracemalloc
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from monitor.core.rules.model import Fact, Limit, Parameter, Rule
from monitor.core.venue.words import Slug
from monitor.errors import ConfigError
from monitor.toml import Form
from monitor.toml.positions import Keys, lines


class Colour(StrEnum):
    """A choice as an enumeration."""

    RED = "red"
    GREEN = "green"


class Part(Struct, frozen=True, kw_only=True):
    """A table in an array of tables."""

    id: Slug
    size: Annotated[float, Meta(gt=0, le=10)] = 1.0
    wait: timedelta | Annotated[str, Meta(pattern=r"^part\.\w+$")] = timedelta(seconds=5)


class Inner(Struct, frozen=True, kw_only=True):
    """A table in a table."""

    share: float | Parameter = 0.5
    parts: tuple[Part, ...] = ()


class Thing(Struct, frozen=True, kw_only=True, rename={"while_": "while"}):
    """Everything that a form can hold."""

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    count: Annotated[int, Meta(ge=1, lt=100)] = 1
    on: bool = False
    kind: Literal["door", "gate"] = "door"
    colour: Colour = Colour.RED
    opens: time = time(8)
    limit: Limit = "30s"
    file: Path = Path("x")
    days: tuple[Literal["mon", "tue"], ...] = ()
    while_: tuple[str, ...] = ()
    by: Annotated[tuple[str, ...], Meta(min_length=1)] = ("x",)
    titles: dict[str, str] = {}
    inner: Inner | None = None
    parts: tuple[Part, ...] = ()


class Rules(Struct, frozen=True, kw_only=True):
    """A file of rules."""

    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()


THING = Form(Thing, tables={"parts": "part"}, refused={"pin": "pins stay outside"})
RULES = Form(Rules, tables={"rules": "rule", "facts": "fact"})


def mistakes_in(form: Form[Any], text: str) -> list[str]:
    """The mistakes in a text, in the order of their lines."""
    return [str(mistake) for mistake in sorted(form.read(text, "f.toml").mistakes)]


def test_every_type_is_read() -> None:
    """Each kind of value arrives as its type, and a single text as a list of one."""
    text = """
        name = "n"
        count = 99
        on = true
        kind = "gate"
        colour = "green"
        opens = 09:30:00
        limit = "point.held_open_limit"
        file = "a/b"
        days = ["mon", "tue"]
        while = "not closed"
        titles = { vi = "tên" }
        [inner]
        share = 1
        [[inner.part]]
        id = "a"
        wait = "part.wait"
        [[part]]
        id = "b"
        size = 10
        wait = "90d"
    """

    read = THING.read(text, "f.toml").whole()

    assert read == Thing(
        name="n",
        count=99,
        on=True,
        kind="gate",
        colour=Colour.GREEN,
        opens=time(9, 30),
        limit="point.held_open_limit",
        file=Path("a/b"),
        days=("mon", "tue"),
        while_=("not closed",),
        titles={"vi": "tên"},
        inner=Inner(share=1.0, parts=(Part(id="a", wait="part.wait"),)),
        parts=(Part(id="b", size=10.0, wait=timedelta(days=90)),),
    )


def test_missing_keys_have_their_defaults() -> None:
    """A file with only the required keys gives the struct's own defaults."""
    assert THING.read('name = "n"', "f.toml").whole() == Thing(name="n")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("30s", timedelta(seconds=30)),
        ("2m", timedelta(minutes=2)),
        ("1h", timedelta(hours=1)),
        ("90d", timedelta(days=90)),
        ("0s", timedelta(0)),
    ],
)
def test_durations(written: str, meant: timedelta) -> None:
    """Every unit is converted."""
    read = THING.read(f'name = "n"\npart = [{{ id = "a", wait = "{written}" }}]', "f.toml").whole()

    assert read.parts[0].wait == meant


QUOTES = 'put text and durations in straight quotes, e.g. "30s"'
NEWLINE = "Expected newline or end of document after a statement"
ENDS = 'close the text with " on the same line, or put several lines between """'
BACKSLASH = "write \\\\ for a backslash, or put the text in '...'"
TWICE = "the same key is given twice; remove one"
INITIAL = "Invalid initial character for a key part"
KEY = "write keys in letters, digits, _ and -; write { ... } on one line, no final comma"
DURATION = 'is not a duration; write e.g. "30s", "2m", "1h"'
LIMIT = 'a duration, e.g. "30s", "2m", "1h", or a value in venue.toml, e.g. "point.held_open_limit"'


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ('namee = "n"', 'namee: unknown key; did you mean "name"?'),
        ("pin = 1234", "pin: pins stay outside"),
        ('parts = ["a"]', 'parts: unknown key; did you mean "part"?'),
        ("name = 5", 'name: 5 is not text; put it in quotes: "5"'),
        ("name = [1]", 'name: a list is not text; write e.g. "..."'),
        ('name = ""', 'name: "" is too short; write at least 1 character'),
        (
            f'name = "{"x" * 70}"',
            f'name: "{"x" * 57}..." is too long; write at most 20 characters',
        ),
        ('count = "5"', 'count: "5" is not a whole number; write e.g. 10'),
        ("count = 5.0", "count: 5.0 is not a whole number; write e.g. 10"),
        ("count = true", "count: true is not a whole number; write e.g. 10"),
        ("count = 0", "count: 0 is not allowed; write at least 1"),
        ("count = 100", "count: 100 is not allowed; write less than 100"),
        (f"count = {10**30}", f"count: {10**30} has too many digits; write at most 18"),
        (f"count = {10**80}", "count: a number this long has too many digits; write at most 18"),
        ('on = "yes"', 'on: "yes" is not a switch; write true or false'),
        ('kind = "dor"', 'kind: "dor" is not allowed; did you mean "door"?'),
        ('kind = "window"', 'kind: "window" is not allowed; write one of "door", "gate"'),
        ("kind = 3", 'kind: 3 is not allowed; write one of "door", "gate"'),
        ('colour = "grene"', 'colour: "grene" is not allowed; did you mean "green"?'),
        ('opens = "25:00"', 'opens: "25:00" is not a time of day; write e.g. "08:00"'),
        ("opens = 2026-01-01", 'opens: 2026-01-01 is not a time of day; write e.g. "08:00"'),
        (
            'limit = "60 sec"',
            f'limit: "60 sec" is not allowed; write {LIMIT}',
        ),
        ('file = ""', 'file: "" is not a path; write e.g. "folder/file"'),
        ('file = "a\\u0000b"', 'file: "a\\u0000b" is not a path; write e.g. "folder/file"'),
        ('days = "mom"', 'days: "mom" is not allowed; did you mean "mon"?'),
        ("days = 1", 'days: 1 is not a list; write ["mon"]'),
        ("while = [1]", 'while: 1 is not text; put it in quotes: "1"'),
        ("by = []", "by: the list is too short; write at least 1 value"),
        ("titles = 1", "titles: 1 is not a table; write { ... }"),
        ("titles = { en = 1 }", 'titles: en: 1 is not text; put it in quotes: "1"'),
        ('titles = { "e\\nn" = 1 }', 'titles: "e\\nn": 1 is not text; put it in quotes: "1"'),
        ("inner = 1", "inner: 1 is not a table; write [inner]"),
        ('inner = { share = "x" }', 'inner: share: "x" is not a number; write e.g. 0.5'),
        ("inner = { share = nan }", "inner: share: nan is not a number; write e.g. 0.5"),
        ("inner = { share = inf }", "inner: share: inf is not a number; write e.g. 0.5"),
        ("part = {}", "part: is a single table, not a list; write [[part]]"),
        ("part = 1", "part: 1 is not a list; write [[part]]"),
        ("part = [1]", "part: 1 is not a table; write [part]"),
        ("part = [{}]", 'part 1: id: missing; write e.g. id = "..."'),
        (
            'part = [{ id = "A b" }]',
            'part "A b": id: "A b" is not allowed; write lower-case letters, digits and hyphens',
        ),
        (
            'part = [{ id = "a\\n" }]',
            'part "a\\n": id: "a\\n" is not allowed; write lower-case letters, digits and hyphens',
        ),
        (
            'part = [{ id = "a", size = 0 }]',
            'part "a": size: 0 is not allowed; write more than 0',
        ),
        (
            'part = [{ id = "a", size = 10.5 }]',
            'part "a": size: 10.5 is not allowed; write at most 10',
        ),
        (
            'part = [{ id = "a", wait = "60 sec" }]',
            f'part "a": wait: "60 sec" {DURATION}',
        ),
        ('part = [{ id = "a", wait = 60 }]', f'part "a": wait: 60 {DURATION}'),
        (
            'part = [{ id = "a", wait = "40000d" }]',
            'part "a": wait: "40000d" is too long; write at most "36500d"',
        ),
    ],
)
def test_a_mistake_is_reported_with_its_cure(line: str, mistake: str) -> None:
    """Each mistake is one line: file, line, place, what is wrong, what to write instead."""
    named = line.startswith(("name", "namee"))
    text = line if named else f'name = "n"\n{line}'

    assert mistakes_in(THING, text) == [f"f.toml:{1 if named else 2}: {mistake}"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a = \n", f"f.toml:1: not valid TOML: Invalid value; {QUOTES}"),
        ("a = [1,", f"f.toml: not valid TOML: Invalid value (at end of document); {QUOTES}"),
        ("a = “x”\n", f"f.toml:1: not valid TOML: Invalid value; {QUOTES}"),
        ("a = 5m\n", f"f.toml:1: not valid TOML: {NEWLINE}; {QUOTES}, and one key on a line"),
        ('a = "x\n', f"f.toml:1: not valid TOML: Illegal character '\\n'; {ENDS}"),
        ('a = "\\d"\n', f"f.toml:1: not valid TOML: Unescaped '\\' in a string; {BACKSLASH}"),
        ("a = 1\na = 2\n", f"f.toml:2: not valid TOML: Cannot overwrite a value; {TWICE}"),
        ("a = {\nb = 1 }\n", f"f.toml:1: not valid TOML: {INITIAL}; {KEY}"),
        (f"a = {'[' * 100_000}", "f.toml: not valid TOML: nested too deeply"),
    ],
)
def test_invalid_toml_is_reported(text: str, mistake: str) -> None:
    """A syntax error is reported with its line, if it has one, and a caret under the place in the text."""
    (found,) = mistakes_in(THING, text)
    first, *shown = found.split("\n")
    assert first == mistake
    if shown:
        line, caret = shown
        assert line.strip() in text
        assert caret.strip() == "^"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (".".join("a" * 50_000) + " = 1\n", 1),
        ("name = 1\n[" + ".".join("a" * 50_000) + "]\n", 2),
        ("[[" + " . ".join(['"a b"'] * 9) + "]]\n", 1),
        ("x = { " + ".".join("a" * 9) + " = 1 }\n", 1),
        ("not TOML\n" + ".".join("a" * 50_000), 2),
    ],
)
def test_a_key_that_is_too_deep_is_refused_before_parsing(text: str, line: int) -> None:
    """Parsing one dotted key of 100 kB took 5 GB."""
    what = "a key has more than 8 parts separated by dots; write a shorter one"
    tracemalloc.start()
    assert mistakes_in(THING, text) == [f"f.toml:{line}: {what}"]
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_what_has_dots_and_is_no_deep_key_is_read() -> None:
    """Dots in texts, comments and numbers do not count, and a key of eight parts is allowed."""
    dots = ".".join("abcdefghi")
    text = f'name = "{dots}" # {dots}\n[inner]\nshare = 1.5 # {dots}\n'
    assert mistakes_in(THING, text) == []
    assert "more than 8" not in mistakes_in(THING, ".".join("abcdefgh") + " = 1\n")[0]


def test_a_file_that_is_too_large_is_refused_before_parsing(tmp_path: Path) -> None:
    """A file that is too large is refused, no matter what is in it."""
    file = tmp_path / "f.toml"
    file.write_text("# \n" * 1_400_000)
    (mistake,) = THING.read_file(file).mistakes
    assert mistake.what == (
        "is longer than 4,000,000 characters; split it, or take out what is not needed"
    )


def test_every_mistake_is_told_at_once() -> None:
    """A file of rules is read to its end, whatever is wrong at its beginning."""
    text = """\
[[rule]]
id = "a"
title = ""
severity = "hihg"
by = "point"
why = "judgement"
do = "Go there."
[rule.hold]
start = { on = "door.opened" }
end = { on = "door.closed", wheree = "x" }
longer_than = "60 sec"

[[rule]]
id = "b"
titlle = "t"
severity = "high"
by = []
why = "judgement"
level = { above = "point.Max", up = { on = 3 } }
count = { of = { on = "x" }, at_least = 1, within = 3 }

[[facts]]
"""
    assert mistakes_in(RULES, text) == [
        'f.toml:3: rule "a": title: "" is too short; write at least 1 character',
        'f.toml:4: rule "a": severity: "hihg" is not allowed; did you mean "high"?',
        'f.toml:10: rule "a": hold: end: wheree: unknown key; did you mean "where"?',
        f'f.toml:11: rule "a": hold: longer_than: "60 sec" is not allowed; write {LIMIT}',
        'f.toml:13: rule "b": do: missing; write e.g. do = ["..."]',
        'f.toml:15: rule "b": titlle: unknown key; did you mean "title"?',
        'f.toml:17: rule "b": by: the list is too short; write at least 1 value',
        'f.toml:19: rule "b": level: above: "point.Max" is not a number; write e.g. 0.5',
        'f.toml:19: rule "b": level: up: on: 3 is not a list; write ["..."]',
        'f.toml:20: rule "b": count: at_least: 1 is not allowed; write at least 2',
        f'f.toml:20: rule "b": count: within: 3 {DURATION}',
        'f.toml:22: facts: unknown key; did you mean "fact"?',
    ]


def test_a_missing_part_is_reported_with_an_example() -> None:
    """A missing table is reported with its header, a missing key with an example."""

    class Top(Struct, frozen=True):
        thing: Inner
        parts: tuple[Part, ...]
        above: float | Parameter
        texts: tuple[str, ...]
        titles: dict[str, str]

    assert mistakes_in(Form(Top), "") == [
        "f.toml: above: missing; write e.g. above = 0.5",
        "f.toml: parts: missing; add a table [[parts]]",
        'f.toml: texts: missing; write e.g. texts = ["..."]',
        "f.toml: thing: missing; add a table [thing]",
        "f.toml: titles: missing; write e.g. titles = { ... }",
    ]


def test_mistakes_are_raised_together() -> None:
    """`whole` raises one error with all mistakes, in the order of the file."""
    with pytest.raises(ConfigError) as raised:
        THING.read('on = 1\ncount = ""', "f.toml").whole()

    assert raised.value.mistakes == (
        'f.toml: name: missing; write e.g. name = "..."',
        "f.toml:1: on: 1 is not a switch; write true or false",
        'f.toml:2: count: "" is not a whole number; write e.g. 10',
    )


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    """A missing file, a folder and another encoding are reported like any other mistake."""
    missing, folder, latin = tmp_path / "no.toml", tmp_path, tmp_path / "latin.toml"
    latin.write_bytes(b'name = "\xe9"')

    found = [str(THING.read_file(path).mistakes[0]) for path in (missing, folder, latin)]

    assert found == [
        f"{missing}: can't be read: No such file or directory; create it, or name another file",
        f"{folder}: can't be read: not a regular file; create it, or name another file",
        f"{latin}: is not UTF-8 text; save it as UTF-8",
    ]


def test_byte_order_marks_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    """Lines are counted as the editor counts them."""
    file = tmp_path / "f.toml"
    file.write_bytes(b'\xef\xbb\xbfname = "n"\r\n\r\ncount = 0\r\n')

    assert [mistake.line for mistake in THING.read_file(file).mistakes] == [3]


def test_lines_are_right_for_all_of_toml() -> None:
    """Brackets, quotes and equals signs in values, strings and comments are neither headers nor keys."""
    text = '''\
a = 1 # [x]
"b.c" . d = """
[x]
y = 1 \\"""
""""
arr = [ # ]
  "]", '[z]',
  { k = 1 },
]
[[point]]
id = "x = y"
  [[point.item]]
  id = 1
  [[point.item]]
  3.14 = 2
[[point]]
[point.sub]
q = \'\'\' it's ]
[no]\'\'\'
[ t . "u v" ]
z = { a = "=", b = 3 }
[t]
last = 1'''

    assert lines(text) == {
        ("a",): 1,
        ("b.c",): 2,
        ("b.c", "d"): 2,
        ("arr",): 6,
        ("point",): 10,
        ("point", 0): 10,
        ("point", 0, "id"): 11,
        ("point", 0, "item"): 12,
        ("point", 0, "item", 0): 12,
        ("point", 0, "item", 0, "id"): 13,
        ("point", 0, "item", 1): 14,
        ("point", 0, "item", 1, "3"): 15,
        ("point", 0, "item", 1, "3", "14"): 15,
        ("point", 1): 16,
        ("point", 1, "sub"): 17,
        ("point", 1, "sub", "q"): 18,
        ("t",): 22,
        ("t", "u v"): 20,
        ("t", "u v", "z"): 21,
        ("t", "last"): 23,
    }


TRICKY = st.sampled_from(
    [
        "1",
        '"]"',
        "'='",
        '"""\n[x]\nk = 1\n"""',
        "'''\n[[t]]'''",
        "[\n1, # [\n]",
        "{ t = 1 }",
        '"\\""',
    ]
)


@given(st.lists(st.tuples(st.sampled_from(["t", "u"]), st.lists(TRICKY, max_size=3)), max_size=6))
def test_every_line_is_found(tables: list[tuple[str, list[str]]]) -> None:
    """Whatever the values, every table and key is found on its own line."""
    text = ""
    expected: dict[Keys, int] = {}
    seen = {"t": 0, "u": 0}
    for name, values in tables:
        here = text.count("\n") + 1
        table: Keys = (name, seen[name])
        expected |= {table: here, (name,): expected.get((name,), here)}
        seen[name] += 1
        text += f"[[{name}]] # [c]\n"
        for number, value in enumerate(values):
            expected[*table, f"k{number}"] = text.count("\n") + 1
            text += f"k{number} = {value}\n"

    assert lines(text) == expected


def dumped(value: object) -> str:
    """A value as TOML on one line; texts are written as JSON's, which TOML reads alike."""
    match value:
        case dict():
            return "{" + ", ".join(f"{dumped(k)} = {dumped(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(dumped, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case _:
            return str(value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORDS = [
    "rule",
    "fact",
    "id",
    "on",
    "by",
    "hold",
    "level",
    "above",
    "set",
    "while",
    "title",
    "a",
    "30s",
    "x",
]
SCALARS = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.times(), st.dates(), TEXTS, st.sampled_from(WORDS)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | TEXTS, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(WORDS) | TEXTS, VALUES, max_size=5))
def test_no_document_raises_anything_else(document: dict[str, object]) -> None:
    """Any TOML gives the struct, or mistakes of one line each."""
    text = "".join(f"{dumped(key)} = {dumped(value)}\n" for key, value in document.items())

    reading = RULES.read(text, "f.toml")

    assert reading.mistakes or isinstance(reading.whole(), Rules)
    assert all(len(str(mistake).splitlines()) == 1 for mistake in reading.mistakes)
    assert not any("not valid TOML" in mistake.what for mistake in reading.mistakes)


@given(st.text() | st.text(alphabet="[]{}=\"'#\n.,abc1\\ "))
def test_no_text_raises_anything_else(text: str) -> None:
    """Text that is not TOML is one mistake, not an exception."""
    reading = RULES.read(text, "f.toml")

    assert reading.mistakes or isinstance(reading.whole(), Rules)
