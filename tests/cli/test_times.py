"""The times that people give to commands."""

from datetime import UTC, datetime

import pytest

from monitor.cli.handle import until
from monitor.errors import ConfigError

NOW = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "999999999d", "2026-03-27T10:00", "soon"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """By the option's own name, also where the calendar ends."""
    with pytest.raises(ConfigError, match=f'^--at: "{text}" is no time; write e.g. 30m'):
        until(text, NOW, "--at")
