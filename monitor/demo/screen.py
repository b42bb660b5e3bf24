"""The live screen: open alerts by severity, zones, doors, rate and health."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.core.alert import Alert
from monitor.core.events import AnyEvent
from monitor.core.inputs import Arrival
from monitor.core.meaning.door import door_status, is_unlocked
from monitor.core.rules.model import SEVERITIES
from monitor.core.transitions import ZoneStatus
from monitor.core.venue.display_names import DisplayNames
from monitor.journal import Journal
from monitor.runtime.severity import COLOURS
from monitor.web.board_alert import MARKS

BAD, DOUBTFUL = "bold red", "yellow"
"""What is wrong, and what may become so."""
ROWS = 18


class Screen:
    """A view of the journal, read on from the last position.

    Args:
        journal: its file.
        names: the names of zones and doors.

    """

    def __init__(self, journal: Path, names: DisplayNames) -> None:
        self._path = journal
        self._names = names
        self._seq = 0
        self._inputs = 0
        self._doors: dict[str, str] = {}

    def draw(
        self, now: datetime, rate: float, trouble: str, hint: Text | None = None
    ) -> RenderableType:
        """Return the present screen, with what to do next above it."""
        with Journal(self._path, read_only=True) as journal:
            self._read_on(journal)
            alerts, zones = journal.alerts(), journal.zones()
        alerts.sort(key=lambda alert: (SEVERITIES.index(alert.severity), alert.raised_at))
        layout = Layout()
        next_steps = [] if hint is None else [Layout(hint, size=hint.plain.count("\n") + 1)]
        layout.split_column(Layout(name="top", size=3), *next_steps, Layout(name="rest"))
        layout["rest"].split_row(
            Layout(_alerts(alerts), name="alerts", ratio=3), Layout(name="side", ratio=2)
        )
        layout["side"].split_column(
            Layout(_zones(zones, self._names), ratio=3), Layout(self._open_doors(), ratio=1)
        )
        health = Text(trouble, BAD) if trouble else Text("healthy")
        head = Text(
            f"{now:%d %b %H:%M:%S}Z   {self._inputs} inputs in the journal   {rate:.0f}/s   "
        )
        layout["top"].update(
            Panel(head + health, title="venue-monitor demo: a simulated congress day")
        )
        return layout

    @property
    def inputs(self) -> int:
        """Inputs read so far."""
        return self._inputs

    def _read_on(self, journal: Journal) -> None:
        for seq, given in journal.inputs(self._seq):
            self._seq = seq
            self._inputs += 1
            if isinstance(given, Arrival):
                for event in given.events:
                    self._note_door(event)

    def _note_door(self, event: AnyEvent) -> None:
        status = door_status(event)
        if status is None or status.part not in {"contact", "mode"}:
            return
        point = getattr(event, "point", "")
        if status.state == "open":
            self._doors[point] = "open"
        elif is_unlocked([status.state]):
            self._doors[point] = "unlocked"
        else:
            self._doors.pop(point, None)

    def _open_doors(self) -> RenderableType:
        doors = [
            f"{self._names.of('point', point)}: {state}"
            for point, state in sorted(self._doors.items())
        ]
        return Panel(escape("; ".join(doors)) or "all closed", title="Doors not closed")


def _alerts(alerts: Sequence[Alert]) -> RenderableType:
    counts = " ".join(
        f"[{COLOURS[severity]}] {mark} {sum(alert.severity == severity for alert in alerts)} "
        f"{severity.replace('_', ' ')} [/]"
        for severity, (mark, _) in MARKS.items()
    )
    table = Table(box=None, expand=True, pad_edge=False)
    for title, width in (("severity", 15), ("since", 8), ("alert", None), ("owner", 12)):
        table.add_column(
            title, width=width, ratio=1 if width is None else None, no_wrap=bool(width)
        )
    for alert in alerts[:ROWS]:
        mark, _ = MARKS[alert.severity]
        severity = f"[{COLOURS[alert.severity]}] {mark} {alert.severity.replace('_', ' ')} [/]"
        times = f" ({alert.occurrences} times)" if alert.occurrences > 1 else ""
        cleared = " [dim](cleared)[/]" if alert.condition == "cleared" else ""
        what = "silent alert" if alert.silent else escape(alert.title)
        table.add_row(
            severity,
            f"{alert.happened_at:%H:%M:%S}",
            what + times + cleared,
            escape(alert.owner + " (unverified)" * alert.unverified or "-"),
        )
    more = f"and {len(alerts) - ROWS} more" if len(alerts) > ROWS else ""
    return Panel(Group(counts, table, more), title="Open alerts")


def _zones(zones: Sequence[ZoneStatus], names: DisplayNames) -> RenderableType:
    table = Table(box=None, expand=True, pad_edge=False)
    for title in ("zone", "people", "open", "checklists"):
        table.add_column(title, no_wrap=True)
    for zone in zones:
        people = f"{'?' if zone.occupancy is None else zone.occupancy}/{zone.capacity}"
        full = (
            zone.occupancy is not None
            and zone.capacity is not None
            and zone.occupancy > zone.capacity
        )
        is_open = {None: "?", True: "open", False: "closed"}[zone.open]
        bad = zone.inspected not in {"passed", "no_checklist"}
        table.add_row(
            escape(names.of("zone", zone.zone)),
            Text(people, BAD if full else ""),
            is_open,
            Text(zone.inspected.replace("_", " "), DOUBTFUL if bad and zone.open else ""),
        )
    return Panel(table, title="Zones")
