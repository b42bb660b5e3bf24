"""Who may answer a checklist that names its signers: what others pass is unknown, and what they fail is a fail."""

import pytest
from msgspec.structs import replace

from monitor.core.events.inspection import InspectionSubmitted, Item
from monitor.core.events.vocabulary import Result
from monitor.core.inputs import RosterChanged
from monitor.core.phrase import Phrase
from monitor.core.readiness.checklists import Verdict, verdict
from monitor.core.roster import Person, Roster
from tests.support.engine import START, EngineHarness, at
from tests.support.pipeline import trial_rule_set

ROSTER = Roster(
    people=(
        Person(id="ann", name="Ann", agency="safety"),
        Person(id="carl", name="Carl", agency="catering"),
    )
)


def judged(
    inspector: str, result: Result = "pass", form: str = "", roster: Roster | None = ROSTER
) -> tuple[Verdict, str]:
    """Return the verdict of a checklist that only the agency "safety" signs, and why."""
    rules = trial_rule_set()
    (check, *others) = rules.venue.checklists
    check = replace(check, signers=("safety",))
    engine = EngineHarness(replace(rules, venue=replace(rules.venue, checklists=(check, *others))))
    engine.step(RosterChanged(received_at=START, who="test", roster=roster))
    items = (
        Item(item="exits-free", result=result),
        Item(item="cold-store", result="pass", value=3.0, unit="celsius"),
    )
    engine.receive(
        InspectionSubmitted(
            at=at(1),
            checklist="check",
            inspection="v1",
            inspector=inspector,
            items=items,
            form=form,
        )
    )
    engine.tick(10)
    found, why = verdict(engine.engine.state, check, at(10))
    return found, why.id if isinstance(why, Phrase) else why


@pytest.mark.parametrize("inspector", ["carl", "nobody", ""])
def test_what_others_pass_is_unknown(inspector: str) -> None:
    """Another agency, somebody who is not on the roster, and a form without a name; the reason says so."""
    assert judged(inspector) == ("unknown", "item-outsider")


def test_what_others_fail_is_a_fail() -> None:
    """A chained exit is one, whoever has seen it."""
    assert judged("carl", "fail") == ("failed", "item-answered")


def test_those_who_may_are_believed() -> None:
    """People of the agency; whoever the API has let in; and everybody where there is no roster to ask."""
    assert judged("ann") == ("passed", "")
    assert judged("olga", form="0" * 64) == ("passed", "")
    assert judged("carl", roster=None) == ("passed", "")
