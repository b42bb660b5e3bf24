"""The colours of the severities on a terminal: those of the console's chips and of the dashboards."""

from collections.abc import Mapping

from monitor.core.rules.model import Severity

COLOURS: Mapping[Severity, str] = {
    "life_safety": "bold #ffffff on #8f3bb8",
    "critical": "bold #ffffff on #c62828",
    "high": "bold #14171a on #d95f00",
    "medium": "bold #14171a on #f9b800",
    "low": "bold #ffffff on #1565c0",
}
"""As styles of rich. A severity always stands there as a word, too."""
