"""What the core joins from several words about one thing: rules may use it, nobody may send it."""

from monitor.core.event.said import AtPoint, OfZone, Said
from monitor.core.event.words import Name, Presence


class DoorStanding(AtPoint, frozen=True, kw_only=True, tag="door.standing"):
    """How a door stands by the latest words of its lock, of its mode and of its faults: each takes back only itself."""

    shut: bool
    """Its lock is thrown, its mode closes it, or it has a fault: one of these is enough."""
    unlocked: bool
    """Its lock is released, or its mode leaves it free: one of these is enough."""


class ZonePresence(OfZone, frozen=True, kw_only=True, tag="zone.presence"):
    """Whether anybody is in the zone, as far as that is known."""

    state: Presence
    open: bool
    """The zone admits people."""


class ZoneAlarm(OfZone, frozen=True, kw_only=True, tag="zone.alarm"):
    """What is still on in a zone, after the latest word of one of its fire and emergency inputs."""

    fire: bool
    """A detector, call point or panel input has not gone back to normal."""
    button: bool
    """An emergency button has not."""


class SiteAlarm(Said, frozen=True, kw_only=True, tag="site.alarm"):
    """The fire alarm of a site began in the first of its zones, or is over in all of them."""

    site: Name
    active: bool
    zone: str = ""
    """The zone whose input began or ended it."""


class AssetImpaired(Said, frozen=True, kw_only=True, tag="asset.impaired"):
    """The first impairment of an asset is open, or open again."""

    asset: Name
    zone: str = ""


class AssetRestored(Said, frozen=True, kw_only=True, tag="asset.restored"):
    """No impairment of an asset is open any more: each was verified or cancelled."""

    asset: Name
    zone: str = ""


class WorkContested(Said, frozen=True, kw_only=True, tag="work.contested"):
    """More than one agency leads open work on one thing, or others do than before."""

    subject: Name
    """The asset, or the zone and the item of a checklist that failed there."""
    leads: str
    agencies: int
    """How many these are."""


class WorkSettled(Said, frozen=True, kw_only=True, tag="work.settled"):
    """No longer more than one agency leads open work on it."""

    subject: Name


Joined = (
    DoorStanding
    | ZonePresence
    | ZoneAlarm
    | SiteAlarm
    | AssetImpaired
    | AssetRestored
    | WorkContested
    | WorkSettled
)
"""What the core joins from several words about one thing."""
