"""Stories of people: personal quiet hours, digests, several people in a step, changes of the roster."""

from pathlib import Path

from monitor.core.inputs import RosterChanged
from monitor.core.roster import Roster
from monitor.core.transitions import OverrideChanged
from monitor.texts import plain
from tests.support.story import ROSTER, Story

TEXT = ROSTER.read_text()


def with_(before: str, after: str) -> str:
    """Return the roster of the stories with one change."""
    assert before in TEXT
    return TEXT.replace(before, after, 1)


def test_personal_quiet_hours(tmp_path: Path) -> None:
    """Anna sleeps by day: alerts that can wait for her do so, although the others are awake."""
    own = 'agency = "safety"\nquiet = { from = "10:00", to = "18:00" }'
    Story(tmp_path, roster=with_('agency = "safety"', own)).play(
        """
        12:00:00  the case of r1 is opened
        12:00:00  d1 is forced
        12:00:00      -> anna: raised, step 1: on call in guards
        12:01:00  anna acknowledges d1
        12:02:00  d1 is shut
        12:02:00      -> anna: cleared, d1: the condition has ended
        18:00:00      -> anna: digest, held back during the quiet hours
        18:10:00  anna acknowledges r1
        23:00:00  the case of r2 is opened
        23:00:00      -> anna: raised, step 1: on call in guards
        23:01:00  anna acknowledges r2
        23:10:00  that is all
        """
    )


def test_a_digest(tmp_path: Path) -> None:
    """Alerts that may wait go out together, two hours after the first of them."""
    digest = 'severities = ["medium", "low"]\ndigest = "2h"'
    Story(tmp_path, roster=with_('severities = ["medium", "low"]', digest)).play(
        """
        09:00:00  the case of r1 is opened
        10:00:00  the case of r2 is opened
        10:30:00  the case of r1 is shut
        11:00:00      -> anna: digest, alerts collected for the digest: 2
        11:10:00  anna acknowledges r2
        12:00:00  that is all
        """
    )


def test_the_lead_is_paged_before_the_coordinating_agency(tmp_path: Path) -> None:
    """For each agency the person on call is paged; everyone else only at the end."""
    roster = with_('id = "leaders"', 'id = "leaders"\nagency = "works"').replace(
        '[[escalation]]\nid = "at-once"',
        """[[escalation]]
id = "repairs"
rules = "repair"
step = [{ notify = "@@lead", wait = "10m" }, { notify = ["@@lead", "@@coordinating"], wait = "20m" }]

[[escalation]]
id = "at-once\"""",
    )
    Story(tmp_path, roster=roster).play(
        """
        20:00:00  w1 must be repaired: works leads, safety takes part
        20:00:00      -> chi: raised, step 1: on call in leaders; works leads
        20:10:00      -> chi: escalated, step 2: on call in leaders; works leads; not acknowledged for 10 min
        20:10:00      -> anna: escalated, step 2: on call in guards; safety coordinates; not acknowledged for 10 min
        20:30:00      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 20 min
        20:31:00  anna acknowledges w1
        21:30:00  that is all
        """
    )


