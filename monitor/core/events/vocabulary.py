"""The words that events choose from: lists of what may be said, and how long a name or text may be."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=128)]
"""The name of a point, zone, device, checklist or person: 1 to 128 characters."""
When = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset from UTC (RFC 3339); a time without an offset is refused."""
Text = Annotated[str, Meta(max_length=4000)]
"""Free text of a person: at most 4,000 characters."""
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
"""A number of persons."""
Direction = Literal["in", "out", "unknown"]
HolderClass = Literal["guest", "delegate", "press", "staff", "security", "contractor", "unknown"]
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
"""How the credential was shown (ONVIF credential kinds)."""
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
"""Why access was denied: BACnet's AccessEvent list with ONVIF's extensions; whatever is unknown is ``other``."""
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
"""ONVIF DoorAlarm; ``normal`` is the edge that clears."""
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
CredentialStanding = Literal[
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
"""The answer to one checklist item; a word that is not known is ``unknown``, never ``pass``."""
Severity = Literal["impairment", "critical", "noncritical", "observation"]
"""How bad a finding is: the three classes of NFPA 25, and ``observation``."""
ActionKind = Literal["repair", "upgrade", "clean", "replace"]
Sensing = Literal["monitored", "partly", "unmonitored"]
"""Whether the sensors of a zone work: all, some, none."""
Presence = Literal["occupied", "empty", "unknown"]
"""Whether anybody is in a zone: also ``occupied`` where somebody may be there; ``unknown``: nobody has counted."""
ReadinessState = Literal["go", "go_with_conditions", "no_go", "unknown"]
MaskKind = Literal["maintenance", "unlocked_schedule", "fire_release", "planned_opening"]
"""Why alerts are expected somewhere for a while."""
TroubleKind = Literal["file", "calendar", "stale", "stranger", "gap", "channel"]
"""What can be wrong with a roster: its file, a calendar that can't be read or is old, a name in a calendar that is no
person's, a team that nobody is on call for, a person who has no channel."""
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
