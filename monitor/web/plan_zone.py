"""A zone on the plan of a site: its colour by layer, and the texts for which it has room."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from monitor.core.venue.model import Venue, Zone
from monitor.texts import Language
from monitor.web.device import DeviceRow
from monitor.web.plan_shapes import ZoneShape
from monitor.web.zone_status import ZoneRow

Layer = Literal["alerts", "occupancy", "readiness", "devices"]
LINE, LETTER = 21, 9.2
"""Height of a line and width of a letter, in units of the drawing."""


class PlanZone(Struct, frozen=True, kw_only=True):
    """A zone on the plan."""

    row: ZoneRow
    shape: ZoneShape
    look: str
    """What its colour says, as a class of the style sheet."""
    name: str
    """Shortened to its room."""
    lines: Sequence[str]
    """Below its name: as many as there is room for."""
    devices: str


def plan_zone(
    layer: Layer, shape: ZoneShape, row: ZoneRow, devices: Sequence[DeviceRow], language: Language
) -> PlanZone:
    """Return a zone as a plan shows it."""
    heard = _heard(devices, language)
    room = max(0, int(shape.height / LINE) - 2)
    return PlanZone(
        row=row,
        shape=shape,
        look=_look(layer, row, devices),
        name=_shortened(row.name, shape.width),
        lines=_lines(layer, row, heard, language)[:room],
        devices=heard,
    )


def devices_in(venue: Venue, zone: Zone) -> Iterable[str]:
    """Return the devices that count a zone, or are at an access point into it."""
    at_points = (own for row in venue.points if row.zone == zone.id for own in row.devices)
    return dict.fromkeys((*zone.counted_by, *at_points))


def _lines(layer: Layer, row: ZoneRow, heard: str, language: Language) -> list[str]:
    """Return what the plan says about a zone: its gravest alert in each layer, then what the layer is about."""
    found = []
    if row.gravest is not None:
        number = language.ngettext("{n} alert", "{n} alerts", row.alerts)
        number = number.format(n=language.inset(str(row.alerts)))
        found.append(f"{row.gravest.shape} {row.gravest.code} · {number}")
    match layer:
        case "alerts":
            return [*found, row.inside, f"{row.mark} {row.ready}"]
        case "occupancy":
            percent = f"{row.percent} %" if row.filling != "unknown" else ""
            return [*found, row.inside, percent or row.counted, *([row.counted] if percent else [])]
        case "readiness":
            return [*found, f"{row.mark} {row.ready}"]
        case "devices":
            return [*found, heard]


def _look(layer: Layer, row: ZoneRow, devices: Sequence[DeviceRow]) -> str:
    match layer:
        case "alerts":
            return "calm" if row.gravest is None else row.gravest.severity
        case "occupancy":
            return f"filling-{row.filling}"
        case "readiness":
            return f"ready-{row.readiness}"
        case "devices":
            lives = {device.life for device in devices} or {"unknown"}
            return f"life-{next(life for life in ('lost', 'unknown', 'heard') if life in lives)}"


def _heard(devices: Sequence[DeviceRow], language: Language) -> str:
    if not devices:
        return language.gettext("no device")
    n = sum(device.life == "heard" for device in devices)
    text = language.gettext("{n} of {total} alive")
    return text.format(n=language.inset(str(n)), total=language.inset(str(len(devices))))


def _shortened(name: str, width: float) -> str:
    """Return a name that fits a width."""
    most = max(3, int(width / LETTER))
    return name if len(name) <= most else f"{name[: most - 1]}…"
