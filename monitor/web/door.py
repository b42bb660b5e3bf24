"""How an access point stands, in a mark and words: closed, open, blocked, in alarm, or unknown."""

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from monitor.core.meaning.door import FAULT, DoorPart, door_status, is_shut
from monitor.core.state.places import DoorReport
from monitor.core.state.state import State
from monitor.core.venue.model import Point
from monitor.texts import Language
from monitor.texts.marked import msgid

DoorKind = Literal["alarm", "blocked", "open", "closed", "unknown"]
MARKS: Mapping[DoorKind, str] = {
    "alarm": "✖",
    "blocked": "⊘",
    "open": "◇",
    "closed": "▬",
    "unknown": "?",
}
"""The mark of each, gravest first."""
NAMES: Mapping[DoorKind, str] = {
    "alarm": msgid("door in alarm"),
    "blocked": msgid("exit blocked"),
    "open": msgid("door open"),
    "closed": msgid("door closed"),
    "unknown": msgid("door unknown"),
}
"""What each mark means, for the key of a plan."""
REPORTS = ("opened", "closed", "locked", "unlocked", "mode", "alarm", "tamper", "fault")
"""The event types about the parts of a door, without ``door.``."""
DoorReports = Mapping[DoorPart, DoorReport]


class DoorState(Struct, frozen=True, kw_only=True):
    """How an access point stands."""

    kind: DoorKind
    mark: str
    words: str


def door_reports(state: State) -> Mapping[str, DoorReports]:
    """Return the latest report of each part, by access point."""
    found: dict[str, dict[DoorPart, DoorReport]] = {}
    for kind in REPORTS:
        for row in state.rules.last_values.get(f"door.{kind}", {}).values():
            status = door_status(row.event)
            if status is None or status.state == "unknown":
                continue
            parts = found.setdefault(str(getattr(row.event, "point", "")), {})
            known = parts.get(status.part)
            if known is None or known.at <= row.t:
                parts[status.part] = DoorReport(row.t, status.state)
    return found


def door_state(point: Point, reports: DoorReports, language: Language) -> DoorState:
    """Return how an access point stands by the latest reports of its parts."""
    kind = _kind(point, reports)
    words = language.list_of(_words(reports, language)) or language.gettext("unknown")
    if kind == "blocked":
        words = f"{language.gettext('blocked')} ({words})"
    return DoorState(kind=kind, mark=MARKS[kind], words=words)


def is_exit(point: Point) -> bool:
    """Return whether people escape by it."""
    return point.exit_only or point.kind == "emergency_exit"


def _kind(point: Point, reports: DoorReports) -> DoorKind:
    states = {part: row.state for part, row in reports.items()}
    if states.get("alarm", "normal") != "normal" or states.get("tamper"):
        return "alarm"
    lasting = [state for part, state in states.items() if part in {"lock", "mode", "fault"}]
    if is_exit(point) and is_shut(lasting):
        return "blocked"
    if states.get("fault") == FAULT:
        return "alarm"
    match states.get("contact"):
        case "open":
            return "open"
        case "closed":
            return "closed"
        case _:
            return "closed" if is_shut(lasting) else "unknown"


def _words(reports: DoorReports, language: Language) -> Iterator[str]:
    """Yield what each part reports, in words: alarms first, and nothing that is as it should be."""
    order: tuple[DoorPart, ...] = ("alarm", "tamper", "fault", "contact", "lock", "mode")
    for part in order:
        state = reports[part].state if part in reports else ""
        if state and state != "normal":
            yield language.word(state)
