"""Times as arguments of commands."""

from datetime import UTC, datetime

import pytest

from monitor.cli.arguments import parse_time
from monitor.errors import ConfigError

NOW = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "999999999d", "2026-03-27T10:00", "soon"],
)
def test_an_invalid_time_is_refused(text: str) -> None:
    """The error names the option, even at the ends of the calendar."""
    with pytest.raises(ConfigError, match=f'^--at: "{text}" is not a time; write e.g. 30m'):
        parse_time(text, NOW, "--at")
