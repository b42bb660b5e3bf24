"""The types of event fields: names, times, texts, and the words that a field may hold."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=128)]
"""The name of a point, zone, device, checklist or person: 1 to 128 characters."""
When = Annotated[datetime, Meta(tz=True)]
"""A time with its UTC offset (RFC 3339); a time without an offset is refused."""
Text = Annotated[str, Meta(max_length=4000)]
"""Free text: at most 4,000 characters."""
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
"""A number of persons."""
Direction = Literal["in", "out", "unknown"]
HolderClass = Annotated[str, Meta(min_length=1, max_length=128)]
"""A class of accreditation. Each venue names its own; one that it doesn't name is reported, not refused."""
Method = Literal[
    "card",
    "pin",
    "fingerprint",
    "face",
    "iris",
    "vein",
    "palm",
    "retina",
    "license_plate",
    "rex",
    "unknown",
]
"""How the credential was presented (ONVIF credential kinds)."""
DeniedReason = Literal[
    "unknown_credential",
    "credential_disabled",
    "credential_revoked",
    "credential_lost",
    "credential_stolen",
    "credential_expired",
    "credential_not_active",
    "credential_locked_out",
    "credential_inactive",
    "credential_max_uses",
    "invalid_pin",
    "invalid_second_factor",
    "auth_timeout",
    "no_access_here",
    "outside_schedule",
    "threat_level",
    "passback",
    "unexpected_location",
    "max_attempts",
    "occupancy_lower",
    "occupancy_upper",
    "no_accompaniment",
    "interlock",
    "verification_failed",
    "verification_timeout",
    "other",
]
"""Why access was denied: BACnet's AccessEvent list with ONVIF's extensions; anything else is ``other``."""
DoorMode = Literal[
    "unknown",
    "locked",
    "unlocked",
    "accessed",
    "blocked",
    "locked_down",
    "locked_open",
    "double_locked",
]
"""ONVIF DoorMode."""
DoorAlarm = Literal["normal", "forced_open", "held_open"]
"""ONVIF DoorAlarm; ``normal`` clears it."""
OccupancyState = Literal[
    "normal",
    "below_lower_limit",
    "at_lower_limit",
    "at_upper_limit",
    "above_upper_limit",
    "disabled",
    "not_supported",
]
"""BACnet AccessZoneOccupancyState."""
CredentialStatus = Literal[
    "active",
    "disabled",
    "revoked",
    "lost",
    "stolen",
    "expired",
    "locked_out",
    "superseded",
    "unknown",
]
Result = Literal["pass", "fail", "na", "not_done", "unknown"]
"""The answer to one checklist item; an unfamiliar word counts as ``unknown``, never as ``pass``."""
Severity = Literal["impairment", "critical", "noncritical", "observation"]
"""The severity of a finding: the three classes of NFPA 25, and ``observation``."""
ActionKind = Literal["repair", "upgrade", "clean", "replace"]
Sensing = Literal["monitored", "partly", "unmonitored"]
"""Whether the sensors of a zone work: all, some or none."""
Presence = Literal["occupied", "empty", "unknown"]
"""Whether people are in a zone: an uncertain count is ``occupied``, a missing one ``unknown``."""
ReadinessState = Literal["go", "go_with_conditions", "no_go", "unknown"]
MaskKind = Literal["maintenance", "unlocked_schedule", "fire_release", "planned_opening"]
"""Why alerts are expected at a place for a limited time."""
TroubleKind = Literal["file", "calendar", "stale", "stranger", "gap", "channel"]
"""The problems of a roster: a mistake in its file, a calendar that is unreadable or stale, a name in a calendar that
matches no person, a team with no one on call, a person without a channel."""
Unit = Literal[
    "celsius",
    "lux",
    "percent",
    "bar",
    "ppm",
    "volt",
    "ampere",
    "decibel",
    "minute",
    "second",
    "unknown",
]
CappedMemory = Literal[
    "badges inside",
    "corrective actions and certificates",
    "fire and emergency inputs",
    "ignored keys",
    "issues of badges",
    "senders that count",
    "series of readings",
    "unknown names",
    "visits of inspectors",
    "whereabouts of holders",
]
"""What the monitor itself remembers of senders up to a limit, as it stands beside the ids of rules."""
PauseCause = Literal["machine", "process"]
"""What stood still: the whole machine, which was suspended, or the monitor's process only."""
AccountAct = Literal[
    "added",
    "calendar_made",
    "calendar_revoked",
    "disabled",
    "enabled",
    "grants_set",
    "link_made",
    "password_set",
    "pin_set",
    "profile_set",
    "reset",
    "session_ended",
    "token_made",
    "token_revoked",
]
"""What was done to an account."""
Disposition = Literal["real_handled", "real_no_action", "test", "duplicate", "false"]
"""What a closed alert turned out to be: real and dealt with, real but nothing had to be done, a test or drill, reported
by another alert already, or false: its condition was never met."""
