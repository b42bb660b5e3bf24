"""Rules that span deployments: a group of two raises what one machine with both venues raises."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from monitor.adapters import Translator
from monitor.cluster.log import LogWriter
from monitor.cluster.records import LoggedInput, RulesNamed, decode_logged, encode
from monitor.cluster.site import Site
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import AlertChanged, Transition
from monitor.mqtt import Message
from tests.support.cluster import SETTINGS, Contents
from tests.support.pipeline import (
    START,
    Anybody,
    PipelineHarness,
    event_payload,
    trial_rule_set,
)

GROUP = "company"
POINTS = {"g1": "centre", "g2": "centre", "x1": "annex"}
"""Entrances with their sites: each site is a deployment of its own in the cluster."""


def rules_of_group() -> RuleSet:
    """What the group watches, in a venue that has both sites."""
    whole = trial_rule_set()
    return replace(whole, rules=tuple(row for row in whole.rules if row.id == "impossible-travel"))


def passages(seed: int) -> Iterator[Message]:
    """Three people walk between both sites, faster than they can; some messages come late, and some twice."""
    random, now = Random(seed), START
    for n in range(120):
        now += timedelta(seconds=random.choice((0.5, 5, 60, 200, 900)))
        point = random.choice([*POINTS])
        at = now - timedelta(seconds=random.choice((0, 0, 1, 30)))
        holder = random.choice(("h1", "h2", "h3"))
        payload = event_payload(
            "access.taken", at, point=point, holder=holder, direction="in", id=str(n)
        )
        topic = f"venue/{POINTS[point]}/access/{point}"
        message = Message(topic, payload, retained=False, received_at=now)
        yield from [message] * random.choice((1, 1, 2))


def raised(found: Sequence[Transition]) -> list[tuple[str, str, int]]:
    """What happened to alerts."""
    return [
        (row.change.value, row.alert.key, row.alert.occurrences)
        for row in found
        if isinstance(row, AlertChanged)
    ]


def of_one_machine(folder: Path, seed: int) -> list[tuple[str, str, int]]:
    """What one machine raises that has both sites."""
    with PipelineHarness(folder / "journal.db", rule_set=rules_of_group()) as line:
        for message in passages(seed):
            line.clock.time = message.received_at
            line.take(message)
        line.wait(3600)
        return raised([row.transition for row in line.journal.transitions(0, 10_000)])


def of_group(seed: int) -> list[tuple[str, str, int]]:
    """What the group of two deployments raises, each with an inbox."""
    contents = Contents()
    writers = {site: LogWriter(site, Translator([]), Anybody(), GROUP) for site in POINTS.values()}
    group = Site(GROUP, SETTINGS, contents)
    named = RulesNamed(received_at=START, who="test", digest=contents.put(rules_of_group()))
    out = group.take(LoggedInput(site=GROUP, received_at=START, input=named))
    now = START
    for message in passages(seed):
        now = message.received_at
        records = writers[message.topic.split("/")[1]].message(message, now)
        for record in records:
            if record.site == GROUP:
                out += group.take(decode_logged(encode(record)))
    end = now + timedelta(hours=1)
    while (due := group.deadline) is not None and due <= end:
        found = group.tick(max(due, group.engine.state.time.now))
        out += [] if found is None else [found]
    return raised([row for outcome in out for row in outcome.transitions])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_group_raises_what_one_machine_raises(tmp_path: Path, seed: int) -> None:
    """Late, disordered and repeated messages of both inboxes in between."""
    expected = of_one_machine(tmp_path, seed)
    assert of_group(seed) == expected
    assert len(expected) > 5


def test_only_badges_go_to_the_group() -> None:
    """A door's message goes to its site alone, and so does all that the group's own inbox takes in."""
    door = Message(
        "venue/centre/door/d1",
        event_payload("door.opened", START, point="d1"),
        retained=False,
        received_at=START,
    )
    (badge, *_) = passages(1)
    found = {
        site: [
            [
                row.site
                for row in LogWriter(site, Translator([]), Anybody(), GROUP).message(m, START)
            ]
            for m in (door, badge)
        ]
        for site in ("centre", GROUP)
    }
    assert found == {"centre": [["centre"], ["centre", GROUP]], GROUP: [[GROUP], [GROUP]]}
