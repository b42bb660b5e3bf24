"""docs/operations.md is complete and correct: every metric and every alert."""

import re

from monitor.runtime.metrics import Metrics
from tests.support.chaos_stream import rule_set
from tests.support.pipeline import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()


def test_exactly_the_metrics_are_explained() -> None:
    """Each metric is listed under the name with which it is served."""
    metrics = Metrics()
    served = set()
    for family in metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        served.add(name)
    shown = set(re.findall(r"^\| `(venue_\w+)", PAGE, re.MULTILINE))

    assert shown == served


def test_every_alert_that_it_names_is_a_rule() -> None:
    """The page names only alerts that exist, so that no one looks for others."""
    named = set(re.findall(r"[Aa]lert `([a-z-]+)`", PAGE))

    assert named
    assert named <= {rule.id for rule in rule_set().rules}
