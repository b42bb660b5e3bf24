"""A record that a site can't take in is an alert there, and not only a dead letter."""

from datetime import timedelta

from monitor.cluster.records import LoggedInput, RulesNamed
from monitor.cluster.site import Site
from monitor.core.transitions import AlertChanged
from tests.support.cluster import SETTINGS, Contents
from tests.support.engine import RULE_SET
from tests.support.pipeline import START


def test_it_is_an_alert() -> None:
    """With the error as its reason, which is cut if it is long; it counts as one of the site's outcomes."""
    contents = Contents()
    site = Site("trial", SETTINGS, contents)
    named = RulesNamed(received_at=START, who="test", digest=contents.put(RULE_SET))
    site.take(LoggedInput(site="trial", received_at=START, input=named))
    at = START + timedelta(minutes=1)

    (outcome,) = site.report_failure("KeyError: " + "x" * 1000, at)

    assert (outcome.n, outcome.entry.received_at) == (2, at)
    (raised,) = [row.alert for row in outcome.transitions if isinstance(row, AlertChanged)]
    assert (raised.rule, raised.key) == ("sink-refused", "site")
    assert "KeyError: xxx" in raised.title
    assert len(raised.title) < 400


def test_a_site_that_is_none_yet_stays_none() -> None:
    """Garbage under a name that nobody has used must not keep a site of that name from being brought over."""
    site = Site("trial", SETTINGS, Contents())
    assert site.report_failure("ValidationError: x", START) == []
