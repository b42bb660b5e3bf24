"""The event vocabulary: the events of devices, inspectors and staff, and those that the core derives, as types.

Each event is one immutable struct, which is also its schema; the tag in ``type`` names it. The names follow ONVIF
(access and door control), BACnet (denied reasons, occupancy states) and NFPA 25 (severity of a finding). ``at`` is the
sender's time in UTC. Types only: what follows from events is decided elsewhere.
"""

from collections.abc import Mapping
from typing import Any, get_args

from msgspec import Struct

from monitor.core.events.access import Access, Credential
from monitor.core.events.commands import Logging, Masking, Relief, Staff
from monitor.core.events.derived import Derived
from monitor.core.events.derived_people import DerivedAboutPeople
from monitor.core.events.device import Device
from monitor.core.events.door import Door
from monitor.core.events.inspection import Inspection
from monitor.core.events.monitor import Noticed
from monitor.core.events.muster import AboutHolders
from monitor.core.events.people import NotifyTested, Order, Post, Report, Request, Round, Watcher
from monitor.core.events.work import Action, Asset, Certificate, Readiness, Reading
from monitor.core.events.zone import Emergency, Zone

ReceivedEvent = (
    Access
    | Door
    | Device
    | Zone
    | Emergency
    | Credential
    | Inspection
    | Action
    | Reading
    | Asset
    | Certificate
    | Readiness
    | Report
    | Request
    | Order
    | Post
    | Round
    | Watcher
    | NotifyTested
    | Staff
    | Masking
    | Relief
    | Logging
    | AboutHolders
)
"""Every event that may arrive as a message."""

AnyEvent = ReceivedEvent | Noticed | Derived | DerivedAboutPeople
"""Every event that a rule may name."""


def kind_of(event: AnyEvent) -> str:
    """Return the name of an event's type, e.g. ``door.opened``."""
    tag: Any = event.__struct_config__.tag
    return str(tag)


def _by_kind() -> Mapping[str, type[Struct]]:
    return {str(struct.__struct_config__.tag): struct for struct in get_args(AnyEvent)}


EVENT_TYPES: Mapping[str, type[Struct]] = _by_kind()
"""Every event type by name, including those that only the monitor generates."""
