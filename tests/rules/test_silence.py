"""No shipped rule on readings, posts or rounds falls silent when its messages stop, or come in another unit."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.alert import Condition
from monitor.core.compile.validate import definition_mistakes
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.operators import build
from monitor.core.rules.model import Hold, Rule, RuleSet
from monitor.rules.inline_tests import RuleTest, play
from monitor.venue import load as load_venue
from tests.support.engine import SHIPPED, EngineHarness, at, on, rule

REPORTED = ("reading.", "post.", "round.", "zone.staffed")
"""What people and instruments send again and again, without a device whose silence would be noticed."""
BY_ID = {row.id: row for row in SHIPPED.rules}
TRIAL = RuleSet(
    rules=SHIPPED.rules, facts=SHIPPED.facts, names=SHIPPED.names, venue=SHIPPED.test_venue
)
LATER = timedelta(days=3)


def selected(row: Rule) -> list[str]:
    """The event types that a rule selects."""
    return [kind for _, part in build(row).selectors() for kind in part.on]


def needs_reports(row: Rule) -> bool:
    """Return whether a rule depends on such messages, and does not itself fire when they stop."""
    return row.absence is None and any(kind.startswith(REPORTED) for kind in selected(row))


CONCERNED = [row for row in SHIPPED.rules if needs_reports(row)]


@pytest.mark.parametrize("row", CONCERNED, ids=lambda row: row.id)
def test_a_rule_names_what_fires_on_silence_or_says_why_nothing_does(row: Rule) -> None:
    """Each rule has one of the two keys."""
    assert row.silence_rules or row.silence_why


@pytest.mark.parametrize(
    ("row", "name"),
    [(row, name) for row in CONCERNED for name in row.silence_rules],
    ids=lambda part: part if isinstance(part, str) else part.id,
)
def test_silence_after_the_messages_of_a_rule_raises(row: Rule, name: str) -> None:
    """After the events of one of the rule's own tests, nothing follows: the named rule fires."""
    own = [test for test in SHIPPED.tests if test.rule == row.id]
    silent = [replace(test, rule=name, until=LATER) for test in own]
    found = [line for test in silent for line in play(TRIAL, test)]

    assert any(" raised " in line for line in found)


def alive(harness: EngineHarness, senders: frozenset[str]) -> set[tuple[str, str]]:
    """Let only these devices send for 30 hours; return the rule and key of each alert that is active then."""
    for minute in range(0, 30 * 60, 30):
        beats = [DeviceHeartbeat(at=at(60 * minute), device=name) for name in sorted(senders)]
        harness.receive(*beats, seconds=60 * minute)
    return {
        (row.rule, row.key)
        for row in harness.engine.state.alerts.open.values()
        if row.condition is Condition.ACTIVE
    }


def test_everything_in_the_venue_file_that_was_never_heard_is_noticed() -> None:
    """From the first start on: each device, unless one alert tells of its gateway; each post, round and checklist."""
    venue = load_venue(Path(__file__).parents[2] / "venue.toml")
    devices = tuple(replace(row, silence_limit=timedelta(hours=1)) for row in venue.devices)
    daily = tuple(replace(row, interval=timedelta(hours=24)) for row in venue.checklists)
    venue = replace(
        venue, congress=replace(venue.congress, phase="live"), devices=devices, checklists=daily
    )
    gateways = frozenset(row.gateway for row in devices if row.gateway)
    for senders in (frozenset[str](), gateways):
        rules = replace(TRIAL, venue=venue)
        found = alive(EngineHarness(rules), senders)

        for device in devices:
            is_noticed = ("device-silent", device.id) in found
            assert is_noticed == (device.id not in senders and device.gateway in {"", *senders})
        for rule_id, rows in (
            ("post-unreported", venue.posts),
            ("round-missing", venue.rounds),
            ("checklist-not-done", daily),
        ):
            assert {(rule_id, row.id) for row in rows} <= found
            assert rows


def limited() -> list[str]:
    """The quantities that shipped rules compare with a limit."""
    wheres = [
        part.where
        for row in SHIPPED.rules
        if row.hold is not None and "reading.recorded" in selected(row)
        for _, part in build(row).selectors()
    ]
    return sorted(
        {found for where in wheres for found in re.findall(r'quantity == "(.*?)"', where)}
    )


@pytest.mark.parametrize("quantity", limited())
def test_a_quantity_with_a_limit_raises_in_another_unit_and_when_it_stops(quantity: str) -> None:
    """A value in a unit that no limit can be compared with raises an alert, and so do readings that stop."""
    line = f"+0s reading.recorded asset=a1 quantity={quantity} value=1 unit=unknown"
    rules = [row.id for row in SHIPPED.rules if "reading.recorded" in selected(row)]
    tests = {
        name: RuleTest(rule=name, name="", events=(line,), expect=(), until=LATER) for name in rules
    }
    raised = {name for name, test in tests.items() if play(TRIAL, test)}

    assert {BY_ID[name].absence is not None for name in raised} == {True, False}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"silence_rules": ["other"]}, 'silence_rules: unknown rule "other"'),
        ({"silence_rules": ["rule"], "silence_why": "no"}, "silence_why: says why no rule fires"),
    ],
)
def test_wrong_keys_are_mistakes(parts: dict[str, object], message: str) -> None:
    """An unknown rule is a mistake, and so are both keys at once."""
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than="1s")
    (found,) = definition_mistakes([rule(hold=hold, **parts)], [])

    assert found.fault.message.startswith(message)
