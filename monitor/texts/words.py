"""The fixed words about an alert: how bad it is, how it stands, how often, and why it is told now."""

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.transitions import PageOrdered
from monitor.texts.language import Language


def occasion(page: PageOrdered, said: Language) -> str:
    """Return why it is said now, in a word or two."""
    match page.kind:
        case "raised":
            return said.gettext("New")
        case "returned":
            return said.gettext("Again")
        case "escalated":
            return said.gettext("Nobody has taken it")
        case "cleared":
            return said.gettext("Over")
        case "digest":
            return said.gettext("Collected")
        case "summary":
            return said.gettext("Many at once")


def count(n: int, said: Language) -> str:
    """Return how many alerts there are."""
    return said.ngettext("{n} alert", "{n} alerts", n).format(n=said.inset(str(n)))


def severity(alert: Alert, said: Language) -> str:
    """Return how bad it is, in words."""
    match alert.severity:
        case "life_safety":
            return said.gettext("life safety")
        case "critical":
            return said.gettext("critical")
        case "high":
            return said.gettext("high")
        case "medium":
            return said.gettext("medium")
        case "low":
            return said.gettext("low")


def standing(alert: Alert, said: Language) -> str:
    """Return how it stands: whether it is still so, and whether somebody has taken it."""
    match alert.handling:
        case Handling.CLOSED:
            return said.gettext("closed")
        case Handling.SHELVED:
            return said.gettext("shelved")
        case Handling.ACKNOWLEDGED:
            return said.gettext("taken")
        case Handling.NEW if alert.condition is Condition.CLEARED:
            return said.gettext("over, and nobody has taken it yet")
        case Handling.NEW:
            return said.gettext("still so, and nobody has taken it yet")


def times(alert: Alert, said: Language) -> str:
    """Return how often it has happened; empty for once."""
    n = alert.occurrences
    if n == 1:
        return ""
    return said.ngettext("{n} time", "{n} times", n).format(n=said.inset(str(n)))
