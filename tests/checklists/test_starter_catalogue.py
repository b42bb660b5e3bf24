"""The starter catalogue: complete in three languages; documents, vote counting and training played through."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

import pytest
from msgspec.structs import replace

from monitor.checklists import read_folder
from monitor.checklists.file import ChecklistFile, assigned
from monitor.core.events.inspection import (
    Evidence,
    InspectionApproved,
    InspectionItem,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import ReadinessState, Unit
from monitor.core.events.work import AssetChanged, ReadinessSigned
from monitor.core.phrase import Phrase
from monitor.core.readiness.checklists import BLOCKING
from monitor.core.readiness.verdict import key
from monitor.core.transitions import ReadinessStatus
from monitor.core.venue.checklist import Checklist, ChecklistItem, digest_of
from monitor.core.venue.model import Assignment
from tests.support.engine import RULE_SET, START, VENUE, EngineHarness
from tests.support.pipeline import ROOT

FOLDER = read_folder(ROOT / "checklists")
LANGUAGES = {"vi", "ar"}
ZONE = VENUE.zones[0]
AGENCY = VENUE.agencies[0].id
SHARED = 8
"""The fewest items of a list that is meant to be shared."""


def placed(name: str) -> Checklist:
    """A checklist of the catalogue, assigned to the first zone of the test's venue."""
    return assigned(FOLDER.files[name], Assignment(checklist=name, zone=ZONE.id, lead=AGENCY))


def test_the_catalogue_has_what_a_congress_needs() -> None:
    """There are at least 25 lists with at least 8 items each, without a mistake."""
    assert FOLDER.mistakes == ()
    assert sum(len(file.items) >= SHARED for file in FOLDER.files.values()) >= 25


@pytest.mark.parametrize("name", FOLDER.files)
def test_every_text_is_in_every_language_and_every_item_has_its_source(name: str) -> None:
    """Nothing has to be read in English by somebody who reads Vietnamese or Arabic."""
    file: ChecklistFile = FOLDER.files[name]
    texts = [
        file.names,
        *(item.texts for item in file.items),
        *(choice.texts for item in file.items for choice in item.choices),
    ]

    assert all(set(row) == LANGUAGES and all(row.values()) for row in texts)
    assert [item.id for item in file.items if not item.reference] == []
    assert any(item.criticality in BLOCKING for item in file.items)


