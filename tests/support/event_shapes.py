"""Events about the small venue of the tests, of which random streams are made."""

from collections.abc import Mapping, Sequence
from typing import Any

SHAPES: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("access/d1", "access.granted", {"point": "d1", "direction": "in", "credential": "c1"}),
    ("access/d1", "access.denied", {"point": "d1", "credential": "c1", "reason": "invalid_pin"}),
    ("access/g1", "access.taken", {"point": "g1", "direction": "in", "holder_class": "guest"}),
    ("access/d1", "access.duress", {"point": "d1"}),
    ("credential/c1", "credential.state", {"credential": "c1", "state": "lost"}),
    ("door/d1", "door.opened", {"point": "d1"}),
    ("door/d1", "door.closed", {"point": "d1"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "forced_open"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "normal"}),
    ("door/d1", "door.tamper", {"point": "d1", "active": True}),
    ("door/d1", "door.tamper", {"point": "d1", "active": False}),
    ("door/e1", "door.locked", {"point": "e1"}),
    ("door/e1", "door.unlocked", {"point": "e1"}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 12}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 0}),
    ("zone/hall", "zone.opened", {"zone": "hall"}),
    ("zone/hall", "zone.closed", {"zone": "hall"}),
    ("device/r1", "device.offline", {"device": "r1"}),
    ("device/r1", "device.heartbeat", {"device": "r1"}),
    ("door/d99", "door.opened", {"point": "d99"}),
)
"""The end of the topic, the type, and the fields."""
