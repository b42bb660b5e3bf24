"""What has to be raised: the ground truth of a simulated day, as values and as JSON Lines."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from monitor.core.rules.model import Severity

SEVERITY: Mapping[str, Severity] = {
    "admission-not-passed": "high",
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
"""The rules that a day may call for, as the rules folder ships them; a test compares the two."""
NOT_SIMULATED = frozenset(
    {
        "action-neglected",
        "action-past-due",
        "admission-not-ready",
        "alone-in-two-person-zone",
        "amended-after-sign-off",
        "answers-identical",
        "asset-again",
        "badge-locked-out",
        "battery-low",
        "carbon-monoxide",
        "carbon-monoxide-high",
        "carbon-monoxide-silent",
        "carbon-monoxide-unit",
        "certificate-expired",
        "certificate-expiring",
        "certificate-lapses-early",
        "certificate-revoked",
        "channel-untested",
        "clock-behind",
        "cold-food-warm",
        "complaint-back",
        "config-changed-live",
        "critical-action-neglected",
        "critical-item-not-answered",
        "crowd-critical",
        "crowd-dense",
        "crowd-managers-missing",
        "defect-back",
        "device-restarts",
        "door-contradiction",
        "door-held-open-critical",
        "door-open-after-closing",
        "door-unlocked-after-hours",
        "emergency-button",
        "entry-ahead",
        "entry-behind",
        "exit-crowd-entry",
        "exit-fault",
        "exit-locked-unmonitored",
        "exit-used",
        "exit-used-as-entry",
        "expired-badge-again",
        "expired-badge-granted",
        "feeder-silent",
        "fire",
        "fire-alarm-out",
        "food-temperature-silent",
        "food-temperature-unit",
        "gate-dry",
        "gate-flow-high",
        "gate-flow-high-5m",
        "gate-refuses",
        "gate-stuck",
        "generator-fuel-low",
        "granted-not-taken",
        "granted-outside-hours",
        "hot-food-cold",
        "hot-water-cool",
        "impairment-past-due",
        "inflow-above-way-on",
        "inspection-back-dated",
        "inspection-due-soon",
        "inspection-finished-in-future",
        "inspection-hasty",
        "inspection-overdue-15m",
        "inspection-overdue-4h",
        "inspection-too-fast",
        "inspector-in-two-places",
        "interlock-both-open",
        "item-failed-twice",
        "leads-overlap",
        "left-without-entering",
        "mains-high",
        "mains-low",
        "muster-incomplete",
        "muster-not-begun",
        "not-inspected-after-repair",
        "not-inspected-for-a-day",
        "occupancy-uncertain",
        "opened-without-sign-off",
        "order-without-receipt",
        "outside-hours",
        "passages-without-opening",
        "passback-refused",
        "passback-soft",
        "passback-timed",
        "passback-violation",
        "post-empty",
        "post-never-manned",
        "power-unit",
        "rack-hot",
        "rack-silent",
        "rack-unit",
        "rack-warm",
        "reading-flat",
        "report-without-receipt",
        "request-unanswered",
        "request-without-receipt",
        "round-late",
        "round-stalled",
        "round-too-short",
        "schedules-overlap",
        "self-approval",
        "sign-off-missing",
        "sign-off-missing-10",
        "sign-off-missing-30",
        "sprinkler-out",
        "template-retired",
        "tls-certificate-expiring",
        "two-issues",
        "two-person-refused",
        "uplink-loss",
        "ups-short",
        "watcher-silent",
        "wrong-class-granted",
        "wrong-class-refused",
        "zone-limit-by-controller",
        "zone-not-evacuated",
        "zone-open-not-ready",
        "zone-perhaps-over-capacity",
        "zone-unmonitored",
    }
)
"""The other rules of the folder: no incident calls for them yet, and no day may raise them."""


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
