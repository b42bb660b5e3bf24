"""Chooses what a webhook is told."""

from monitor.config.outward import Webhook
from monitor.core.rules.model import SEVERITIES
from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)


def is_told(transition: Transition, settings: Webhook) -> bool:
    """Tell whether a webhook asked for this: its kind, its severity, and silent only where that was said."""
    match transition:
        case AlertChanged(alert=alert):
            grave = SEVERITIES.index(alert.severity) <= SEVERITIES.index(settings.at_least)
            visible = settings.silent or not alert.silent
            return "alert" in settings.kinds and grave and visible
        case ReadinessChanged():
            return "readiness" in settings.kinds
        case ZoneChanged():
            return "zone" in settings.kinds
        case MaskChanged():
            return "mask" in settings.kinds
        case _:
            return False
