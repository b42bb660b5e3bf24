"""ONVIF's words and their meanings: reasons for denied access, states of doors and of credentials."""

from collections.abc import Mapping

from monitor.adapters.adapter import Meaning
from monitor.core.events.access import (
    Access,
    AccessDenied,
    AccessDuress,
    AccessGranted,
    AccessNotTaken,
    AccessRead,
    AccessTaken,
)
from monitor.core.events.door import (
    DoorAlarmChanged,
    DoorClosed,
    DoorFault,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorTamper,
    DoorUnlocked,
)
from monitor.core.events.vocabulary import CredentialStatus, DeniedReason, Method

ACCESS: Mapping[str, type[Access]] = {
    "AccessGranted": AccessGranted,
    "AccessTaken": AccessTaken,
    "AccessNotTaken": AccessNotTaken,
    "Denied": AccessDenied,
    "Duress": AccessDuress,
    "Request": AccessRead,
}
"""``AccessControl/<this>/...`` (Access Control Service, "Notification topics")."""

REASONS: Mapping[str, DeniedReason] = {
    "CredentialNotEnabled": "credential_disabled",
    "CredentialNotActive": "credential_not_active",
    "CredentialExpired": "credential_expired",
    "CredentialBlocked": "credential_revoked",
    "CredentialLost": "credential_lost",
    "CredentialStolen": "credential_stolen",
    "CredentialLockedOut": "credential_locked_out",
    "CredentialInactivity": "credential_inactive",
    "InvalidPIN": "invalid_pin",
    "InvalidIdentifierValue": "invalid_second_factor",
    "NotPermittedAtThisTime": "outside_schedule",
    "Unauthorized": "no_access_here",
    "AntiPassbackViolation": "passback",
}
"""``Reason`` of ``Denied``, without ``pt:``. "A client shall treat unknown strings as Other"; the last is Axis's."""

METHODS: Mapping[str, Method] = {
    "Card": "card",
    "PIN": "pin",
    "Fingerprint": "fingerprint",
    "Face": "face",
    "Iris": "iris",
    "Vein": "vein",
    "Palm": "palm",
    "Retina": "retina",
    "LicensePlate": "license_plate",
    "REX": "rex",
}
"""``IdentifierType``, without ``pt:``."""

STATES_DISABLED: Mapping[str, CredentialStatus] = {
    "LockedOut": "locked_out",
    "Blocked": "revoked",
    "Lost": "lost",
    "Stolen": "stolen",
    "Expired": "expired",
}
"""``Reason`` of ``Credential/State/Enabled``, without ``pt:Credential``; any other means disabled."""

STATES: Mapping[bool | None, CredentialStatus] = {True: "active", None: "unknown"}
"""``State`` of the same topic, where it is not false."""

_FAULT: Meaning = (DoorFault, {"active": True})
UNKNOWN_STATE = _FAULT
"""The meaning of a state that no specification names: someone must check the door."""

DOOR: Mapping[str, Mapping[str, Meaning | None]] = {
    "DoorPhysicalState": {
        "Open": (DoorOpened, {}),
        "Closed": (DoorClosed, {}),
        "Fault": _FAULT,
        "Unknown": None,
    },
    "LockPhysicalState": {
        "Locked": (DoorLocked, {}),
        "Unlocked": (DoorUnlocked, {}),
        "Fault": _FAULT,
        "Unknown": None,
    },
    "DoubleLockPhysicalState": {
        "Locked": None,
        "Unlocked": None,
        "Fault": _FAULT,
        "Unknown": None,
    },
    "DoorAlarm": {
        "Normal": (DoorAlarmChanged, {"alarm": "normal"}),
        "DoorForcedOpen": (DoorAlarmChanged, {"alarm": "forced_open"}),
        "DoorOpenTooLong": (DoorAlarmChanged, {"alarm": "held_open"}),
    },
    "DoorTamper": {
        "NotInTamper": (DoorTamper, {"active": False}),
        "TamperDetected": (DoorTamper, {"active": True}),
        "Unknown": None,
    },
    "DoorFault": {
        "NotInFault": (DoorFault, {"active": False}),
        "FaultDetected": _FAULT,
        "Unknown": None,
    },
    "DoorMode": {
        "Unknown": (DoorModeChanged, {"mode": "unknown"}),
        "Locked": (DoorModeChanged, {"mode": "locked"}),
        "Unlocked": (DoorModeChanged, {"mode": "unlocked"}),
        "Accessed": (DoorModeChanged, {"mode": "accessed"}),
        "Blocked": (DoorModeChanged, {"mode": "blocked"}),
        "LockedDown": (DoorModeChanged, {"mode": "locked_down"}),
        "LockedOpen": (DoorModeChanged, {"mode": "locked_open"}),
        "DoubleLocked": (DoorModeChanged, {"mode": "double_locked"}),
    },
}
"""``Door/State/<topic>`` and its ``State``; ``None`` for a known state without an event."""
