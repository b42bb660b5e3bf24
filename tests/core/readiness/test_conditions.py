"""Items with a condition: asked only if another item was answered so, and asked in doubt."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.vocabulary import Result
from monitor.core.readiness.conditions import asked
from monitor.core.state.work import Answer, ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem, Choice, Condition
from tests.support.engine import at

HOUR = timedelta(hours=1)
CHECKLIST = Checklist(
    id="c",
    name="",
    zone="z",
    lead="l",
    interval=HOUR,
    items=(
        ChecklistItem(
            id="gas",
            text="",
            kind="choice",
            choices=(Choice(id="yes", text=""), Choice(id="no", text="")),
        ),
        ChecklistItem(id="tap", text="", ask_if=Condition(item="gas", is_="yes")),
        ChecklistItem(id="seal", text="", ask_if=Condition(item="tap", is_="pass")),
    ),
)


def record(**answers: tuple[int, Result, str]) -> ChecklistState:
    """Return the answers to items: seconds, result and choice."""
    return ChecklistState(
        answers={
            item: Answer(at(seconds), result, choice=choice)
            for item, (seconds, result, choice) in answers.items()
        }
    )


@pytest.mark.parametrize(
    ("known", "items"),
    [
        (record(), ["gas", "tap", "seal"]),
        (record(gas=(0, "pass", "yes")), ["gas", "tap", "seal"]),
        (record(gas=(0, "pass", "no")), ["gas"]),
        (record(gas=(0, "unknown", "")), ["gas", "tap", "seal"]),
        (record(gas=(0, "not_done", "")), ["gas", "tap", "seal"]),
        (record(gas=(0, "na", "")), ["gas"]),
        (record(gas=(-3600, "pass", "no")), ["gas", "tap", "seal"]),
        (record(gas=(0, "pass", "yes"), tap=(0, "fail", "")), ["gas", "tap"]),
        (record(gas=(0, "pass", "no"), tap=(0, "pass", "")), ["gas"]),
        (record(gas=(0, "pass", "no"), tap=(1, "fail", "")), ["gas", "tap"]),
        (record(gas=(2, "pass", "no"), tap=(1, "fail", "")), ["gas"]),
        (record(gas=(0, "pass", "no"), seal=(1, "fail", "")), ["gas", "seal"]),
    ],
    ids=[
        "nothing is known",
        "as the condition says",
        "otherwise",
        "unknown may be anything",
        "not done may be anything",
        "not applicable is another answer",
        "an expired answer decides nothing",
        "the next in the chain was not met",
        "a pass does not make it asked",
        "a fail stands",
        "a fail from before the answer is settled by it",
        "a fail at the end of a chain stands",
    ],
)
def test_an_item_is_left_out_only_if_it_is_known_that_it_is_not_asked(
    known: ChecklistState, items: list[str]
) -> None:
    """In doubt an item is asked, so that nothing passes by not being asked."""
    assert [line.id for line in asked(known, CHECKLIST, at(10))] == items


def test_a_condition_on_an_item_that_is_gone_is_met() -> None:
    """A checklist that was changed without its conditions asks rather more than less."""
    alone = replace(CHECKLIST, items=CHECKLIST.items[1:2])

    assert [line.id for line in asked(record(), alone, at(0))] == ["tap"]
