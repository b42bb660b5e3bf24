"""What a mask covers, as people read it, and at which site."""

from monitor.core.events.commands import StaffMask
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import Mask
from monitor.core.venue.display_names import DisplayNames
from monitor.texts import Language
from monitor.texts.title import rule_name

EVERY_RULE = "*"


def site_of(mask: Mask | StaffMask, rule_set: RuleSet) -> str:
    """Return the site of the place that a mask covers; empty if the venue doesn't have it."""
    venue = rule_set.venue
    zones = {zone.id: zone.site for zone in venue.zones}
    if mask.point:
        inner = next((point.zone for point in venue.points if point.id == mask.point), "")
        return zones.get(inner, "")
    if mask.zone:
        return zones.get(mask.zone, "")
    return mask.site if any(site.id == mask.site for site in venue.sites) else ""


def place_of(mask: Mask | StaffMask, names: DisplayNames) -> str:
    """Return the name of the place that a mask covers."""
    for table, own in (("point", mask.point), ("zone", mask.zone), ("site", mask.site)):
        if own:
            return names.of(table, own)
    return ""


def rule_of(mask: Mask | StaffMask, rule_set: RuleSet, language: Language) -> str:
    """Return what the rule of a mask is about, or that it covers all rules."""
    if mask.what == EVERY_RULE:
        return language.gettext("all rules")
    rule = next((row for row in rule_set.rules if row.id == mask.what), None)
    return mask.what if rule is None else rule_name(rule, language)
