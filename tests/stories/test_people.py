"""Stories of people: quiet hours of one's own, digests, somebody besides, other rosters while an alert is open."""

from pathlib import Path

from monitor.core.inputs import RosterChanged
from monitor.core.roster import Roster
from monitor.core.transitions import OverrideChanged
from tests.support.story import ROSTER, Story

TEXT = ROSTER.read_text()


def with_(before: str, after: str) -> str:
    """The roster of the stories with one thing otherwise."""
    assert before in TEXT
    return TEXT.replace(before, after, 1)


def test_quiet_hours_of_ones_own(tmp_path: Path) -> None:
    """Anna sleeps by day: what can wait does until she is up, though all others are awake."""
    own = 'agency = "safety"\nquiet = { from = "10:00", to = "18:00" }'
    Story(tmp_path, roster=with_('agency = "safety"', own)).play(
        """
        12:00:00  the case of r1 is opened
        12:00:00  d1 is forced
        12:00:00      -> anna: raised, step 1: on call in guards
        12:01:00  anna acknowledges d1
        12:02:00  d1 is shut
        12:02:00      -> anna: cleared, d1: it is over
        18:00:00      -> anna: digest, 1 alert from the quiet hours
        18:10:00  anna acknowledges r1
        23:00:00  the case of r2 is opened
        23:00:00      -> anna: raised, step 1: on call in guards
        23:01:00  anna acknowledges r2
        23:10:00  that is all
        """
    )


def test_a_digest(tmp_path: Path) -> None:
    """What the ladder lets wait goes out together, every two hours from the first of it."""
    digest = 'severities = ["medium", "low"]\ndigest = "2h"'
    Story(tmp_path, roster=with_('severities = ["medium", "low"]', digest)).play(
        """
        09:00:00  the case of r1 is opened
        10:00:00  the case of r2 is opened
        10:30:00  the case of r1 is shut
        11:00:00      -> anna: digest, 2 alerts that could wait for a digest
        11:10:00  anna acknowledges r2
        12:00:00  that is all
        """
    )


def test_the_lead_first_then_who_takes_part(tmp_path: Path) -> None:
    """Each agency is whoever of it is on call; who is neither hears of it only in the end."""
    roster = with_('id = "leaders"', 'id = "leaders"\nagency = "works"').replace(
        '[[escalation]]\nid = "at-once"',
        """[[escalation]]
id = "repairs"
rules = "repair"
step = [{ tell = "@@lead", wait = "10m" }, { tell = ["@@lead", "@@coordinating"], wait = "20m" }]

[[escalation]]
id = "at-once\"""",
    )
    Story(tmp_path, roster=roster).play(
        """
        20:00:00  w1 must be repaired: works leads, safety takes part
        20:00:00      -> chi: raised, step 1: on call in leaders, since works leads
        20:10:00      -> chi: escalated, step 2: on call in leaders, since works leads; nobody took it for 10 min
        20:10:00      -> anna: escalated, step 2: on call in guards, since safety takes part; nobody took it for 10 min
        20:30:00      -> dung: escalated, step 3: named; nobody took it for 20 min
        20:31:00  anna acknowledges w1
        21:30:00  that is all
        """
    )


def test_one_of_two_is_reached(tmp_path: Path) -> None:
    """Somebody of the step has it on the phone: there is time to answer."""
    Story(
        tmp_path,
        roster=with_('tell = "@guards"\nwait = "2m"', 'tell = ["@guards", "chi"]\nwait = "2m"'),
    ).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> chi: raised, step 1: named
        20:00:10  the page to anna can't be delivered
        20:00:20  the page to chi can't be delivered
        20:00:20      -> chi: escalated, step 2: on call in leaders; the page to chi was not delivered
        20:00:30  anna acknowledges d1
        20:01:00  that is all
        """
    )


def test_a_step_that_reaches_nobody(tmp_path: Path) -> None:
    """It is passed over at once; to wait for nobody helps nobody."""
    Story(
        tmp_path,
        roster=with_(
            'people = ["anna", "bao"]\nstarts = 2026-01-01',
            'people = ["anna", "bao"]\nstarts = 2026-01-02',
        ),
    ).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> chi: raised, step 2: on call in leaders; step 1 reaches nobody
        20:05:00      -> dung: escalated, step 3: named; nobody took it for 5 min
        20:06:00  dung acknowledges d1
        20:10:00  that is all
        """
    )


