"""docs/operations.md names what there is: every figure, every alert, and a unit that systemd can read."""

import re
from configparser import ConfigParser

from monitor.runtime.metrics import Metrics
from tests.support.chaos_stream import book
from tests.support.pipeline import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()


def test_every_figure_is_explained_and_no_other() -> None:
    """Whoever sets up Prometheus finds each name, with its labels, as it is served."""
    metrics = Metrics()
    served = set()
    for family in metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        served.add(name)
    shown = set(re.findall(r"^\| `(venue_\w+)", PAGE, re.MULTILINE))

    assert shown == served


def test_every_alert_that_it_names_is_a_rule() -> None:
    """Nobody looks for an alert that can't come."""
    named = set(re.findall(r"[Aa]lert `([a-z-]+)`", PAGE))

    assert named
    assert named <= {rule.id for rule in book().rules}


def test_the_unit_can_be_read() -> None:
    """It runs our command, tells systemd how it fares, and doesn't try again what a person has to mend."""
    unit = ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)[0])

    assert set(unit.sections()) == {"Unit", "Service", "Install"}
    assert unit["Service"]["ExecStart"].endswith("/venue-monitor --config config.toml run")
    assert unit["Service"]["Type"] == "notify"
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
