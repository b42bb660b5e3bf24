"""Stories of alert floods and outages: too much at once, and much that arrives late."""

from collections import Counter
from pathlib import Path

from monitor.core.transitions import PageOrdered
from tests.support.story import Story, forced, opened


def alerts(pages: list[PageOrdered], person: str) -> set[str]:
    """Return the alerts about which a person has been paged."""
    return {
        alert
        for page in pages
        if page.person == person
        for alert in (*(row.id for row in page.alerts), *page.more)
    }


def test_five_hundred_alerts_in_a_minute(tmp_path: Path) -> None:
    """There are ten pages and one summary of the rest, and no alert is missing."""
    story = Story(tmp_path, doors=500)
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
        20:01:01      -> anna: summary, alerts held back after 10 pages in 5 min: 490
        20:01:30  that is all
        """
    )

    assert len(alerts(story.pages, "anna")) == 500


def test_a_critical_page_never_waits_behind_lower_ones(tmp_path: Path) -> None:
    """After a flood of medium alerts has used up its allowance, a critical one still goes out in the same second."""
    story = Story(tmp_path)
    began = story.at("20:00:00")
    for n in range(30):
        opened(story, began, f"s{n}")
    forced(story, story.at("20:00:20"), "d1")
    (page,) = [row for row in story.pages if row.alerts[0].severity == "critical"]
    assert (page.kind, page.at) == ("raised", story.at("20:00:20"))
    story.until(story.at("20:01:30"))
    (summary,) = [row for row in story.pages if row.kind == "summary"]
    assert {row.severity for row in summary.alerts} == {"medium"}
    assert len(summary.alerts) + len(summary.more) == 20


def test_each_severity_has_its_own_summary(tmp_path: Path) -> None:
    """A flood of critical alerts takes nothing from the others' allowance, and its summary holds no other."""
    story = Story(tmp_path)
    began = story.at("20:00:00")
    for n in range(12):
        forced(story, began, f"x{n}")
        opened(story, began, f"s{n}")
    story.until(story.at("20:01:30"))
    kinds = Counter(
        (row.kind, row.alerts[0].severity) for row in story.pages if row.at < story.at("20:01:30")
    )
    assert kinds[("raised", "critical")] == kinds[("raised", "medium")] == 10
    summaries = [row for row in story.pages if row.kind == "summary"]
    assert [{row.severity for row in page.alerts} for page in summaries] == [
        {"critical"},
        {"medium"},
    ]


def test_fires_are_never_put_together(tmp_path: Path) -> None:
    """Each of thirty life safety alerts is a page of its own."""
    story = Story(tmp_path, zones=30)
    story.happens("fire in 30 zones within a minute", story.at("20:00:00"))

    assert len([row for row in story.pages if row.kind == "raised"]) == 30
    assert not [row for row in story.pages if row.kind == "summary"]


def test_fires_in_unknown_zones_are_one_page(tmp_path: Path) -> None:
    """Invented zones share one page of their site; the fire in a real zone has its own."""
    story = Story(tmp_path)
    story.happens("fire in 2000 zones within a minute", story.at("20:00:00"))
    story.happens("fire in hall", story.at("20:02:00"))

    raised = [row.alerts[0] for row in story.pages if row.kind == "raised"]
    assert [row.zone for row in raised if row.rule == "fire"] == ["z0", "hall"]
    assert not [row for row in story.pages if row.kind == "summary"]


def test_a_real_door_is_paged_in_a_flood_of_names(tmp_path: Path) -> None:
    """The rule has a hundred alerts about invented doors, and the page about the real one still comes."""
    story = Story(tmp_path)
    story.happens("2000 doors are forced within a minute", story.at("20:00:00"))
    story.happens("d1 is forced", story.at("20:20:00"))

    forced = [row for row in story.engine.state.alerts.open.values() if row.rule == "forced"]
    assert len(forced) == 101
    assert story.alert("d1") in alerts(story.pages, "anna")


def test_everything_down_and_back(tmp_path: Path) -> None:
    """After an hour without power one digest lists what is active and what happened; then escalation continues."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  the monitor stops
        21:00:00  the monitor starts
        21:00:01  d2 reports that it was forced 50 minutes ago
        21:00:01  e1 reports that it was forced 40 minutes ago
        21:00:02  e1 is shut
        21:00:03  fire in hall
        21:00:03      -> anna: raised, step 1: on call in guards
        21:00:05  all is caught up
        21:00:05      -> anna: digest, alerts raised while the monitor was down, or reported late: 3
        21:00:10  anna acknowledges hall
        21:02:05      -> anna: escalated, step 1: on call in guards; not acknowledged for 2 min
        21:02:05      -> chi: escalated, step 2: on call in leaders; not acknowledged for 2 min
        21:02:10  chi acknowledges d1
        21:02:11  anna acknowledges d2
        21:10:00  that is all
        """
    )


def test_a_broker_that_goes_and_comes(tmp_path: Path) -> None:
    """Pages that wait for the backlog wait a minute at most, and so does a step that falls due meanwhile."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:40  the broker is back
        20:01:50  d2 is forced
        20:02:30  the broker is back
        20:02:40      -> anna: digest, alerts raised while the monitor was down, or reported late: 2
        20:02:45  fire in hall
        20:02:45      -> anna: raised, step 1: on call in guards
        20:02:50  e1 is forced
        20:03:00  all is caught up
        20:03:00      -> anna: digest, raised while the monitor was down, or reported late
        20:03:10  anna acknowledges d1
        20:03:10  anna acknowledges d2
        20:03:10  anna acknowledges e1
        20:03:10  anna acknowledges hall
        20:10:00  that is all
        """
    )


def test_old_news(tmp_path: Path) -> None:
    """A gateway that was cut off sends its stored events: they are paged together a minute later, marked as late."""
    Story(tmp_path).play(
        """
        20:00:00  d1 reports that it was forced 30 minutes ago
        20:00:20  d2 reports that it was forced 20 minutes ago
        20:01:00      -> anna: digest, alerts raised while the monitor was down, or reported late: 2
        20:02:00  anna acknowledges d1
        20:02:00  anna acknowledges d2
        20:10:00  that is all
        """
    )
