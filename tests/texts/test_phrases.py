"""Every phrase that leaves the core as an id has a wording with the same arguments in every language."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from monitor.core.alert import Alert
from monitor.core.decode_errors import BOUNDS
from monitor.core.events import EVENT_TYPES
from monitor.core.events.vocabulary import CappedMemory
from monitor.core.meaning.door import FAULT, TAMPER
from monitor.core.phrase import Phrase, joined, phrase
from monitor.core.phrase_ids import PhraseId
from monitor.core.rules.template import parse
from monitor.core.rules.title import render_phrase
from monitor.core.transitions import PageOrdered, StaffRefused
from monitor.core.venue.display_names import NO_NAMES
from monitor.texts import ENGLISH, best, in_english, plain
from monitor.texts.fields import FIELDS
from monitor.texts.phrases import SENTENCES
from monitor.texts.values import WORDS

ISOLATES = re.compile("[\u2066-\u2069]")
CORE = Path(__file__).parents[2] / "monitor" / "core"
SAYING = (
    "alerts/*.py",
    "oncall/*.py",
    "readiness/*.py",
    "engine/commands.py",
    "engine/engine.py",
    "engine/state_migration.py",
    "engine/rules_changed.py",
    "engine/verifications.py",
    "decode.py",
    "validate_ids.py",
)
"""The files of the core that give reasons."""
LANGUAGES = ("en", "vi", "ar")
PROSE = re.compile(r"[A-Za-z']{2,} [A-Za-z']{2,}")


@cache
def given() -> dict[str, list[set[str]]]:
    """The arguments with which each phrase is made."""
    found: dict[str, list[set[str]]] = {}
    for file in CORE.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="phrase"), args=[ast.Constant(value=str(name))]):
                    names = {keyword.arg for keyword in node.keywords if keyword.arg}
                    found.setdefault(name, []).append(names)
                case _:
                    pass
    return found


def fields(text: str) -> set[str]:
    """The placeholders of a template."""
    return {name for part in parse(text) for name in part.fields}


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_field_of_an_event_has_a_name_in_words(kind: str) -> None:
    """A refusal or the page of an alert may name any of them."""
    assert set(EVENT_TYPES[kind].__struct_encode_fields__) <= FIELDS.keys()


def test_a_refusal_names_a_field_as_it_is_sent_and_in_words() -> None:
    """A sender finds it in the message, and an officer learns what it means; a path is named by its end."""
    missing = phrase("field-missing", key="items.credential")

    assert (
        ISOLATES.sub("", render_phrase(missing, NO_NAMES, ENGLISH)) == "items.credential is missing"
    )
    for tag, words in (("vi", "thẻ"), ("ar", "البطاقة")):
        found = ISOLATES.sub("", render_phrase(missing, NO_NAMES, best((tag,))))
        assert f"items.credential ({words})" in found


def test_each_phrase_has_its_wording() -> None:
    """Each phrase has a wording, and there is no wording that is never used."""
    assert SENTENCES.keys() == set(get_args(PhraseId))
    by_variable = {"on-call-lead", "on-call-coordinating", *BOUNDS.values()}
    assert SENTENCES.keys() == given().keys() | by_variable


@pytest.mark.parametrize("name", sorted(get_args(PhraseId)))
def test_its_arguments_are_the_same_in_every_language(name: PhraseId) -> None:
    """A wording takes all the arguments that the core gives, and no others."""
    wanted = fields(SENTENCES[name])

    for arguments in given().get(name, []):
        assert arguments == wanted
    for tag in LANGUAGES:
        assert fields(best((tag,)).sentence(name)) == wanted, tag


@pytest.mark.parametrize("pattern", SAYING)
def test_the_core_contains_no_sentences(pattern: str) -> None:
    """The core has no text of several words, except docstrings."""
    for file in sorted(CORE.glob(pattern)):
        tree = ast.parse(file.read_text())
        documented = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_text = id(node) not in documented and PROSE.search(node.value)
                assert not is_text, f"{file}:{node.lineno}: {node.value}"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_phrase_is_worded_with_its_parts(tag: str) -> None:
    """Durations, enumerated values and phrases within phrases are translated too."""
    language = best((tag,))
    found = joined(
        phrase("on-call", team="Guards"),
        phrase("not-taken", wait=5400),
        phrase("severity-now", severity="life_safety"),
    )

    shown = render_phrase(found, NO_NAMES, language)

    assert language.word("life_safety") in shown
    assert language.duration(5400) in shown
    assert not re.search(r"[{}]|_", shown)
    if tag == "en":
        assert shown == (
            "on call in Guards; not acknowledged for 1 h 30 min; severity is now life safety"
        )


def test_what_the_monitor_remembers_up_to_a_limit_is_a_word() -> None:
    """What has reached its limit is the id of a rule, or a word with a translation."""
    known = set(get_args(CappedMemory))
    found: set[str] = set()
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="MonitorKeysCapped"), keywords=rows):
                    found |= {
                        str(row.value.value) for row in rows if isinstance(row.value, ast.Constant)
                    }
                case _:
                    pass

    assert found == known
    assert known <= WORDS.keys()


def test_what_a_door_reports_has_words() -> None:
    """The plan shows it in the reader's language."""
    assert {TAMPER, FAULT, "open", "closed"} <= WORDS.keys()


def test_every_enumerated_word_is_in_every_catalogue() -> None:
    """A translation that equals the English is a unit or an abbreviation."""
    same = {"%", "A", "LOLER", "TLS", "V", "bar", "dB", "lx", "ppm", "°C"}

    for tag in ("vi", "ar"):
        for text in WORDS.values():
            assert best((tag,)).gettext(text) != text or text in same, (tag, text)


def test_phrases_of_older_versions_are_kept_as_written() -> None:
    """The journal may hold plain texts, or ids with arguments."""
    refused = b'{"type":"refused","at":"2026-01-01T08:00:00Z","who":"ann","act":"close","alert":"a","reason":"no such"}'
    old = msgspec.json.decode(refused, type=StaffRefused)
    new = StaffRefused(
        at=old.at, who="ann", act="close", alert="a", reason=phrase("shelve-too-long")
    )

    assert plain(old.reason) == "no such"
    assert msgspec.json.decode(msgspec.json.encode(new), type=StaffRefused) == new


def test_what_leaves_the_monitor_is_plain_english() -> None:
    """Other systems receive texts, not ids, also for the alerts within a page."""
    at = msgspec.convert("2026-01-01T08:00:00Z", type=StaffRefused.__annotations__["at"])
    alert = Alert(
        id="a",
        rule="r",
        key="d1",
        title="Door forced",
        severity="high",
        do="Go.",
        note=phrase("time-ran-out"),
        happened_at=at,
        raised_at=at,
        last_at=at,
    )
    page = PageOrdered(
        at=at, id="p", person="anna", kind="raised", reason=phrase("named"), alerts=(alert,)
    )

    found = in_english(page)

    assert found.reason == ENGLISH.sentence("named")
    assert found.alerts[0].note == "the time has run out"
    assert not isinstance(in_english(alert).note, Phrase)
