"""Every shipped rule speaks the languages of the example congress."""

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
    """The fields that a title names."""
    return {name for _, name, _, _ in Formatter().parse(title) if name}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_title_says_the_same_in_every_language(rule: Rule) -> None:
    """None is missing, and each names what the English one does: where, who, how many, until when."""
    first, *others = LANGUAGES

    assert rule.titles.keys() == set(others), first
    assert {language: fields(title) for language, title in rule.titles.items()} == dict.fromkeys(
        others, fields(rule.title)
    )
