"""What has to be raised: the ground truth of a simulated day, as values and as JSON Lines."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from monitor.core.rule import Severity

SEVERITY: Mapping[str, Severity] = {
    "admission-not-passed": "high",
    "checklist-not-done": "medium",
    "clock-skew": "low",
    "critical-item-failed": "critical",
    "denied-badge": "medium",
    "denied-burst": "medium",
    "device-offline": "high",
    "device-silent": "high",
    "device-tamper": "critical",
    "door-forced": "critical",
    "door-held-open": "high",
    "door-opened-unreleased": "high",
    "door-tamper": "critical",
    "duress": "life_safety",
    "exit-locked-occupied": "life_safety",
    "inspection-overdue": "high",
    "rejected-input": "medium",
    "revoked-credential": "critical",
    "revoked-credential-refused": "high",
    "unknown-name": "medium",
    "zone-open-not-passed": "critical",
    "zone-over-capacity": "critical",
}
"""The rules that a day may call for, as the rules folder ships them; a test compares the two."""


class Expected(Struct, frozen=True, kw_only=True):
    """One alert that has to be raised."""

    rule: str
    key: str
    """As the alert has it: the values of the rule's ``by`` fields, joined by `` / ``."""
    at: datetime
    """When its condition comes about; a monitor that waits for slow messages tells it later."""
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
        msgspec.MsgspecError: it is no ground truth.

    """
    return tuple(msgspec.json.Decoder(Expected).decode_lines(path.read_bytes()))
