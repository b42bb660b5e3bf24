"""The open alerts about something, as a viewer may see them, gravest first."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.texts.words import severity, status
from monitor.web.board_alert import MARKS, age
from monitor.web.source import Source
from monitor.web.viewer import Viewer


class AlertRow(Struct, frozen=True, kw_only=True):
    """One open alert."""

    id: str
    title: str
    shape: str
    code: str
    severity: Severity
    word: str
    """The severity in words."""
    state: str
    age: str


def seen_alerts(source: Source, viewer: Viewer, wanted: Callable[[Alert], bool]) -> Sequence[Alert]:
    """Return the open alerts that are wanted and that the viewer may see, gravest first, then oldest."""
    rows = [row for row in source.state.alerts.open.values() if viewer.sees(row) and wanted(row)]
    return sorted(rows, key=lambda row: (SEVERITIES.index(row.severity), row.happened_at, row.id))


def alert_row(source: Source, viewer: Viewer, alert: Alert) -> AlertRow:
    """Return an alert as a row."""
    shape, code = MARKS[alert.severity]
    language = viewer.language
    return AlertRow(
        id=alert.id,
        title=source.writer.title(alert, language),
        shape=shape,
        code=code,
        severity=alert.severity,
        word=severity(alert, language),
        state=status(alert, language),
        age=age(alert.happened_at, source.now(), language),
    )


def alert_rows(
    source: Source, viewer: Viewer, wanted: Callable[[Alert], bool]
) -> Sequence[AlertRow]:
    """Return the open alerts that are wanted and that the viewer may see, as rows."""
    return [alert_row(source, viewer, row) for row in seen_alerts(source, viewer, wanted)]
