"""The ground truth of a simulated day: the alerts that must be raised, as values and as JSON Lines."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from monitor.core.rules.model import Severity

SEVERITY: Mapping[str, Severity] = {
    "admission-not-passed": "high",
    "certificate-lapses-early": "medium",
    "checklist-not-done": "medium",
    "clock-skew": "low",
    "critical-item-failed": "critical",
    "denied-badge": "medium",
    "denied-burst": "medium",
    "device-behind-gateway-offline": "high",
    "device-offline": "high",
    "device-silent": "high",
    "device-tamper": "critical",
    "door-forced": "critical",
    "door-held-open": "high",
    "door-held-open-soon": "low",
    "door-opened-unreleased": "high",
    "door-tamper": "critical",
    "duress": "life_safety",
    "events-lost": "medium",
    "exit-blocked-occupied": "life_safety",
    "exit-locked-occupied": "life_safety",
    "impossible-travel": "high",
    "inspection-overdue": "high",
    "order-not-confirmed": "critical",
    "power-silent": "high",
    "rejected-input": "medium",
    "reports-second": "low",
    "reports-series": "high",
    "revoked-credential": "critical",
    "revoked-credential-refused": "high",
    "round-incomplete": "medium",
    "unknown-name": "medium",
    "zone-nearly-full": "medium",
    "zone-open-no-go": "critical",
    "zone-open-not-passed": "critical",
    "zone-open-unsafe": "life_safety",
    "zone-over-capacity": "critical",
}
"""The severity that an alert of each rule must have. All other rules must raise nothing on a simulated day."""


class Expected(Struct, frozen=True, kw_only=True):
    """One alert that must be raised."""

    rule: str
    key: str
    """The key of the alert: the values of the rule's ``by`` fields, joined by `` / ``."""
    at: datetime
    """When its condition occurs; a monitor that waits for delayed messages raises it later."""
    severity: Severity
    incident: str


def write(path: Path, expected: Iterable[Expected]) -> None:
    """Write one line of JSON for each alert.

    Raises:
        OSError: the file can't be written.

    """
    path.write_bytes(msgspec.json.Encoder().encode_lines(list(expected)))


def read(path: Path) -> tuple[Expected, ...]:
    """Read what ``write`` wrote.

    Raises:
        OSError: the file can't be read.
        msgspec.MsgspecError: it is not a ground truth.

    """
    return tuple(msgspec.json.Decoder(Expected).decode_lines(path.read_bytes()))
