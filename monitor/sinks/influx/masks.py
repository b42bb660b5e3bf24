"""Masks: those in force."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.transitions import MaskChanged
from monitor.sinks.influx.read_model import ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import WRITTEN_IN, TagSource
from monitor.sinks.influx.work_measurements import MaskMeasurement


def project(changed: MaskChanged, model: ReadModel) -> None:
    """Apply a change of a mask; its points are written periodically."""
    if changed.ended:
        model.masks.pop(changed.mask.id, None)
    else:
        model.masks[changed.mask.id] = changed.mask


def states(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[MaskMeasurement]:
    """Yield the masks in force, except those of silent rules."""
    for row in model.masks.values():
        if row.what in tags.silent_rules:
            continue
        place = tags.point(row.point) if row.point else None
        where = tags.zone(row.zone)
        about = dict.fromkeys(WRITTEN_IN, "") if row.what == "*" else tags.rule_names(row.what)
        yield MaskMeasurement(
            site=(row.site or where.site if place is None else place.site) or NONE,
            zone=(where.zone if place is None else place.zone) or NONE,
            point=row.point or NONE,
            rule=row.what,
            kind=row.kind,
            left_s=max(0, int((row.until - t).total_seconds())),
            owner=tags.person(row.owner),
            rule_name=about["en"],
            rule_name_vi=about["vi"],
            rule_name_ar=about["ar"],
        )
