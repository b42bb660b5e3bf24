"""Frozen assets: what must not change once a checklist has passed. A change makes the checklist open again."""

from datetime import datetime

from msgspec.structs import replace

from monitor.core.events import AnyEvent
from monitor.core.meaning.frozen_asset import changed_asset, frozen_by
from monitor.core.state.state import State
from monitor.core.state.work import AssetChange, ChecklistState


def reopen(state: State, event: AnyEvent, t: datetime) -> None:
    """Void the answers to the checklists that freeze what was changed, as far as they were found before."""
    who: str = getattr(event, "who", "")
    for checklist in frozen_by(state.rule_set.venue, event):
        record = state.work.checklists.setdefault(checklist.id, ChecklistState())
        change = AssetChange(t, changed_asset(event), who)
        if record.change is None or record.change.at < t:
            record.change = change
        before = len(record.answers)
        record.answers = {item: row for item, row in record.answers.items() if row.at > t}
        if len(record.answers) < before:
            note_void(record)


def note_void(record: ChecklistState) -> None:
    """Note that an answer came that was found before the latest change."""
    if record.change is not None:
        record.change = replace(record.change, voided=True)


def is_void(record: ChecklistState, found_at: datetime) -> bool:
    """Tell whether something found at this time was found before the latest change, and counts no more."""
    return record.change is not None and found_at <= record.change.at
