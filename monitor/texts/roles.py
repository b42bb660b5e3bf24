"""The roles of accounts in words."""

from collections.abc import Mapping

from monitor.texts.language import Language
from monitor.texts.marked import msgid

ROLES: Mapping[str, str] = {
    "viewer": msgid("viewer"),
    "officer": msgid("officer"),
    "engineer": msgid("engineer"),
    "on_call": msgid("on call"),
    "supervisor": msgid("supervisor"),
    "admin": msgid("administrator"),
}


def role_in_words(role: str, language: Language) -> str:
    """Return the name of a role."""
    return language.gettext(ROLES[role])
