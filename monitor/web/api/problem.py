"""What an API answers when it refuses something: a problem as RFC 9457 has it, in the caller's language."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal, cast

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.types import ExceptionHandlersMap
from msgspec import UNSET, Raw, Struct, UnsetType

from monitor.errors import AccountsUnusable, Unanswered
from monitor.texts import Language
from monitor.web.context import Console, viewer_of
from monitor.web.guard import RightMissing
from monitor.web.session import address_of
from monitor.web.source import Refusal

Kind = Literal[
    "signed-out",
    "other-account",
    "right-missing",
    "wrong-pin",
    "own-work",
    "not-found",
    "revision-superseded",
    "refused",
    "too-large",
    "unsupported-media-type",
    "invalid",
    "key-reused",
    "unavailable",
    "no-room",
    "other",
]
STATUSES: Mapping[Kind, int] = {
    "signed-out": 401,
    "other-account": 401,
    "right-missing": 403,
    "wrong-pin": 403,
    "own-work": 403,
    "not-found": 404,
    "revision-superseded": 409,
    "refused": 409,
    "too-large": 413,
    "unsupported-media-type": 415,
    "invalid": 422,
    "key-reused": 422,
    "unavailable": 503,
    "no-room": 507,
}
PREFIX = "/api/v1"
"""What the addresses of all routes of the API begin with."""
MEDIA_TYPE = "application/problem+json"
AnyRequest = Request[Any, Any, Any]


class ItemProblem(Struct, frozen=True, kw_only=True):
    """What is wrong with one item of a form."""

    item: str
    """Its id; empty: the form itself."""
    reason: str
    write: str
    """What to write instead."""


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457)."""

    type: str
    """``urn:venue-monitor:`` and the kind."""
    title: str
    status: int
    detail: str
    items: Sequence[ItemProblem] = ()
    newer: Raw | UnsetType = UNSET
    """The latest revision of a form, where the one sent does not rest on it."""


class Refused(HTTPException):
    """A request is refused, for a reason that its sender can do something about."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        items: Sequence[ItemProblem] = (),
        newer: Raw | UnsetType = UNSET,
    ) -> None:
        super().__init__(detail=detail, status_code=STATUSES[kind])
        self.kind = kind
        self.items = items
        self.newer = newer


def problem_responses(console: Console) -> ExceptionHandlersMap:
    """Return what answers each exception of the API."""

    def language_of(request: AnyRequest) -> Language:
        viewer = viewer_of(request)
        return console.language(request) if viewer is None else viewer.language

    def refused(request: AnyRequest, error: Refused) -> Response[Problem]:
        return answer(
            error.kind, error.detail, language_of(request), items=error.items, newer=error.newer
        )

    def signed_out(request: AnyRequest, _: NotAuthorizedException) -> Response[Problem]:
        language = language_of(request)
        made = answer("signed-out", language.gettext("Sign in, then send it again."), language)
        made.headers["www-authenticate"] = "Bearer"
        return made

    def right_missing(request: AnyRequest, error: RightMissing) -> Response[Problem]:
        viewer, language = viewer_of(request), language_of(request)
        console.source.refused(
            Refusal(
                account="" if viewer is None else viewer.account.name,
                address=address_of(request),
                route=f"{request.method} {request.scope.get('path_template', '')}",
                right=error.right or "",
            )
        )
        if error.right is None:
            what = language.gettext("It may not be done from here.")
        else:
            what = language.gettext("You may not {act}.").format(act=language.right(error.right))
        return answer("right-missing", what, language)

    def not_found(request: AnyRequest, _: NotFoundException) -> Response[Problem]:
        language = language_of(request)
        return answer("not-found", language.gettext("There is nothing at this address."), language)

    def unavailable(request: AnyRequest, _: AccountsUnusable) -> Response[Problem]:
        language = language_of(request)
        what = language.gettext("The monitor can't read its accounts at present. Send it again.")
        return answer("unavailable", what, language)

    def unanswered(request: AnyRequest, _: Unanswered) -> Response[Problem]:
        language = language_of(request)
        what = language.gettext(
            "What you did is on its way. Look in a moment whether it is done. Sent again, it is done only once."
        )
        return answer("unavailable", what, language)

    def other(request: AnyRequest, error: HTTPException) -> Response[Problem]:
        kind: Kind = (
            "too-large" if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "other"
        )
        language = language_of(request)
        return answer(kind, "", language, status=error.status_code)

    return cast(
        "ExceptionHandlersMap",
        {
            Refused: refused,
            NotAuthorizedException: signed_out,
            RightMissing: right_missing,
            NotFoundException: not_found,
            AccountsUnusable: unavailable,
            Unanswered: unanswered,
            HTTPException: other,
        },
    )


def answer(  # noqa: PLR0913 - what a problem consists of
    kind: Kind,
    detail: str,
    language: Language,
    *,
    items: Sequence[ItemProblem] = (),
    newer: Raw | UnsetType = UNSET,
    status: int | None = None,
) -> Response[Problem]:
    """Return a problem as the response to a request."""
    number = STATUSES[kind] if status is None else status
    content = Problem(
        type=f"urn:venue-monitor:{kind}",
        title=title(kind, language) or HTTPStatus(number).phrase,
        status=number,
        detail=detail,
        items=items,
        newer=newer,
    )
    return Response(content, status_code=number, media_type=MEDIA_TYPE)


def no_such_route(status: int, language: Language) -> Response[Problem]:
    """Return the problem of an address below that of the API to which no route belongs."""
    kind: Kind = "not-found" if status == HTTPStatus.NOT_FOUND else "other"
    return answer(kind, "", language, status=status)


def title(kind: Kind, language: Language) -> str:
    """Return the kind of a problem in words; empty for one without."""
    titles: Mapping[Kind, str] = {
        "signed-out": language.gettext("Not signed in"),
        "other-account": language.gettext("Somebody else has signed in"),
        "right-missing": language.gettext("Not allowed"),
        "wrong-pin": language.gettext("Wrong PIN"),
        "own-work": language.gettext("Not by yourself"),
        "not-found": language.gettext("Not found"),
        "revision-superseded": language.gettext("Changed by somebody else"),
        "refused": language.gettext("Refused"),
        "too-large": language.gettext("Too large"),
        "unsupported-media-type": language.gettext("Not a photo that can be taken in"),
        "invalid": language.gettext("Something has to be corrected"),
        "key-reused": language.gettext("Another form was sent under this key"),
        "unavailable": language.gettext("Not available at present"),
        "no-room": language.gettext("No room"),
    }
    return titles.get(kind, "")
