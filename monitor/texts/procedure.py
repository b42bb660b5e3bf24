"""The steps of an alert's procedure in one language."""

from monitor.core.alert import Alert
from monitor.core.rules.model import Rule


def procedure(alert: Alert, rule: Rule | None, tag: str) -> list[str]:
    """Return the steps in a language; in English where the rule lacks the language, or has other steps by now."""
    steps = alert.do.split("\n")
    found = () if rule is None else rule.dos.get(tag, ())
    return list(found) if len(found) == len(steps) else steps
