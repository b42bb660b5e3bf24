"""What staff may order, and who does it: the desk with alerts, the masks, the roster."""

from monitor.core import duty, masks
from monitor.core.desk import AlertDesk
from monitor.core.event import (
    Masking,
    Relief,
    Staff,
    StaffMask,
    StaffOverride,
    StaffRelease,
    StaffUnmask,
)
from monitor.core.state import Timer

Order = Staff | Masking | Relief


def obey(desk: AlertDesk, said: Order) -> Timer | None:
    """Do what staff say, or say why not. Return what ends it, if it ends by itself."""
    match said:
        case StaffMask():
            return masks.begin(desk, said)
        case StaffUnmask():
            masks.lift(desk, said)
            return None
        case StaffOverride() | StaffRelease():
            return duty.relieve(desk, said)
        case _:
            until = desk.order(said)
            return None if until is None else Timer(until, "shelf", said.alert)
