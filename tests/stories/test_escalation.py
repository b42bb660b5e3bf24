"""Stories of escalation: who is paged about an alert, and who is paged next if no one acknowledges."""

from datetime import timedelta
from pathlib import Path

from tests.support.engine import rule
from tests.support.story import DOOR, Story


def test_no_one_acknowledges(tmp_path: Path) -> None:
    """The guards are paged twice, then the leader, then the fallback, again and again."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:02:00      -> anna: escalated, step 1: on call in guards; not acknowledged for 2 min
        20:04:00      -> chi: escalated, step 2: on call in leaders; not acknowledged for 2 min
        20:09:00      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 5 min
        20:24:00      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 15 min
        20:39:00      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 15 min
        20:40:00  d1 is shut
        20:40:00      -> anna: cleared, d1: the condition has ended
        20:40:00      -> chi: cleared, d1: the condition has ended
        20:40:00      -> dung: cleared, d1: the condition has ended
        21:30:00  that is all
        """
    )


def test_someone_acknowledges(tmp_path: Path) -> None:
    """After an acknowledgement no one else is paged, and no one is paged twice."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:59  anna acknowledges d1
        20:14:00  d1 is shut
        20:14:00      -> anna: cleared, d1: the condition has ended
        21:00:00  that is all
        """
    )


def test_a_stranger_acknowledges(tmp_path: Path) -> None:
    """A name that is in no roster stops no one from being paged; a person in it takes the alert over."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  eve acknowledges d1
        20:02:00      -> anna: escalated, step 1: on call in guards; not acknowledged for 2 min
        20:03:00  anna acknowledges d1
        20:10:00  d1 is shut
        20:10:00      -> anna: cleared, d1: the condition has ended
        21:00:00  that is all
        """
    )


def test_an_acknowledgement_runs_out(tmp_path: Path) -> None:
    """If the alert is still active after 15 minutes, the next step and the owner are paged."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna acknowledges d1
        20:16:00      -> chi: escalated, step 2: on call in leaders; acknowledgement by anna has run out
        20:16:00      -> anna: escalated, step 2: acknowledged it before; acknowledgement by anna has run out
        20:17:00  anna acknowledges d1
        20:32:00      -> dung: escalated, step 3: named in the escalation policy; acknowledgement by anna has run out
        20:32:00      -> anna: escalated, step 3: acknowledged it before; acknowledgement by anna has run out
        20:33:00  chi acknowledges d1
        20:34:00  d1 is shut
        20:34:00      -> anna: cleared, d1: the condition has ended
        20:34:00      -> chi: cleared, d1: the condition has ended
        20:34:00      -> dung: cleared, d1: the condition has ended
        21:30:00  that is all
        """
    )


def test_a_channel_is_down(tmp_path: Path) -> None:
    """A page that can't be delivered escalates at once, because no answer can be expected."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:21  the page to anna can't be delivered
        20:00:21      -> chi: escalated, step 2: on call in leaders; the page to anna was not delivered
        20:00:50  the page to chi can't be delivered
        20:00:50      -> dung: escalated, step 3: named in the escalation policy; the page to chi was not delivered
        20:01:30  the page to dung can't be delivered
        20:15:50      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 15 min
        20:20:00  dung acknowledges d1
        20:30:00  that is all
        """
    )


def test_raised_again_within_the_cooldown(tmp_path: Path) -> None:
    """A rattling door is one alert; after the cooldown it is a new one."""
    Story(
        tmp_path,
        rules={
            "forced": rule(
                id="forced", severity="critical", match=DOOR, cooldown=timedelta(minutes=5)
            )
        },
    ).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:30  d1 is shut
        20:00:30      -> anna: cleared, d1: the condition has ended
        20:03:00  d1 is forced
        20:03:10  d1 is shut
        20:06:00  d1 is forced
        20:06:00      -> anna: raised, step 1: on call in guards
        20:06:10  d1 is shut
        20:06:10      -> anna: cleared, d1: the condition has ended
        20:30:00  that is all
        """
    )


def test_it_gets_worse(tmp_path: Path) -> None:
    """A more severe alert starts at the first step again, no matter who was paged before."""
    Story(tmp_path, rules={"forced": rule(id="forced", severity="medium", match=DOOR)}).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:10:00  a forced door counts as critical now
        20:11:00  d1 is forced
        20:11:00      -> anna: raised, step 1: on call in guards; severity is now critical
        20:12:00  anna acknowledges d1
        20:13:00  a forced door counts as life_safety now
        20:14:00  d1 is forced
        20:14:00      -> anna: raised, step 1: on call in guards; severity is now life safety
        20:29:00      -> chi: escalated, step 2: on call in leaders; acknowledgement by anna has run out
        20:29:00      -> anna: escalated, step 2: acknowledged it before; acknowledgement by anna has run out
        20:29:10  anna acknowledges d1
        20:30:00  that is all
        """
    )


def test_the_fire_comes_back(tmp_path: Path) -> None:
    """A cleared life safety alert stays open; when it returns, it starts at the first step again."""
    Story(tmp_path).play(
        """
        20:00:00  fire in hall
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  fire in hall is out
        20:01:00      -> anna: cleared, hall: the condition has ended
        20:30:00  fire in hall
        20:30:00      -> anna: returned, step 1: on call in guards; the condition is back
        20:30:30  anna acknowledges hall
        20:40:00  that is all
        """
    )


def test_shelved_and_masked(tmp_path: Path) -> None:
    """A shelved or masked alert pages no one until the time is over; then an active one does."""
    Story(tmp_path).play(
        """
        20:00:00  bao masks d2 until 20:30:00
        20:01:00  d2 is forced
        20:02:00  d1 is forced
        20:02:00      -> anna: raised, step 1: on call in guards
        20:03:00  anna shelves d1 until 20:20:00
        20:20:02      -> anna: returned, step 1: on call in guards; no longer shelved
        20:21:00  anna acknowledges d1
        20:30:02      -> anna: returned, step 1: on call in guards; no longer shelved
        20:31:00  anna acknowledges d2
        20:35:00  that is all
        """
    )


def test_duress(tmp_path: Path) -> None:
    """Only the people of the silent escalation policy are paged, to the end."""
    Story(tmp_path).play(
        """
        20:00:00  duress at d1
        20:00:00      -> chi: raised, step 1: named in the escalation policy
        20:02:00      -> chi: escalated, step 2: named in the escalation policy; not acknowledged for 2 min
        20:17:00      -> chi: escalated, step 2: named in the escalation policy; not acknowledged for 15 min
        20:18:00  chi acknowledges d1
        20:20:00  that is all
        """
    )
