"""The first version of snapshots: one flat struct, whose fields have since been moved and renamed."""

from collections.abc import Mapping

import msgspec
from msgspec import Raw

MOVED: Mapping[str, tuple[str, str]] = {
    "book": ("", "rule_set"),
    "now": ("time", "now"),
    "turn": ("time", "watermark"),
    "catching_up_until": ("time", "catching_up_until"),
    "arrivals": ("time", "arrivals"),
    "waiting": ("time", "waiting"),
    "timers": ("time", "timers"),
    "publish_at": ("time", "publish_at"),
    "keys": ("rules", "keys"),
    "facts": ("rules", "facts"),
    "standing": ("rules", "last_values"),
    "warming": ("rules", "warming"),
    "alerts": ("alerts", "open"),
    "kept": ("alerts", "kept"),
    "cooling": ("alerts", "cooling"),
    "masks": ("alerts", "masks"),
    "seen": ("people", "holders"),
    "mustering": ("people", "mustering"),
    "inside": ("people", "badges_inside"),
    "issues": ("people", "badge_issues"),
    "manned": ("people", "manned"),
    "staffed": ("people", "staffed"),
    "visited": ("people", "visited"),
    "zones": ("places", "zones"),
    "doors": ("places", "doors"),
    "alarms": ("places", "fire_alarms"),
    "buttons": ("places", "buttons"),
    "edges": ("places", "schedules"),
    "published": ("places", "published"),
    "unpublished": ("places", "unpublished"),
    "heard": ("devices", "liveness"),
    "counters": ("devices", "counters"),
    "behind": ("devices", "clocks_behind"),
    "unknown": ("devices", "unknown_names"),
    "checklists": ("work", "checklists"),
    "paces": ("work", "paces"),
    "visits": ("work", "visits"),
    "actions": ("work", "actions"),
    "impaired": ("work", "impaired"),
    "contested": ("work", "contested"),
    "reports": ("work", "reports"),
    "certificates": ("work", "certificates"),
    "sign_offs": ("work", "sign_offs"),
    "readings": ("work", "readings"),
    "readiness": ("readiness", "statuses"),
    "rechecks": ("readiness", "rechecks"),
    "ready_published": ("readiness", "published"),
    "ready_unpublished": ("readiness", "unpublished"),
    "roster": ("paging", "roster"),
    "overrides": ("paging", "overrides"),
    "paging": ("paging", ""),
}
"""By the name in the first version: the part of the state, and the name there. No part: the state itself."""
PAGING: Mapping[str, str] = {
    "climbs": "escalations",
    "bags": "queues",
    "recent": "recent",
    "still": "postponed",
    "behind": "behind_until",
    "timers": "timers",
}
"""By the name in the first version: the name in `PagingState`."""


def rearranged(old: Mapping[str, Raw]) -> dict[str, object]:
    """Return the fields of a first-version snapshot in the layout of the second, with their values unchanged.

    Timers, escalations and all smaller structs have the same JSON in both versions.

    Raises:
        msgspec.ValidationError: a field is neither version's.

    """
    parts: dict[str, dict[str, object]] = {}
    for name, value in old.items():
        if name not in MOVED:
            raise msgspec.ValidationError(f"no version of a snapshot has the field {name!r}")
        part, field = MOVED[name]
        if field:
            parts.setdefault(part, {})[field] = value
        else:
            inner = msgspec.json.decode(value, type=dict[str, Raw])
            parts.setdefault(part, {}).update({PAGING[of]: row for of, row in inner.items()})
    return {"version": 2, **parts.pop("", {}), **parts}
