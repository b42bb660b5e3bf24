"""Numbers in a language: whatever a device sends can be shown."""

import pytest

from monitor.core.rules.title import render
from monitor.core.venue.display_names import NO_NAMES
from monitor.texts import best


@pytest.mark.parametrize("tag", ["en", "vi", "ar"])
@pytest.mark.parametrize("value", ["1.5e+30", "-1.5e+300", "1.797693134e+308"])
def test_a_number_of_any_size_can_be_shown(tag: str, value: str) -> None:
    """A reading out of all proportion is shown by its power of ten, and does not stop the monitor."""
    shown = render("{value}", {"value": value}, NO_NAMES, best((tag,)))

    assert "e+" in shown


def test_numbers_that_count_something_are_shown_in_full() -> None:
    """A number is rounded to one decimal, up to fifteen digits before it."""
    shown = render("{value}", {"value": "99999999999.96"}, NO_NAMES, best(("en",)))

    assert shown == "100000000000"
