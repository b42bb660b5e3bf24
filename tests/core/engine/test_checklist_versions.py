"""Versions of a checklist: a form that answers one from before is understood, also after a restart."""

from msgspec.structs import replace

from monitor.core.events.inspection import InspectionSubmitted, Item
from monitor.core.inputs import RulesChanged
from monitor.core.state import snapshot
from monitor.core.venue.checklist import Checklist, digest_of
from monitor.core.venue.model import Venue
from tests.support.engine import RULE_SET, VENUE, EngineHarness, at

CHECK = next(row for row in VENUE.checklists if any(item.max for item in row.items))
COLD = next(item for item in CHECK.items if item.max)
OTHERS = tuple(item for item in CHECK.items if item is not COLD)


def venue(*checklists: Checklist) -> Venue:
    """The venue of the tests with other checklists."""
    return replace(VENUE, checklists=checklists)


def changed(harness: EngineHarness, seconds: float, *checklists: Checklist) -> None:
    """Put other checklists in force."""
    rules = replace(RULE_SET, venue=venue(*checklists))
    harness.step(RulesChanged(received_at=at(seconds), who="test", rule_set=rules))


def form(seconds: float, value: float, version: str) -> InspectionSubmitted:
    """A form that measures the cold store, by a version."""
    assert COLD.unit == "celsius"
    return InspectionSubmitted(
        at=at(seconds),
        checklist=CHECK.id,
        inspection=f"i{seconds}",
        inspector="anna",
        version=version,
        items=(Item(item=COLD.id, result="pass", value=value, unit="celsius"),),
    )


def result(harness: EngineHarness) -> str:
    """The latest result of the measured item."""
    return harness.engine.state.work.checklists[CHECK.id].answers[COLD.id].result


def test_a_form_is_judged_by_the_limits_that_it_was_asked_by() -> None:
    """The limit was lowered while the form was filled in: what it allowed is no pass today, and no fail either."""
    harness = EngineHarness(replace(RULE_SET, venue=venue(CHECK)))
    limit = COLD.max
    assert limit is not None
    stricter = replace(CHECK, items=(*OTHERS, replace(COLD, max=limit - 2)))
    changed(harness, 10, stricter)

    harness.receive(form(20, limit - 1, digest_of(CHECK)))
    harness.tick(30)
    assert result(harness) == "unknown"

    harness.receive(form(40, limit + 1, digest_of(CHECK)))
    harness.tick(50)
    assert result(harness) == "fail"

    harness.receive(form(60, limit - 3, digest_of(stricter)))
    harness.tick(70)
    assert result(harness) == "pass"
    assert harness.alerts("template-retired") != []


def test_versions_outlive_a_restart_and_a_checklist_that_was_removed() -> None:
    """The definitions are part of the state, and of its snapshot."""
    harness = EngineHarness(replace(RULE_SET, venue=venue(CHECK)))
    second = replace(CHECK, items=OTHERS)
    changed(harness, 10, second)
    changed(harness, 20)
    kept = snapshot.decode(snapshot.encode(harness.engine.state)).work.versions

    assert list(kept[CHECK.id]) == [digest_of(CHECK), digest_of(second)]
    assert kept[CHECK.id][digest_of(CHECK)] == CHECK


def test_an_item_of_an_earlier_version_is_not_mistyped() -> None:
    """An answer to an item that was removed raises no notice of an unknown name, and puts no other answer in doubt."""
    harness = EngineHarness(replace(RULE_SET, venue=venue(CHECK)))
    changed(harness, 10, replace(CHECK, items=OTHERS))
    harness.receive(form(20, 1.0, digest_of(CHECK)))
    harness.tick(30)

    assert harness.engine.state.devices.unknown_names == {}
    assert harness.engine.state.work.checklists[CHECK.id].doubts == {}


def test_a_version_keeps_its_digest_when_only_the_place_changes() -> None:
    """Zone, agencies, interval and name don't change what an answer means; a question or a limit does."""
    elsewhere = replace(CHECK, zone="foyer", lead="x", name="Other", interval=2 * CHECK.interval)
    translated = replace(
        CHECK, items=tuple(replace(row, text=f"{row.text}!") for row in CHECK.items)
    )

    assert digest_of(elsewhere) == digest_of(CHECK)
    assert digest_of(translated) != digest_of(CHECK)
