"""Stories of shifts and nights: handovers, daylight saving time, quiet hours."""

from pathlib import Path

from tests.support.story import Story


def test_handover_at_midnight(tmp_path: Path) -> None:
    """Each step pages the person who is on call at that time: Anna until midnight, Bao afterwards."""
    Story(tmp_path).play(
        """
        23:59:00  d1 is forced
        23:59:00      -> anna: raised, step 1: on call in guards
        2026-01-02
        00:01:00      -> bao: escalated, step 1: on call in guards; not acknowledged for 2 min
        00:02:00  bao acknowledges d1
        00:02:30  d1 is shut
        00:02:30      -> anna: cleared, d1: the condition has ended
        00:02:30      -> bao: cleared, d1: the condition has ended
        2026-01-02
        23:59:59  d2 is forced
        23:59:59      -> bao: raised, step 1: on call in guards
        2026-01-03
        00:00:00  e1 is forced
        00:00:00      -> anna: raised, step 1: on call in guards
        00:00:01  bao acknowledges d2
        00:00:01  anna acknowledges e1
        00:10:00  that is all
        """
    )


def test_the_clocks_go_forward(tmp_path: Path) -> None:
    """The night of 23 hours: handover stays at midnight, and five minutes are five minutes."""
    Story(tmp_path, timezone="Europe/Berlin", day="2026-03-29").play(
        """
        00:00:00  d1 is forced
        00:00:00      -> bao: raised, step 1: on call in guards
        00:00:30  bao acknowledges d1
        00:01:00  d1 is shut
        00:01:00      -> bao: cleared, d1: the condition has ended
        01:58:00  d1 is forced
        01:58:00      -> bao: raised, step 1: on call in guards
        03:00:00      -> bao: escalated, step 1: on call in guards; not acknowledged for 2 min
        03:02:00      -> chi: escalated, step 2: on call in leaders; not acknowledged for 2 min
        03:03:00  chi acknowledges d1
        03:04:00  d1 is shut
        03:04:00      -> bao: cleared, d1: the condition has ended
        03:04:00      -> chi: cleared, d1: the condition has ended
        23:59:59  d2 is forced
        23:59:59      -> bao: raised, step 1: on call in guards
        2026-03-30
        00:00:00  e1 is forced
        00:00:00      -> anna: raised, step 1: on call in guards
        00:00:01  that is all
        """
    )


def test_quiet_hours(tmp_path: Path) -> None:
    """What can wait goes into one digest in the morning, which marks what has cleared by then."""
    Story(tmp_path).play(
        """
        21:59:59  the case of r1 is opened
        21:59:59      -> anna: raised, step 1: on call in guards
        22:00:00  the case of r2 is opened
        22:29:00  anna acknowledges r1
        22:45:00  the case of r3 is opened
        23:00:00  the case of r3 is shut
        2026-01-02
        02:00:00  the case of r4 is opened
        07:00:00      -> anna: digest, alerts from the quiet hours: 2
        07:00:00      -> bao: digest, held back during the quiet hours
        07:30:00      -> dung: escalated, step 2: named in the escalation policy; not acknowledged for 30 min
        07:30:00      -> dung: escalated, step 2: named in the escalation policy; not acknowledged for 30 min
        09:00:00  dung acknowledges r2
        09:00:00  dung acknowledges r4
        10:00:00  that is all
        """
    )


def test_life_safety_at_three_in_the_morning(tmp_path: Path) -> None:
    """Quiet hours don't apply to fires, which page at once and escalate to the end."""
    Story(tmp_path).play(
        """
        2026-01-02
        03:00:00  fire in hall
        03:00:00      -> bao: raised, step 1: on call in guards
        03:02:00      -> bao: escalated, step 1: on call in guards; not acknowledged for 2 min
        03:04:00      -> chi: escalated, step 2: on call in leaders; not acknowledged for 2 min
        03:05:00  chi acknowledges hall
        03:06:00  that is all
        """
    )


def test_a_shift_is_taken(tmp_path: Path) -> None:
    """Until six in the morning Chi is paged instead of Bao; then the plan applies again."""
    Story(tmp_path).play(
        """
        20:00:00  chi takes the shift of guards until 06:00:00
        20:01:00  chi takes the shift of nobody until 06:00:00
        20:01:00      -> chi: refused: there is no team “nobody” in roster.toml
        2026-01-02
        05:59:59  d1 is forced
        05:59:59      -> chi: raised, step 1: on call in guards
        06:00:00  d2 is forced
        06:00:00      -> bao: raised, step 1: on call in guards
        06:00:10  chi acknowledges d1
        06:00:10  bao acknowledges d2
        06:10:00  that is all
        """
    )


def test_a_shift_is_given_back(tmp_path: Path) -> None:
    """After a shift is given back, the plan applies again before the shift's time is over."""
    Story(tmp_path).play(
        """
        20:00:00  chi takes the shift of guards until 06:00:00
        21:00:00  chi gives the shift of guards back
        21:00:01  d1 is forced
        21:00:01      -> anna: raised, step 1: on call in guards
        21:00:02  anna acknowledges d1
        21:01:00  chi gives the shift of guards back
        21:01:00      -> chi: refused: no one has taken over a shift in this team
        """
    )
