"""Stories of people who pass an alert on, or call for more: who is paged, and what happens if no one hears of it."""

from pathlib import Path

from tests.support.story import Story


def test_the_new_owner_is_paged_once(tmp_path: Path) -> None:
    """The new owner is paged at once, even in quiet hours, and no one else is paged until it is over."""
    Story(tmp_path).play(
        """
        22:30:00  d1 is forced
        22:30:00      -> anna: raised, step 1: on call in guards
        22:31:00  anna hands d1 over to chi
        22:31:00      -> chi: handed_over, step 1: handed over by anna
        22:40:00  d1 is shut
        22:40:00      -> anna: cleared, d1: the condition has ended
        22:40:00      -> chi: cleared, d1: the condition has ended
        23:30:00  that is all
        """
    )


def test_the_escalation_is_the_new_owners(tmp_path: Path) -> None:
    """If the alert is still active after 15 minutes, the new owner and the next step are paged."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna acknowledges d1
        20:10:00  anna hands d1 over to dung
        20:10:00      -> dung: handed_over, step 1: handed over by anna
        20:25:00      -> chi: escalated, step 2: on call in leaders; acknowledgement by dung has run out
        20:25:00      -> dung: escalated, step 2: acknowledged it before; acknowledgement by dung has run out
        20:26:00  that is all
        """
    )


def test_a_page_to_the_new_owner_that_fails_makes_the_alert_new(tmp_path: Path) -> None:
    """An owner who can't know of the alert does not keep the next step from being paged."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna hands d1 over to dung
        20:01:00      -> dung: handed_over, step 1: handed over by anna
        20:03:00  the page to dung can't be delivered
        20:03:00      -> chi: escalated, step 2: on call in leaders; the page to dung was not delivered
        20:04:00  chi acknowledges d1
        20:18:00  that is all
        """
    )


def test_a_failed_page_to_a_former_owner_changes_nothing(tmp_path: Path) -> None:
    """Someone has taken the alert meanwhile: it stays theirs."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna hands d1 over to dung
        20:01:00      -> dung: handed_over, step 1: handed over by anna
        20:02:00  chi acknowledges d1
        20:03:00  the page to dung can't be delivered
        20:16:00  that is all
        """
    )


def test_a_hand_over_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Only a person who can be paged becomes the owner, and only people in the roster may hand an alert over."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna hands d1 over to eve
        20:01:00      -> anna: refused: there is no person “eve” in roster.toml
        20:01:10  eve hands d1 over to chi
        20:01:10      -> eve: refused: there is no person “eve” in roster.toml
        20:01:20  anna hands d1 over to anna
        20:01:30  bao hands d1 over to anna
        20:01:30      -> bao: refused: anna has it already
        20:16:00  that is all
        """
    )


def test_someone_calls_the_next_step(tmp_path: Path) -> None:
    """The next step is paged at once; if no one acknowledges, the escalation goes on from there."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:30  anna escalates d1
        20:00:30      -> chi: escalated, step 2: on call in leaders; escalated by anna
        20:05:30      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 5 min
        20:19:00  that is all
        """
    )


def test_no_step_is_left(tmp_path: Path) -> None:
    """Beyond the fallback there is no one: the officer is told who has been notified."""
    story = Story(tmp_path)
    story.play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:30  anna escalates d1
        20:00:30      -> chi: escalated, step 2: on call in leaders; escalated by anna
        20:01:00  anna escalates d1
        20:01:00      -> dung: escalated, step 3: named in the escalation policy; escalated by anna
        """
    )
    story.happens("anna escalates d1", story.at("20:02:00"))

    assert story.seen[-1] == (
        "20:02:00 anna: refused: no further step of the escalation policy reaches anyone; "
        "notified so far: anna, chi, dung"
    )


def test_an_owner_calls_the_next_step(tmp_path: Path) -> None:
    """The alert stays with its owner, and their acknowledgement runs out when it would have."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna acknowledges d1
        20:02:00  anna escalates d1
        20:02:00      -> chi: escalated, step 2: on call in leaders; escalated by anna
        20:16:00      -> dung: escalated, step 3: named in the escalation policy; acknowledgement by anna has run out
        20:16:00      -> anna: escalated, step 3: acknowledged it before; acknowledgement by anna has run out
        20:20:00  that is all
        """
    )


def test_a_called_step_that_is_not_reached_is_followed_by_the_next(tmp_path: Path) -> None:
    """An owner who calls for help gets the next step, although the alert has an owner."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna acknowledges d1
        20:02:00  anna escalates d1
        20:02:00      -> chi: escalated, step 2: on call in leaders; escalated by anna
        20:03:00  the page to chi can't be delivered
        20:03:00      -> dung: escalated, step 3: named in the escalation policy; the page to chi was not delivered
        20:10:00  that is all
        """
    )


def test_a_called_step_never_waits_for_quiet_hours(tmp_path: Path) -> None:
    """Someone wants help now: the fallback of an alert that could wait is paged in the night."""
    Story(tmp_path).play(
        """
        23:00:00  the case of r1 is opened
        23:30:00  anna escalates r1
        23:30:00      -> dung: escalated, step 2: named in the escalation policy; escalated by anna
        23:40:00  that is all
        """
    )
