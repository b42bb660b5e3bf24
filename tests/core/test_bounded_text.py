"""Overlong text from a stranger does not make a long title, alert or page."""

import msgspec

from monitor.core.bounded_text import LONGEST, LONGEST_REASON, short_id
from monitor.core.inputs import Rejected
from monitor.texts import in_english
from tests.support.engine import SHIPPED, EngineHarness, at, rule_set

(REJECTED,) = (row for row in SHIPPED.rules if row.id == "rejected-input")


def test_a_long_topic_makes_no_long_alert() -> None:
    """Two long topics that begin alike are still two alerts; title, key and alert on the broker are short."""
    harness = EngineHarness(rule_set(REJECTED))
    for end in ("a", "b"):
        topic = "venue/" + "x" * 60_000 + end
        harness.step(Rejected(received_at=at(0), source=topic, reason="r" * 60_000))
    harness.tick(10)
    alerts = harness.alerts("rejected-input")
    assert len({row.key for row in alerts}) == len(alerts) == 2
    for row in alerts:
        assert len(row.key) <= LONGEST
        assert len(row.title) <= 2 * LONGEST + 50
        assert len(msgspec.json.encode(in_english(row))) < 2 * (LONGEST + LONGEST_REASON) + 2_000


def test_short_ids_stay_as_they_are() -> None:
    """Only what is too long is cut."""
    assert short_id("venue/centre/door/d1") == "venue/centre/door/d1"
