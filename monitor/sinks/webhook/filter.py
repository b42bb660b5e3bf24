"""The transitions that a webhook is sent."""

from monitor.config.outward import Webhook
from monitor.core.rules.model import SEVERITIES
from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)


def is_wanted(transition: Transition, settings: Webhook) -> bool:
    """Return whether the settings ask for a transition: its kind, its severity, and silent alerts only if enabled."""
    match transition:
        case AlertChanged(alert=alert):
            severe = SEVERITIES.index(alert.severity) <= SEVERITIES.index(settings.at_least)
            visible = settings.silent or not alert.silent
            return "alert" in settings.kinds and severe and visible
        case ReadinessChanged():
            return "readiness" in settings.kinds
        case ZoneChanged():
            return "zone" in settings.kinds
        case MaskChanged():
            return "mask" in settings.kinds
        case _:
            return False
