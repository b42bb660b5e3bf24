"""Passages and refusals at access points as rows: facts with pseudonyms, as the access control system sent them."""

from collections.abc import Mapping, Sequence
from typing import TypeGuard, assert_never, get_args

from msgspec import Struct

from monitor.core.events import ReceivedEvent
from monitor.core.events.access import (
    AccessDenied,
    AccessGranted,
    AccessMuster,
    AccessNotTaken,
    AccessRead,
    AccessRex,
    AccessTaken,
)
from monitor.core.events.vocabulary import Direction
from monitor.texts import Language
from monitor.texts.marked import msgid
from monitor.web.alert import when
from monitor.web.source import Source

Shown = (
    AccessGranted
    | AccessTaken
    | AccessNotTaken
    | AccessDenied
    | AccessMuster
    | AccessRex
    | AccessRead
)
"""All but duress, which is silent: a row of its own would betray it."""
_SHOWN = frozenset(get_args(Shown))
_TAKEN: Mapping[Direction, str] = {
    "in": msgid("went in"),
    "out": msgid("went out"),
    "unknown": msgid("passed through"),
}
_GRANTED: Mapping[Direction, str] = {
    "in": msgid("let in"),
    "out": msgid("let out"),
    "unknown": msgid("let through"),
}
_OTHERS: Mapping[type, str] = {
    AccessNotTaken: msgid("let through, nobody passed"),
    AccessMuster: msgid("reported at an assembly point"),
    AccessRex: msgid("exit button"),
    AccessRead: msgid("read only"),
}


class PassageRow(Struct, frozen=True, kw_only=True):
    """What one event at an access point says."""

    when: str
    what: str
    holder: str
    """A pseudonym."""
    holder_class: str
    point: str
    """The id of the access point."""
    name: str
    """Of the access point."""


def passage_rows(
    source: Source, events: Sequence[ReceivedEvent], language: Language
) -> list[PassageRow]:
    """Return events as rows."""
    names = source.writer.names
    return [
        PassageRow(
            when=when(source, event.at, language),
            what=_words(event, language),
            holder=getattr(event, "holder", "") or getattr(event, "credential", ""),
            holder_class=_class(source, event, language),
            point=event.point,
            name=names.of("point", event.point),
        )
        for event in events
        if is_shown(event)
    ]


def is_shown(event: ReceivedEvent) -> TypeGuard[Shown]:
    """Return whether an event is one at an access point that everyone there may see."""
    return type(event) in _SHOWN


def _class(source: Source, event: Shown, language: Language) -> str:
    own = getattr(event, "holder_class", "unknown")
    name = source.writer.names.of("holder_class", own)
    return language.word(own) if name == own else name


def _words(event: Shown, language: Language) -> str:
    match event:
        case AccessDenied(reason=reason):
            return language.gettext("refused: {why}").format(why=language.word(reason))
        case AccessTaken(direction=direction):
            return language.gettext(_TAKEN[direction])
        case AccessGranted(direction=direction):
            return language.gettext(_GRANTED[direction])
        case AccessNotTaken() | AccessMuster() | AccessRex() | AccessRead():
            return language.gettext(_OTHERS[type(event)])
        case _:
            assert_never(event)
