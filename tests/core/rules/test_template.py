"""Templates of titles: what they say in general, without the values of one alert."""

import pytest

from monitor.core.rules.template import in_general


@pytest.mark.parametrize(
    ("text", "general"),
    [
        ("Door forced open: {point}", "Door forced open: …"),
        ("{n} messages missing[ (no. {first})]", "… messages missing"),
        ("Fire alarm", "Fire alarm"),
        ("Set {{by hand}}", "Set {by hand}"),
    ],
)
def test_a_title_in_general(text: str, general: str) -> None:
    """A field is an ellipsis, and what is optional is left out."""
    assert in_general(text) == general
