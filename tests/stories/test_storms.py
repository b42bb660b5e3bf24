"""Stories of storms and outages: too much at once, and much that comes late."""

from pathlib import Path

from monitor.core.transitions import PageOrdered
from tests.support.story import Story


def alerts(pages: list[PageOrdered], person: str) -> set[str]:
    """The alerts that somebody has been told of."""
    return {
        alert
        for page in pages
        if page.person == person
        for alert in (*(row.id for row in page.alerts), *page.more)
    }


def test_five_hundred_alerts_in_a_minute(tmp_path: Path) -> None:
    """Ten pages, then one summary of the rest: nobody's phone melts, and no alert is missing."""
    story = Story(tmp_path)
    story.play(
        """
        20:00:00  500 doors are forced within a minute
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:01      -> anna: raised, step 1: on call in guards
        20:01:01      -> anna: summary, 490 alerts after 10 pages in 5 min
        20:01:30  that is all
        """
    )

    assert len(alerts(story.pages, "anna")) == 500


def test_fires_are_never_put_together(tmp_path: Path) -> None:
    """Each of thirty alarms of life safety is a page of its own."""
    story = Story(tmp_path)
    story.happens("fire in 30 zones within a minute", story.moment("20:00:00"))

    assert len([row for row in story.pages if row.kind == "raised"]) == 30
    assert not [row for row in story.pages if row.kind == "summary"]


def test_everything_down_and_back(tmp_path: Path) -> None:
    """After an hour without power one digest tells what is so now and what was meanwhile; then the ladders go on."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  the monitor stops
        21:00:00  the monitor starts
        21:00:01  d2 tells that it was forced 50 minutes ago
        21:00:01  e1 tells that it was forced 40 minutes ago
        21:00:02  e1 is shut
        21:00:03  fire in hall
        21:00:03      -> anna: raised, step 1: on call in guards
        21:00:05  all is caught up
        21:00:05      -> anna: digest, 3 alerts from while the monitor was away or not told in time
        21:00:10  anna acknowledges hall
        21:02:05      -> anna: escalated, step 1: on call in guards; nobody took it for 2 min
        21:02:05      -> chi: escalated, step 2: on call in leaders; nobody took it for 2 min
        21:02:10  chi acknowledges d1
        21:02:11  anna acknowledges d2
        21:10:00  that is all
        """
    )


def test_a_broker_that_goes_and_comes(tmp_path: Path) -> None:
    """What waits for the rest waits a minute at the most, and a step that is due with it."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:40  the broker is back
        20:01:50  d2 is forced
        20:02:30  the broker is back
        20:02:40      -> anna: digest, 2 alerts from while the monitor was away or not told in time
        20:02:45  fire in hall
        20:02:45      -> anna: raised, step 1: on call in guards
        20:02:50  e1 is forced
        20:03:00  all is caught up
        20:03:00      -> anna: digest, 1 alert from while the monitor was away or not told in time
        20:03:10  anna acknowledges d1
        20:03:10  anna acknowledges d2
        20:03:10  anna acknowledges e1
        20:03:10  anna acknowledges hall
        20:10:00  that is all
        """
    )


def test_old_news(tmp_path: Path) -> None:
    """A gateway that was cut off sends what it had kept: it is told together, as old, a minute later."""
    Story(tmp_path).play(
        """
        20:00:00  d1 tells that it was forced 30 minutes ago
        20:00:20  d2 tells that it was forced 20 minutes ago
        20:01:00      -> anna: digest, 2 alerts from while the monitor was away or not told in time
        20:02:00  anna acknowledges d1
        20:02:00  anna acknowledges d2
        20:10:00  that is all
        """
    )
