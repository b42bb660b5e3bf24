"""Escalation policies: which one applies to an alert, and whom a step notifies, with the reason."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events.work import ActionOpened
from monitor.core.oncall.escalation_policy import holds_for, policy_for, recipients, step_of, takes
from monitor.core.oncall.on_call import on_call
from monitor.core.phrase import phrase
from monitor.core.roster import (
    EscalationPolicy,
    EscalationStep,
    Fallback,
    Person,
    Roster,
    Shift,
    Team,
    languages,
)
from monitor.core.rules.model import Match
from monitor.core.transitions import Override
from tests.support.engine import START, EngineHarness, at, on, rule, rule_set

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
    fallback=Fallback(notify=("dung",)),
)


@pytest.mark.parametrize(
    ("policy", "fits"),
    [
        (EscalationPolicy(id="x"), True),
        (EscalationPolicy(id="x", sites=("centre", "y")), True),
        (EscalationPolicy(id="x", sites=("y",)), False),
        (EscalationPolicy(id="x", zones=("hall",), severities=("critical", "high")), True),
        (EscalationPolicy(id="x", zones=("foyer",)), False),
        (EscalationPolicy(id="x", severities=("low",)), False),
        (EscalationPolicy(id="x", rules=("door-forced",)), True),
        (EscalationPolicy(id="x", rules=("door-*",)), True),
        (EscalationPolicy(id="x", rules=("*",)), True),
        (EscalationPolicy(id="x", rules=("door", "gate-*")), False),
        (EscalationPolicy(id="x", leads=("security",)), True),
        (EscalationPolicy(id="x", leads=("fire",)), False),
        (EscalationPolicy(id="x", silent=True), False),
    ],
)
def test_a_policy_takes_what_fits_all_its_conditions(
    policy: EscalationPolicy, *, fits: bool
) -> None:
    """An empty condition fits every alert, and the first policy that fits applies."""
    other = EscalationPolicy(id="other")

    assert takes(policy, ALERT) is fits
    assert policy_for(replace(ROSTER, policies=(policy, other)), ALERT) is (
        policy if fits else other
    )


def test_silent_alerts_have_policies_of_their_own() -> None:
    """A policy for all other alerts never applies to them."""
    silent = replace(ALERT, silent=True)
    duress = EscalationPolicy(id="duress", silent=True)

    assert not takes(EscalationPolicy(id="all"), silent)
    assert takes(duress, silent)
    assert policy_for(replace(ROSTER, policies=(EscalationPolicy(id="all"),)), silent) is None


def test_each_person_is_notified_once_with_the_first_reason() -> None:
    """The reasons are by name, on call, or on call at the agencies; a person without a channel is skipped."""
    notify = ("@guards", "@@lead", "@@coordinating", "chi", "anna", "nobody")

    assert recipients(ROSTER, {}, notify, ALERT, START) == {
        "anna": phrase("on-call", team="guards"),
        "bao": phrase("on-call-coordinating", team="watch", agency="fire"),
        "chi": phrase("named"),
    }
    assert recipients(ROSTER, {}, ("@@lead",), ALERT, START) == {
        "anna": phrase("on-call-lead", team="guards", agency="security")
    }
    assert recipients(ROSTER, {}, ("@@lead",), replace(ALERT, lead=""), START) == {}


def test_an_override_replaces_the_plan_for_its_time() -> None:
    """An override applies from when the shift is taken until it ends, to the microsecond."""
    override = Override(team="guards", person="chi", since=at(0), until=at(60), who="chi")

    def who(seconds: float) -> list[str]:
        found = on_call(ROSTER, {"guards": override}, "guards", at(seconds))
        return [row.person.id for row in found]

    assert who(-0.000001) == ["anna", "mute"]
    assert who(0) == ["chi"]
    assert who(59.999999) == ["chi"]
    assert who(60) == ["anna", "mute"]


def test_after_the_last_step_comes_the_fallback() -> None:
    """Silent alerts stay at the last step, among those who may know about them."""
    steps = (
        EscalationStep(notify=("anna",)),
        EscalationStep(notify=("bao",), wait=timedelta(seconds=30)),
    )
    ladder = EscalationPolicy(id="x", steps=steps)

    assert step_of(ROSTER, ladder, 1) == steps[1]
    assert step_of(ROSTER, ladder, 2) == EscalationStep(
        notify=("dung",), wait=ROSTER.fallback.every
    )
    assert step_of(ROSTER, replace(ladder, silent=True), 2).notify == ("bao",)


def test_how_long_an_acknowledgement_lasts() -> None:
    """It lasts fifteen minutes for severe alerts, and for good otherwise, unless the policy sets another time."""
    ladder = EscalationPolicy(id="x")
    hour = timedelta(hours=1)

    assert holds_for(ladder, ALERT) == timedelta(minutes=15)
    assert holds_for(ladder, replace(ALERT, severity="high")) == timedelta(0)
    assert holds_for(replace(ladder, acknowledged_for=hour), ALERT) == hour


def test_an_alert_carries_the_agencies_of_its_subject() -> None:
    """The lead is notified first and coordinators on escalation, so the alert has to name them."""
    found = EngineHarness(
        rule_set(rule(by="action", match=Match(of=on("action.opened", "action.started"))))
    )
    found.receive(
        ActionOpened(
            at=at(1), action="w1", kind="repair", lead="safety", coordinating=("fire", "it")
        )
    )

    (alert,) = found.alerts()
    assert (alert.lead, alert.coordinating) == ("safety", ("fire", "it"))


def test_languages_begin_with_the_persons_own() -> None:
    """The congress's languages follow the person's own, and none is there twice."""
    person = Person(id="a", name="A", languages=("vi", "en"))

    assert languages(person, ("en", "ar")) == ("vi", "en", "ar")
