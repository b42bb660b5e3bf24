"""Routes: which ladder takes an alert, and whom a step tells, each with the reason."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events.work import ActionOpened
from monitor.core.oncall.escalation_policy import holds_for, ladder_of, rung, takes, told
from monitor.core.oncall.on_call import on_call
from monitor.core.roster import Fallback, Ladder, Person, Roster, Shift, Step, Team, languages
from monitor.core.rules.model import Match
from monitor.core.transitions import Override
from tests.support.engine import START, Stage, at, book, on, rule

ALERT = Alert(
    id="a1",
    rule="door-forced",
    key="d1",
    title="Door forced",
    severity="critical",
    do="look",
    site="centre",
    zone="hall",
    lead="security",
    coordinating=("fire", "operations"),
    happened_at=START,
    raised_at=START,
    last_at=START,
)
ROSTER = Roster(
    people=tuple(
        Person(id=name, name=name, channels=() if name == "mute" else ("phone",))
        for name in ("anna", "bao", "chi", "dung", "mute")
    ),
    teams=(
        Team(id="guards", agency="security"),
        Team(id="watch", agency="fire"),
        Team(id="works", agency="operations"),
    ),
    shifts=tuple(
        Shift(team=team, person=person, starts=at(-3600), ends=at(ends), why="rotation")
        for team, person, ends in (
            ("guards", "anna", 3600),
            ("guards", "mute", 3600),
            ("watch", "bao", 60),
            ("works", "anna", 3600),
        )
    ),
    fallback=Fallback(tell=("dung",)),
)


@pytest.mark.parametrize(
    ("ladder", "fits"),
    [
        (Ladder(id="x"), True),
        (Ladder(id="x", sites=("centre", "y")), True),
        (Ladder(id="x", sites=("y",)), False),
        (Ladder(id="x", zones=("hall",), severities=("critical", "high")), True),
        (Ladder(id="x", zones=("foyer",)), False),
        (Ladder(id="x", severities=("low",)), False),
        (Ladder(id="x", rules=("door-forced",)), True),
        (Ladder(id="x", rules=("door-*",)), True),
        (Ladder(id="x", rules=("*",)), True),
        (Ladder(id="x", rules=("door", "gate-*")), False),
        (Ladder(id="x", leads=("security",)), True),
        (Ladder(id="x", leads=("fire",)), False),
        (Ladder(id="x", silent=True), False),
    ],
)
def test_a_ladder_takes_what_fits_all_its_conditions(ladder: Ladder, *, fits: bool) -> None:
    """What is left empty fits every alert; the first ladder that fits takes it."""
    other = Ladder(id="other")

    assert takes(ladder, ALERT) is fits
    assert ladder_of(replace(ROSTER, ladders=(ladder, other)), ALERT) is (ladder if fits else other)


def test_silent_alerts_have_ladders_of_their_own() -> None:
    """What takes all others never takes them."""
    silent = replace(ALERT, silent=True)
    duress = Ladder(id="duress", silent=True)

    assert not takes(Ladder(id="all"), silent)
    assert takes(duress, silent)
    assert ladder_of(replace(ROSTER, ladders=(Ladder(id="all"),)), silent) is None


def test_each_is_told_once_with_the_first_reason() -> None:
    """Whoever is named, on call, or on call at the agencies; nobody who has no channel."""
    tell = ("@guards", "@@lead", "@@coordinating", "chi", "anna", "nobody")

    assert told(ROSTER, {}, tell, ALERT, START) == {
        "anna": "on call in guards",
        "bao": "on call in watch, since fire takes part",
        "chi": "named",
    }
    assert told(ROSTER, {}, ("@@lead",), ALERT, START) == {
        "anna": "on call in guards, since security leads"
    }
    assert told(ROSTER, {}, ("@@lead",), replace(ALERT, lead=""), START) == {}


def test_an_override_stands_above_the_plan_for_its_time() -> None:
    """From when it was taken until it ends, to the microsecond."""
    override = Override(team="guards", person="chi", since=at(0), until=at(60), who="chi")

    def who(seconds: float) -> list[str]:
        found = on_call(ROSTER, {"guards": override}, "guards", at(seconds))
        return [row.person.id for row in found]

    assert who(-0.000001) == ["anna", "mute"]
    assert who(0) == ["chi"]
    assert who(59.999999) == ["chi"]
    assert who(60) == ["anna", "mute"]


def test_beyond_the_last_step_is_the_fallback() -> None:
    """For silent alerts the last step is: they stay among those who may know."""
    steps = (Step(tell=("anna",)), Step(tell=("bao",), wait=timedelta(seconds=30)))
    ladder = Ladder(id="x", steps=steps)

    assert rung(ROSTER, ladder, 1) == steps[1]
    assert rung(ROSTER, ladder, 2) == Step(tell=("dung",), wait=ROSTER.fallback.every)
    assert rung(ROSTER, replace(ladder, silent=True), 2).tell == ("bao",)


def test_how_long_mine_holds() -> None:
    """Fifteen minutes for what is grave, for good otherwise, unless the ladder says another time."""
    ladder = Ladder(id="x")
    hour = timedelta(hours=1)

    assert holds_for(ladder, ALERT) == timedelta(minutes=15)
    assert holds_for(ladder, replace(ALERT, severity="high")) == timedelta(0)
    assert holds_for(replace(ladder, acknowledged_for=hour), ALERT) == hour


def test_an_alert_carries_the_agencies_of_what_it_is_about() -> None:
    """The lead is told first and coordinators on escalation: so the alert has to know them."""
    found = Stage(book(rule(by="action", match=Match(of=on("action.opened", "action.started")))))
    found.say(
        ActionOpened(
            at=at(1), action="w1", kind="repair", lead="safety", coordinating=("fire", "it")
        )
    )

    (alert,) = found.alerts()
    assert (alert.lead, alert.coordinating) == ("safety", ("fire", "it"))


def test_languages_begin_with_the_person() -> None:
    """Then the congress's; none twice."""
    person = Person(id="a", name="A", languages=("vi", "en"))

    assert languages(person, ("en", "ar")) == ("vi", "en", "ar")