class Congress:
    """A zone in which one checklist of the catalogue is required, with an engine that judges it."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        venue = replace(
            VENUE, checklists=(checklist,), congress=replace(VENUE.congress, phase="live")
        )
        self.harness = EngineHarness(replace(RULE_SET, venue=venue))
        self.now = START

    def later(self, minutes: float = 10) -> datetime:
        """A later time."""
        self.now += timedelta(minutes=minutes)
        return self.now

    def submits(self, who: str, lines: Iterable[ChecklistItem], visit: str, **other: Item) -> None:
        """Somebody fills in these lines, all passed except the given ones, and the other person approves."""
        at = self.later()
        items = tuple(other.get(line.id.replace("-", "_"), passed(line)) for line in lines)
        self.harness.receive(
            InspectionSubmitted(
                at=at,
                checklist=self.checklist.id,
                inspection=visit,
                inspector=who,
                version=digest_of(self.checklist),
                items=items,
            )
        )
        approver = "binh" if who == "anna" else "anna"
        self.harness.receive(
            InspectionApproved(
                at=self.later(1),
                checklist=self.checklist.id,
                inspection=visit,
                inspector=who,
                approver=approver,
            )
        )

    def signs_off(self) -> None:
        """The supervisor signs that the zone is ready."""
        self.harness.receive(ReadinessSigned(at=self.later(), zone=ZONE.id, who="sara"))

    def status(self) -> ReadinessStatus:
        """The readiness of the zone by now."""
        seconds = (self.later(1) - START).total_seconds()
        self.harness.tick(seconds)
        return self.harness.engine.state.readiness.statuses[key(ZONE.site, ZONE.id)]

    def is_(self, state: ReadinessState) -> bool:
        """Whether the zone is in this state."""
        return self.status().state == state

    def reasons(self) -> set[str]:
        """The ids of the reasons of the zone."""
        return {row.what.id for row in self.status().reasons if isinstance(row.what, Phrase)}


def passed(line: ChecklistItem) -> Item:
    """A good answer to an item of any kind."""
    value = line.min if line.min is not None else line.max
    return Item(
        item=line.id,
        result="pass",
        value=value,
        unit=cast("Unit", line.unit or "unknown"),
        choice=line.choices[0].id if line.choices else "",
        text="9f86d081" if line.kind == "text" else "",
        asset="asset-1" if line.kind == "asset" else "",
        evidence=(Evidence(sha256="0" * 64, media_type="image/jpeg"),)
        if line.kind == "photo"
        else (),
    )


def test_e_documents_come_to_go_and_fall_back() -> None:
    """The document service is inspected, and then a later test finds it too slow (R11)."""
    congress = Congress(placed("e-documents"))
    assert congress.is_("unknown")
    congress.submits("anna", congress.checklist.items, "i1")
    assert not congress.is_("go")
    congress.signs_off()
    assert congress.is_("go")

    congress.harness.receive(
        InspectionItem(
            at=congress.later(),
            checklist="e-documents",
            inspection="i2",
            inspector="anna",
            item="load-time",
            result="pass",
            value=7.5,
            unit="second",
        )
    )

    assert congress.is_("no_go")
    assert congress.reasons() >= {"checklist-item-failed", "sign-off-void"}


def test_vote_counting_needs_two_people_and_reopens_after_a_change() -> None:
    """One person signs twice: not ready. Two do: go. The program is changed: no go, until all is done again (R12)."""
    congress = Congress(placed("vote-counting"))
    *first, second = congress.checklist.items
    assert second.other_than == "signed-first"

    congress.submits("anna", congress.checklist.items, "i1")
    congress.signs_off()
    assert congress.is_("unknown")
    assert "item-same-signer" in congress.reasons()

    congress.submits("binh", [second], "i2")
    assert congress.is_("go")

    changed = AssetChanged(
        at=congress.later(), asset="vote-counting", who="karim", what="version 4.2.2"
    )
    congress.harness.receive(changed)
    assert congress.is_("no_go")
    assert congress.reasons() >= {"checklist-reopened-by", "sign-off-void"}
    assert [row.key for row in congress.harness.alerts("frozen-system-changed")] == [
        "vote-counting / vote-counting"
    ]

    congress.signs_off()
    assert congress.is_("no_go"), "a new signature alone does not make it good"

    congress.submits("anna", first, "i3")
    congress.submits("binh", [second], "i4")
    assert congress.is_("go")


def test_findings_from_before_a_change_do_not_count_when_they_come_late() -> None:
    """A form that a tablet kept is as old as its findings: it was another program."""
    congress = Congress(placed("vote-counting"))
    *first, second = congress.checklist.items
    congress.submits("anna", first, "i1")
    found_at = congress.now
    congress.harness.receive(AssetChanged(at=congress.later(), asset="vote-counting"))
    congress.harness.receive(
        InspectionItem(
            at=congress.later(),
            finished_at=found_at,
            checklist="vote-counting",
            inspection="i2",
            inspector="binh",
            item=second.id,
            result="pass",
        )
    )
    congress.signs_off()

    assert congress.is_("no_go")
    assert "checklist-reopened" in congress.reasons()
    assert congress.harness.engine.state.work.checklists["vote-counting"].answers == {}


def test_another_asset_reopens_nothing() -> None:
    """Only what the list freezes matters to it."""
    congress = Congress(placed("vote-counting"))
    *first, second = congress.checklist.items
    congress.submits("anna", first, "i1")
    congress.submits("binh", [second], "i2")
    congress.signs_off()
    congress.harness.receive(AssetChanged(at=congress.later(), asset="projector"))

    assert congress.is_("go")


def test_training_is_asked_by_language_group() -> None:
    """Groups that do not exist are not asked; one that turns out to exist is, and is not ready until trained (R13)."""
    congress = Congress(placed("delegate-support"))
    lines = congress.checklist.items
    without = [line for line in lines if line.ask_if is None]
    groups = ("has_second", "has_minority")
    no = {name: Item(item=name.replace("_", "-"), result="pass", choice="no") for name in groups}
    congress.submits("anna", without, "i1", **no)
    congress.signs_off()
    assert congress.is_("go"), "what was not asked is not unanswered"

    minority = next(line for line in lines if line.id == "has-minority")
    congress.submits("anna", [minority], "i2")
    assert congress.is_("unknown")
    assert "checklist-items-unanswered" in congress.reasons()

    trained = next(line for line in lines if line.id == "completion-minority")
    few = Item(item=trained.id, result="pass", value=80.0, unit="percent")
    congress.submits("anna", [trained], "i3", completion_minority=few)
    assert congress.is_("no_go")

    congress.submits("anna", [trained], "i4")
    congress.signs_off()
    assert congress.is_("go")