def test_one_of_two_is_reached(tmp_path: Path) -> None:
    """As long as the page to one person of the step has not failed, the step waits for an answer."""
    Story(
        tmp_path,
        roster=with_('notify = "@guards"\nwait = "2m"', 'notify = ["@guards", "chi"]\nwait = "2m"'),
    ).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> anna: raised, step 1: on call in guards
        20:00:00      -> chi: raised, step 1: named in the escalation policy
        20:00:10  the page to anna can't be delivered
        20:00:20  the page to chi can't be delivered
        20:00:20      -> chi: escalated, step 2: on call in leaders; the page to chi was not delivered
        20:00:30  anna acknowledges d1
        20:01:00  that is all
        """
    )


def test_a_step_that_reaches_no_one(tmp_path: Path) -> None:
    """A step that reaches no one is skipped at once."""
    Story(
        tmp_path,
        roster=with_(
            'people = ["anna", "bao"]\nstarts = 2026-01-01',
            'people = ["anna", "bao"]\nstarts = 2026-01-02',
        ),
    ).play(
        """
        20:00:00  d1 is forced
        20:00:00      -> chi: raised, step 2: on call in leaders; step 1 reaches no one
        20:05:00      -> dung: escalated, step 3: named in the escalation policy; not acknowledged for 5 min
        20:06:00  dung acknowledges d1
        20:10:00  that is all
        """
    )


def test_another_roster_while_an_alert_is_open(tmp_path: Path) -> None:
    """Escalation continues with the new people; if the policy is gone, the alert starts again in a digest."""
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
        20:02:00      -> bao: escalated, step 1: on call in guards; not acknowledged for 2 min
        20:03:00  that is all
        """
    )
    story.seen.clear()
    story.call(TEXT.replace('id = "at-once"', 'id = "now"'))
    story.play(
        """
        20:04:00      -> anna: digest, raised while the monitor was down, or reported late
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
step = [{ notify = "chi" }]
[[escalation]]
id = "all"
step = [{ notify = "@leaders", wait = "50m" }]
[fallback]
notify = "@leaders"
[daily]
enabled = false
"""
"""Only one person, on call by day."""


def test_no_one_is_on_call(tmp_path: Path) -> None:
    """An alert that reaches no one at night pages the first person on call, whatever its severity."""
    Story(tmp_path, roster=BY_DAY).play(
        """
        20:00:00  the case of r1 is opened
        2026-01-02
        07:00:00      -> chi: escalated, step 1: on call in leaders; no one has been reached so far
        07:50:00      -> chi: escalated, step 2: on call in leaders; not acknowledged for 50 min
        12:00:00  that is all
        """
    )


def test_personal_quiet_hours_without_general_ones(tmp_path: Path) -> None:
    """Personal quiet hours apply even if the roster has none for everyone."""
    own = 'name = "Chi"\nquiet = { from = "12:00", to = "13:00" }'
    Story(tmp_path, roster=BY_DAY.replace('name = "Chi"', own)).play(
        """
        12:30:00  the case of r1 is opened
        12:30:00  d1 is forced
        12:30:00      -> chi: raised, step 1: on call in leaders
        12:31:00  chi acknowledges d1
        12:32:00  d1 is shut
        12:32:00      -> chi: cleared, d1: the condition has ended
        13:00:00      -> chi: digest, held back during the quiet hours
        13:10:00  that is all
        """
    )


def test_an_escalation_policy_gets_a_step(tmp_path: Path) -> None:
    """When a policy without steps gets one, alerts that are still open page people."""
    none = BY_DAY.replace('step = [{ notify = "@leaders", wait = "50m" }]\n', "")
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
        12:11:00      -> chi: digest, raised while the monitor was down, or reported late
        12:20:00  chi acknowledges d1
        12:25:00      -> chi: escalated, step 2: on call in leaders; acknowledgement by chi has run out
        12:26:00  that is all
        """
    )


def test_the_roster_was_away_for_a_moment(tmp_path: Path) -> None:
    """An acknowledgement still holds when the roster is back."""
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
    story.step(RosterChanged(received_at=story.at("20:02:00"), who="story", roster=Roster()))
    story.call(TEXT)
    story.play(
        """
        20:17:00      -> chi: escalated, step 2: on call in leaders; acknowledgement by anna has run out
        20:17:00      -> anna: escalated, step 2: acknowledged it before; acknowledgement by anna has run out
        20:18:00  anna acknowledges d1
        20:19:00  that is all
        """
    )


def test_a_taken_shift_ends_when_its_person_is_removed(tmp_path: Path) -> None:
    """The audit trail has the end of the shift and the reason."""
    story = Story(tmp_path)
    story.play("20:00:00  bao takes the shift of leaders until 23:00:00\n20:01:00  that is all")
    change = RosterChanged(received_at=story.at("20:02:00"), who="story", roster=Roster())
    (ended,) = [row for row in story.engine.step(change) if isinstance(row, OverrideChanged)]

    assert (ended.override.person, ended.ended) == ("bao", True)
    assert plain(ended.note) == "no longer in roster.toml"
