"""The fields of a submitted form, and the PIN that an unattended session has to give before it acts."""

from collections.abc import Sequence
from typing import Any

from litestar.response import Redirect

from monitor.web.context import Console, is_fragment, login_address
from monitor.web.template import HtmlResponse, html, render
from monitor.web.viewer import ConsoleRequest

Fields = Sequence[tuple[str, str]]
TARGETS = frozenset({"result", "followed"})
"""The parts of a page, by their ids, that an answer to a form replaces."""


async def fields_of(request: ConsoleRequest) -> Fields:
    """Return the fields of a form in their order, without files."""
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def ask_pin(
    console: Console, request: ConsoleRequest, fields: Fields
) -> HtmlResponse | Redirect | None:
    """Return what asks for the PIN if the session was unattended; ``None``: go on.

    The form is sent again with the PIN, so that nothing that was typed is lost.
    """
    session, language = request.auth, request.user.language
    if session is None:
        return None
    if not session.needs_pin(console.accounts.now()):
        console.accounts.touch(session)
        return None
    if not session.account.has_pin:
        return sign_in_again(request)
    given = dict(fields).get("pin", "")
    if given and await console.accounts.check_pin(session, given):
        return None
    values: dict[str, Any] = {
        "action": request.url.path,
        "fields": [(name, value) for name, value in fields if name != "pin"],
        "is_wrong": bool(given),
        "target": _target(request),
    }
    if is_fragment(request):
        return html(render("pin_form.html", language, **values))
    return console.page(request, "pin.html", status=403, **values)


def _target(request: ConsoleRequest) -> str:
    """Return the part of the page that the answer to a form replaces; empty: all of it."""
    if not is_fragment(request):
        return ""
    asked = request.headers.get("hx-target", "")
    return asked if asked in TARGETS else "result"


def sign_in_again(request: ConsoleRequest) -> HtmlResponse | Redirect:
    """Return what leads to the sign-in, and from there back to the page."""
    address = login_address(request)
    if not is_fragment(request):
        return Redirect(address, status_code=303)
    answer = html("", status=401)
    answer.headers["hx-redirect"] = address
    return answer
