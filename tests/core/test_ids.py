"""Derived ids: the same for the same thing, in every version."""

from monitor.core.ids import content_id, derived_id


def test_an_id_never_changes() -> None:
    """Journals, pages and webhook receivers identify things by their ids: every version must compute the same."""
    assert derived_id("door-forced", "hall-main", "2027-03-02T21:06:50+00:00") == "e78bfdb1c328fa6a"
    assert derived_id("*", "", "hall", "", size=4) == "dafd2b51"
    assert content_id(b"content", size=16) == "c681ff421fbd7af6dc373a7ced20fbeb"


def test_parts_are_kept_apart() -> None:
    """Moving text from one part to the next gives another id."""
    assert derived_id("a", "bc") != derived_id("ab", "c")
