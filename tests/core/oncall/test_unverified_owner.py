"""A name that is in no roster keeps no one from being paged; the sender receives the reason."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.events import ReceivedEvent
from monitor.core.events.commands import StaffAcknowledge, StaffClose, StaffMask, StaffShelve
from monitor.core.inputs import Arrival
from monitor.core.transitions import StaffRefused
from monitor.texts import plain
from tests.support.story import Story, forced

HOUR = timedelta(hours=1)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """The door d1 has been forced."""
    story = Story(tmp_path)
    forced(story, story.at("20:00:00"), "d1")
    return story


def refusal(story: Story, event: ReceivedEvent) -> str:
    """Return why a command is refused; empty if it isn't."""
    given = Arrival(received_at=event.at, source="story", events=(event,))
    return " ".join(
        plain(row.reason) for row in story.engine.step(given) if isinstance(row, StaffRefused)
    )


def test_it_is_marked_until_a_known_person_takes_the_alert(story: Story) -> None:
    """The stranger's name is shown as unverified, and can't take the alert from anna afterwards."""
    at, alert = story.at("20:01:00"), story.alert("d1")
    assert refusal(story, StaffAcknowledge(at=at, who="eve", alert=alert)) == ""
    row = story.engine.state.alerts.open[alert]
    assert (row.owner, row.unverified, row.needs_owner) == ("eve", True, True)
    assert refusal(story, StaffAcknowledge(at=at, who="anna", alert=alert)) == ""
    row = story.engine.state.alerts.open[alert]
    assert (row.owner, row.unverified, row.needs_owner) == ("anna", False, False)
    assert "“eve”" in refusal(story, StaffAcknowledge(at=at, who="eve", alert=alert))


def test_it_hides_and_closes_nothing_that_lasts(story: Story) -> None:
    """A stranger cannot shelve, mask or close, because that would end the calls."""
    at, alert = story.at("20:01:00"), story.alert("d1")
    for event in (
        StaffShelve(at=at, who="eve", alert=alert, until=at + HOUR, reason="quiet"),
        StaffClose(at=at, who="eve", alert=alert, note="done"),
        StaffMask(at=at, who="eve", what="*", point="d1", until=at + HOUR, reason="quiet"),
    ):
        assert refusal(story, event) == "there is no person “eve” in roster.toml"
    assert story.engine.state.alerts.open[alert].handling == "new"
