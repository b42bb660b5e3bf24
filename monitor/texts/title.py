"""The title of an alert in one language."""

from monitor.core.alert import Alert
from monitor.core.rules.model import Rule
from monitor.core.rules.template import fields_of, template
from monitor.core.rules.title import render
from monitor.core.venue.display_names import DisplayNames
from monitor.texts.language import ENGLISH, Language


def title(
    alert: Alert, rule: Rule | None, names: DisplayNames, language: Language, tag: str = ""
) -> str:
    """Return the title in a language, if the rule has one in it; otherwise as it was raised, in English.

    The rule may have been changed since: a title that asks for what the alert doesn't hold is not used. With a ``tag``
    the title is the one with that tag, also if the catalogues lack its language and values are put into another one.
    Names that only the reader may see, those of people, are put into the English title too.
    """
    text = None if rule is None else _template(rule, tag or language.tag)
    if text is None or any(name not in alert.values for name in fields_of(text)):
        return language.inset(alert.title)
    return render(text, alert.values, names, language, alert.happened_at)


def rule_name(rule: Rule, language: Language) -> str:
    """Return what a rule is about: its title with an ellipsis where an alert has a name or a number."""
    text = rule.titles.get(language.tag, rule.title)
    parts = (part.pieces for part in template(text) if not part.optional)
    return "".join(f"{words}{'…' if field else ''}" for pieces in parts for words, field in pieces)


def _template(rule: Rule, tag: str) -> str | None:
    return rule.titles.get(tag, rule.title if tag == ENGLISH.tag else None)
