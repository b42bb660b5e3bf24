"""What every caller is asked: can it be read, is it theirs, and may they answer this checklist?"""

from typing import TypeVar

from msgspec import Struct

from monitor.core.phrase import Phrase
from monitor.core.venue.checklist import Checklist
from monitor.web.api.checklists import checklist_of, may_inspect, site_of
from monitor.web.api.problem import Refused
from monitor.web.guard import RightMissing
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

S = TypeVar("S", bound=Struct)
OTHER_ACCOUNT = "form-account"
"""The header in which a device names the account of whoever completed the form."""


def check_account(request: ConsoleRequest) -> None:
    """Go on only if whoever has signed in also completed the form.

    Raises:
        Refused: the device names another account.

    """
    named = request.headers.get(OTHER_ACCOUNT)
    if named is not None and named != request.user.account.name:
        language = request.user.language
        what = language.gettext("The form belongs to {name}, who has to sign in to send it.")
        raise Refused("other-account", what.format(name=language.inset(named)))


def readable(given: S | Phrase, source: Source, viewer: Viewer) -> S:
    """Return what was read.

    Raises:
        Refused: it could not be read.

    """
    if isinstance(given, Phrase):
        raise Refused("invalid", source.writer.reason(given, viewer.language))
    return given


def answerable(source: Source, viewer: Viewer, own: str) -> Checklist:
    """Return a checklist that a viewer may answer.

    Raises:
        Refused: there is none with this id.
        RightMissing: they may not.

    """
    checklist, language = checklist_of(source.state, own), viewer.language
    if checklist is None:
        what = language.gettext("There is no checklist “{id}”.").format(id=language.inset(own))
        raise Refused("invalid", what)
    if not may_inspect(viewer, checklist, source.state):
        raise RightMissing("inspect", site_of(source.state, checklist))
    return checklist
