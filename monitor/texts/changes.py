"""What happened to an alert, in words: for its history."""

from collections.abc import Callable
from typing import assert_never

from monitor.core.alert import Change
from monitor.core.transitions import AlertChanged
from monitor.texts.language import Language


def change_in_words(change: AlertChanged, name: Callable[[str], str], language: Language) -> str:
    """Return what happened, and who did it if it was a person.

    Args:
        change: the change.
        name: returns the name of a person by id.
        language: to put it into.

    """
    text = _text(change, language)
    if not change.who:
        return text.format(owner=language.inset(name(change.alert.owner)))
    whole = language.gettext("{name}: {what}")
    return whole.format(
        name=language.inset(name(change.who)),
        what=text.format(owner=language.inset(name(change.alert.owner))),
    )


def _text(change: AlertChanged, language: Language) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each change
    match change.change:
        case Change.RAISED:
            return language.gettext("raised")
        case Change.RECURRED:
            return language.gettext("happened again")
        case Change.RETURNED:
            return language.gettext("has returned")
        case Change.CLEARED:
            return language.gettext("the condition has ended")
        case Change.ACKNOWLEDGED:
            return language.gettext("acknowledged")
        case Change.LAPSED:
            return language.gettext("acknowledgement has run out")
        case Change.SHELVED:
            return language.gettext("shelved")
        case Change.UNSHELVED:
            return language.gettext("no longer shelved")
        case Change.CLOSED:
            return language.gettext("closed")
        case Change.HANDED_OVER:
            return language.gettext("handed over to {owner}")
        case Change.ESCALATED:
            return language.gettext("escalated")
        case Change.TICKED:
            return language.gettext("ticked a step")
        case Change.UNTICKED:
            return language.gettext("took a tick back")
        case Change.NOTED:
            return language.gettext("note")
        case unreachable:
            assert_never(unreachable)