def test_another_roster_while_an_alert_is_open(tmp_path: Path) -> None:
    """The ladder goes on with the people who are there now; one that is gone begins anew, in one digest."""
    story = Story(tmp_path)
    story.play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  that is all
        """
    )
    story.seen.clear()
    story.call(with_('people = ["anna", "bao"]', 'people = ["bao"]'))
    story.play(
        """
        20:02:00      -> bao: escalated, step 1: on call in guards; nobody took it for 2 min
        20:03:00  that is all
        """
    )
    story.seen.clear()
    story.call(TEXT.replace('id = "at-once"', 'id = "now"'))
    story.play(
        """
        20:04:00      -> anna: digest, 1 alert from while the monitor was away or not told in time
        20:05:00  anna acknowledges d1
        20:06:00  that is all
        """
    )


BY_DAY = """
[[person]]
id = "chi"
name = "Chi"
channel = [{ name = "phone", url = "json://127.0.0.1/chi" }]
[[team]]
id = "leaders"
[[rotation]]
team = "leaders"
people = ["chi"]
starts = 2026-01-01T00:00:00
shift = "7d"
hours = { from = "07:00", to = "19:00" }
[[escalation]]
id = "duress"
silent = true
step = [{ tell = "chi" }]
[[escalation]]
id = "all"
step = [{ tell = "@leaders", wait = "50m" }]
[fallback]
tell = "@leaders"
"""
"""Nobody but one by day."""


def test_nobody_is_on_duty(tmp_path: Path) -> None:
    """What finds nobody at night is told as soon as somebody is there, however little it matters."""
    Story(tmp_path, roster=BY_DAY).play(
        """
        20:00:00  the case of r1 is opened
        2026-01-02
        07:00:00      -> chi: escalated, step 1: on call in leaders; it reached nobody before
        07:50:00      -> chi: escalated, step 2: on call in leaders; nobody took it for 50 min
        12:00:00  that is all
        """
    )


def test_quiet_hours_of_ones_own_alone(tmp_path: Path) -> None:
    """They hold also where there are none for all."""
    own = 'name = "Chi"\nquiet = { from = "12:00", to = "13:00" }'
    Story(tmp_path, roster=BY_DAY.replace('name = "Chi"', own)).play(
        """
        12:30:00  the case of r1 is opened
        12:30:00  d1 is forced
        12:30:00      -> chi: raised, step 1: on call in leaders
        12:31:00  chi acknowledges d1
        12:32:00  d1 is shut
        12:32:00      -> chi: cleared, d1: it is over
        13:00:00      -> chi: digest, 1 alert from the quiet hours
        13:10:00  that is all
        """
    )


def test_a_ladder_gets_a_step(tmp_path: Path) -> None:
    """It had none, which was meant; what is still open then is told."""
    none = BY_DAY.replace('step = [{ tell = "@leaders", wait = "50m" }]\n', "")
    story = Story(tmp_path, roster=none)
    story.play(
        """
        12:00:00  d1 is forced
        12:00:00  d2 is forced
        12:01:00  chi acknowledges d2
        12:10:00  that is all
        """
    )
    story.call(BY_DAY)
    story.play(
        """
        12:11:00      -> chi: digest, 1 alert from while the monitor was away or not told in time
        12:20:00  chi acknowledges d1
        12:25:00      -> chi: escalated, step 2: on call in leaders; chi had it, and that has run out
        12:26:00  that is all
        """
    )


def test_the_roster_was_away_for_a_moment(tmp_path: Path) -> None:
    """Whoever had an alert has it still, for as long as «mine» holds."""
    story = Story(tmp_path)
    story.play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:01:00  anna acknowledges d1
        20:02:00  that is all
        """
    )
    story.seen.clear()
    story.step(RosterChanged(received_at=story.moment("20:02:00"), who="story", roster=Roster()))
    story.call(TEXT)
    story.play(
        """
        20:17:00      -> chi: escalated, step 2: on call in leaders; anna had it, and that has run out
        20:17:00      -> anna: escalated, step 2: had it; anna had it, and that has run out
        20:18:00  anna acknowledges d1
        20:19:00  that is all
        """
    )


def test_a_shift_ends_whose_person_is_gone(tmp_path: Path) -> None:
    """Never in silence: the audit trail has the end and the reason."""
    story = Story(tmp_path)
    story.play("20:00:00  bao takes the shift of leaders until 23:00:00\n20:01:00  that is all")
    change = RosterChanged(received_at=story.moment("20:02:00"), who="story", roster=Roster())
    (ended,) = [row for row in story.engine.step(change) if isinstance(row, OverrideChanged)]

    assert (ended.override.person, ended.ended) == ("bao", True)
    assert ended.note == "roster.toml no longer has it"
