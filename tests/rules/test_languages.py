"""Every shipped rule has titles and procedures in the languages of the example congress."""

import re
from pathlib import Path
from string import Formatter

import pytest

from monitor.core.rules.model import Rule
from monitor.rules.read import load
from monitor.venue import load as load_venue

ROOT = Path(__file__).parents[2]
RULES = load(ROOT / "rules").rules
LANGUAGES = load_venue(ROOT / "venue.toml").congress.languages


def fields(title: str) -> set[str]:
    """The fields that a title uses."""
    return {name for _, name, _, _ in Formatter().parse(title) if name}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_title_has_the_same_fields_in_every_language(rule: Rule) -> None:
    """A title has the same fields in every language: where, who, how many, until when."""
    first, *others = LANGUAGES

    assert rule.titles.keys() == set(others), first
    assert {language: fields(title) for language, title in rule.titles.items()} == dict.fromkeys(
        others, fields(rule.title)
    )


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_says_why_in_every_language(rule: Rule) -> None:
    """Whoever acts on an alert reads where its figures come from, with the standards and keys of the original."""
    _, *others = LANGUAGES

    assert rule.whys.keys() == set(others)
    for language, text in rule.whys.items():
        assert text != rule.why
        for name in re.findall(r"`[^`]+`|venue\.toml|\b[A-Z]{3,} \d[\d.]*\d", rule.why):
            assert name in text, language


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_procedure_has_the_same_steps_in_every_language(rule: Rule) -> None:
    """A procedure has up to six steps, each a complete sentence; none is left in English."""
    first, *others = LANGUAGES

    assert rule.dos.keys() == set(others), first
    assert 1 <= len(rule.steps) <= 6
    for language, steps in rule.dos.items():
        assert len(steps) == len(rule.steps), language
        assert not set(steps) & set(rule.steps), language
    for step in (*rule.steps, *(step for steps in rule.dos.values() for step in steps)):
        assert step.rstrip("”»)`").endswith((".", "؟", "?", "!")), step
