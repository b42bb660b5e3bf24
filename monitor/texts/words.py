"""Fixed words about an alert: its severity, its status, how often it occurred, and the occasion of a page."""

from typing import assert_never

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.rules.model import Severity
from monitor.core.transitions import PageKind, PageOrdered
from monitor.texts.language import Language


def occasion(page: PageOrdered, language: Language) -> str:
    """Return why a page is sent now, in a word or two."""
    match kind(page):
        case "raised":
            return language.gettext("New")
        case "returned":
            return language.gettext("Again")
        case "escalated":
            return language.gettext("Not acknowledged")
        case "handed_over":
            return language.gettext("Handed over to you")
        case "cleared":
            return language.gettext("Cleared")
        case "digest":
            return language.gettext("Digest")
        case "summary":
            return language.gettext("Many at once")
        case "daily":
            return language.gettext("Daily digest")
        case unreachable:
            assert_never(unreachable)


def kind(page: PageOrdered) -> PageKind:
    """Return the kind of a page as it is announced: a single alert that was held back is announced as itself."""
    if page.kind not in ("digest", "summary") or page.more or len(page.alerts) != 1:
        return page.kind
    (alert,) = page.alerts
    if alert.condition is Condition.CLEARED:
        return "cleared"
    return "returned" if alert.returns else "raised"


def count(n: int, language: Language) -> str:
    """Return the number of alerts in words."""
    return language.ngettext("{n} alert", "{n} alerts", n).format(n=language.inset(str(n)))


def severity(alert: Alert, language: Language) -> str:
    """Return the severity in words."""
    return severity_in_words(alert.severity, language)


def severity_in_words(severity: Severity, language: Language) -> str:
    """Return one of the five severities in words."""
    match severity:
        case "life_safety":
            return language.gettext("life safety")
        case "critical":
            return language.gettext("critical")
        case "high":
            return language.gettext("high")
        case "medium":
            return language.gettext("medium")
        case "low":
            return language.gettext("low")
        case unreachable:
            assert_never(unreachable)


def status(alert: Alert, language: Language) -> str:
    """Return whether the condition still holds, and whether someone on the roster has acknowledged the alert."""
    match alert.handling:
        case Handling.CLOSED:
            return language.gettext("closed")
        case Handling.SHELVED:
            return language.gettext("shelved")
        case Handling.ACKNOWLEDGED if alert.unverified:
            return language.gettext("acknowledged by an unverified name")
        case Handling.ACKNOWLEDGED:
            return language.gettext("acknowledged")
        case Handling.NEW if alert.condition is Condition.CLEARED:
            return language.gettext("cleared, not acknowledged")
        case Handling.NEW:
            return language.gettext("active, not acknowledged")
        case unreachable:
            assert_never(unreachable)


def times(alert: Alert, language: Language) -> str:
    """Return how often an alert has occurred; empty for once."""
    n = alert.occurrences
    if n == 1:
        return ""
    return language.ngettext("{n} time", "{n} times", n).format(n=language.inset(str(n)))
