"""Stories of ladders: who hears of an alert, and who hears next because nobody took it."""

from datetime import timedelta
from pathlib import Path

from tests.support.engine import rule
from tests.support.story import DOOR, Story


def test_nobody_takes_it(tmp_path: Path) -> None:
    """The guards are told twice, then the leader, then the fallback, again and again: an alert never falls asleep."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:02:00      -> anna: escalated, step 1: on call in guards; nobody took it for 2 min
        20:04:00      -> chi: escalated, step 2: on call in leaders; nobody took it for 2 min
        20:09:00      -> dung: escalated, step 3: named; nobody took it for 5 min
        20:24:00      -> dung: escalated, step 3: named; nobody took it for 15 min
        20:39:00      -> dung: escalated, step 3: named; nobody took it for 15 min
        20:40:00  d1 is shut
        20:40:00      -> anna: cleared, d1: it is over
        20:40:00      -> chi: cleared, d1: it is over
        20:40:00      -> dung: cleared, d1: it is over
        21:30:00  that is all
        """
    )


def test_somebody_takes_it(tmp_path: Path) -> None:
    """Whoever says «mine» has it: nobody else is told, and no one twice."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:59  anna acknowledges d1
        20:14:00  d1 is shut
        20:14:00      -> anna: cleared, d1: it is over
        21:00:00  that is all
        """
    )


def test_an_acknowledgement_runs_out(tmp_path: Path) -> None:
    """Still so after 15 minutes: the next step is told, and whoever had it; «mine» again holds again."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna acknowledges d1
        20:16:00      -> chi: escalated, step 2: on call in leaders; anna had it, and that has run out
        20:16:00      -> anna: escalated, step 2: had it; anna had it, and that has run out
        20:17:00  anna acknowledges d1
        20:32:00      -> dung: escalated, step 3: named; anna had it, and that has run out
        20:32:00      -> anna: escalated, step 3: had it; anna had it, and that has run out
        20:33:00  chi acknowledges d1
        20:34:00  d1 is shut
        20:34:00      -> anna: cleared, d1: it is over
        20:34:00      -> chi: cleared, d1: it is over
        20:34:00      -> dung: cleared, d1: it is over
        21:30:00  that is all
        """
    )


def test_a_channel_is_down(tmp_path: Path) -> None:
    """What can't be delivered climbs at once; to wait for the answer of somebody who wasn't told is to lose time."""
    Story(tmp_path).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:21  the page to anna can't be delivered
        20:00:21      -> chi: escalated, step 2: on call in leaders; the page to anna was not delivered
        20:00:50  the page to chi can't be delivered
        20:00:50      -> dung: escalated, step 3: named; the page to chi was not delivered
        20:01:30  the page to dung can't be delivered
        20:15:50      -> dung: escalated, step 3: named; nobody took it for 15 min
        20:20:00  dung acknowledges d1
        20:30:00  that is all
        """
    )


def test_raised_again_within_the_cooldown(tmp_path: Path) -> None:
    """A door that rattles is one alert; after the cooldown it is news again."""
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
        20:00:30      -> anna: cleared, d1: it is over
        20:03:00  d1 is forced
        20:03:10  d1 is shut
        20:06:00  d1 is forced
        20:06:00      -> anna: raised, step 1: on call in guards
        20:06:10  d1 is shut
        20:06:10      -> anna: cleared, d1: it is over
        20:30:00  that is all
        """
    )


def test_it_gets_worse(tmp_path: Path) -> None:
    """A graver alert is told anew from the bottom, whoever knew of the milder one."""
    Story(tmp_path, rules={"forced": rule(id="forced", severity="medium", match=DOOR)}).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:10:00  a forced door counts as critical now
        20:11:00  d1 is forced
        20:11:00      -> anna: raised, step 1: on call in guards; it is critical now
        20:12:00  anna acknowledges d1
        20:13:00  a forced door counts as life_safety now
        20:14:00  d1 is forced
        20:14:00      -> anna: raised, step 1: on call in guards; it is life_safety now
        20:29:00      -> chi: escalated, step 2: on call in leaders; anna had it, and that has run out
        20:29:00      -> anna: escalated, step 2: had it; anna had it, and that has run out
        20:29:10  anna acknowledges d1
        20:30:00  that is all
        """
    )


def test_the_fire_comes_back(tmp_path: Path) -> None:
    """Life safety that is over still waits for a person; when it returns, everybody hears of it from the bottom."""
    Story(tmp_path).play(
        """
        20:00:00  fire in hall
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  fire in hall is out
        20:01:00      -> anna: cleared, hall: it is over
        20:30:00  fire in hall
        20:30:00      -> anna: returned, step 1: on call in guards; it is so again
        20:30:30  anna acknowledges hall
        20:40:00  that is all
        """
    )


def test_shelved_and_masked(tmp_path: Path) -> None:
    """Out of sight is out of mind until the time has run out; then what is still so is told."""
    Story(tmp_path).play(
        """
        20:00:00  bao masks d2 until 20:30:00
        20:01:00  d2 is forced
        20:02:00  d1 is forced
        20:02:00      -> anna: raised, step 1: on call in guards
        20:03:00  anna shelves d1 until 20:20:00
        20:20:02      -> anna: returned, step 1: on call in guards; it is not shelved any more
        20:21:00  anna acknowledges d1
        20:30:02      -> anna: returned, step 1: on call in guards; it is not shelved any more
        20:31:00  anna acknowledges d2
        20:35:00  that is all
        """
    )


def test_duress(tmp_path: Path) -> None:
    """Only those hear of it whom the silent ladder names, to the end."""
    Story(tmp_path).play(
        """
        20:00:00  duress at d1
        20:00:00      -> chi: raised, step 1: named
        20:02:00      -> chi: escalated, step 2: named; nobody took it for 2 min
        20:17:00      -> chi: escalated, step 2: named; nobody took it for 15 min
        20:18:00  chi acknowledges d1
        20:20:00  that is all
        """
    )
