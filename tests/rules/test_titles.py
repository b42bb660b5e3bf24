"""The title of every shipped rule reads well in every language: names, local times, and no gaps."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.rules.model import Rule, RuleSet
from monitor.core.rules.title import MISSING
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import Agency, Device, Point, Post, Round, Site, Venue, Zone
from monitor.rules.file import RuleFiles
from monitor.rules.inline_tests import alerts_of
from monitor.rules.read import load
from monitor.texts import best, plain, title

Row = Site | Zone | Point | Device | Checklist | Post | Round | Agency
ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "vi", "ar")
FREE = ("reason", "report", "hint", "source", "subject")
"""Fields of the sender's own, whose values in the tests are ids of the venue by chance, and the id that was meant."""
ISOLATES = re.compile("[\u2068\u2069]")
LEFTOVERS = re.compile(r"[{}\[\]]|\bNone\b|  |_|\d [%]|\d\.\d\d|\d{4}-\d\d-\d\d|^ | $|[:,;]$|\(\)")


@cache
def rules() -> RuleFiles:
    """The rules of the repository."""
    return load(ROOT / "rules")


def named_rows(venue: Venue) -> Iterator[Row]:
    """Every part of the venue with an id and a name."""
    yield from venue.sites
    yield from venue.zones
    yield from venue.points
    yield from venue.devices
    yield from venue.checklists
    yield from venue.posts
    yield from venue.rounds
    yield from venue.agencies


@cache
def ids(venue: Venue) -> re.Pattern[str]:
    """Every id of a venue, as a word of its own; the stations of a patrol have no names."""
    known = [row.id for row in named_rows(venue)]
    known += [item.id for checklist in venue.checklists for item in checklist.items]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(known)))})(?![\w-])")


def without_names(text: str, venue: Venue) -> str:
    """A text without the names of the venue, whose words may be ids as well."""
    names = [row.name for row in named_rows(venue)]
    names += [item.text for checklist in venue.checklists for item in checklist.items]
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


def raised(rule: Rule) -> list[Alert]:
    """The alerts of a rule's own tests, as they were raised and as they changed."""
    files = rules()
    rule_set = RuleSet(
        rules=files.rules, facts=files.facts, names=files.names, venue=files.test_venue
    )
    tests = [test for test in files.tests if test.rule == rule.id]
    return [alert for test in tests for alert in alerts_of(rule_set, test)]


@pytest.mark.parametrize("rule", load(ROOT / "rules").rules, ids=lambda rule: rule.id)
def test_a_title_reads_well_in_every_language(rule: Rule) -> None:
    """No id of the venue, no placeholder, no internal word, no needless digits."""
    venue = rules().test_venue
    alerts = raised(rule)
    assert alerts, "its tests raise it"

    for tag in LANGUAGES:
        for alert in alerts:
            shown = ISOLATES.sub("", title(alert, rule, DisplayNames(venue), best((tag,))))
            own = rule.title if tag == "en" else rule.titles[tag]
            named = ids(venue)
            assert not LEFTOVERS.search(shown), (tag, shown)
            free = [plain(alert.values.get(field, "")) or "\0" for field in FREE]
            rest = re.sub("|".join(map(re.escape, free)), "", without_names(shown, venue))
            assert not named.search(rest), (tag, shown)
            assert shown.count("unknown") == own.count("unknown"), (tag, shown)
            assert MISSING not in shown, (tag, shown)
            assert len(shown) <= 160, (tag, shown)


def test_the_stored_title_is_the_english_one() -> None:
    """The stored title is in English, for readers of other languages; alerts of older versions keep theirs."""
    rule = next(row for row in rules().rules if row.id == "door-forced")
    alert = raised(rule)[0]

    assert alert.title == "Door forced open: Door of the hall"
    assert alert.values["point"] == "d1"
    old = replace(alert, title="d1 forced open", values={})
    assert title(old, rule, DisplayNames(rules().test_venue), best(("vi",))) == "d1 forced open"
