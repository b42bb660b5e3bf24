"""``/login/provider``: to the identity provider, and back from it with a session."""

import structlog
from litestar import get
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from monitor.accounts import AuthorizationRequest
from monitor.errors import IdentityProviderUnavailable, IdentityRefused, SignInRefused
from monitor.web.context import LANGUAGES, Console
from monitor.web.identity_provider import IdentityProvider
from monitor.web.session import address_of
from monitor.web.sign_in import (
    Answer,
    Trouble,
    Visit,
    ask_to_sign_in,
    device_of,
    onward_of,
    signed_in,
)

log = structlog.get_logger()

COOKIE_LASTS = 600
"""Seconds, as long as the request that it belongs to."""
LONGEST_ONWARD = 2_000
"""Characters of the address to go on to, which is kept; judgement: a board with all its filters has 300."""
CALLBACK = "/login/provider/callback"


def identity_sign_in_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes; none where there is no provider."""
    provider = console.provider
    if provider is None:
        return []

    # A link and not a form: `form-action 'self'` would end the redirect to the provider in Chromium.
    @get("/login/provider", opt={"right": "open"})
    async def begin(request: Visit) -> Answer:
        """Lead to the provider, which leads back; the browser keeps a cookie to be recognised by."""
        chosen = request.query_params.get("lang", "")
        onward = onward_of(request.query_params.get("next", ""))
        try:
            begun = console.accounts.identities.begin(
                address_of(request),
                onward if len(onward) <= LONGEST_ONWARD else "/",
                chosen if chosen in LANGUAGES else "",
            )
            address = await provider.address(begun)
        except SignInRefused as error:
            return ask_to_sign_in(console, request, status=401, wait=error.retry_after)
        except IdentityProviderUnavailable as error:
            return _unavailable(console, request, error, onward)
        return Redirect(address, status_code=303, cookies=[_cookie(console, begun.browser)])

    @get(CALLBACK, opt={"right": "open"})
    async def come_back(request: Visit) -> Answer:
        """Begin a session of the account for which the provider vouches."""
        onward = "/"
        try:
            begun = console.accounts.identities.take(
                request.query_params.get("state", ""),
                request.cookies.get(console.cookie.provider, ""),
            )
            onward = begun.onward
            return await _signed_in(console, provider, request, begun)
        except IdentityRefused as error:
            log.warning("identity_refused", reason=str(error), address=address_of(request))
            trouble: Trouble = "unfinished" if error.may_retry else "no access"
            return ask_to_sign_in(
                console, request, status=401, fields={"next": onward}, trouble=trouble
            )
        except IdentityProviderUnavailable as error:
            return _unavailable(console, request, error, onward)

    return [begin, come_back]


async def _signed_in(
    console: Console, provider: IdentityProvider, request: Visit, begun: AuthorizationRequest
) -> Redirect:
    """Return the way on for a browser that comes back from the provider.

    Raises:
        IdentityRefused: nobody is signed in.
        IdentityProviderUnavailable: the provider can't be asked.

    """
    given = request.query_params
    if "code" not in given:
        raise IdentityRefused(f"the provider says {given.get('error', 'nothing')[:100]}")
    identity = await provider.identity(given["code"], begun)
    token, session = console.accounts.identities.sign_in(
        identity, begun, address_of(request), device_of(request)
    )
    answer = signed_in(console, {"next": begun.onward, "lang": begun.language}, token, session)
    answer.cookies.append(_cookie(console, ""))
    return answer


def _unavailable(
    console: Console, request: Visit, error: IdentityProviderUnavailable, onward: str
) -> Answer:
    log.warning("identity_provider_unavailable", reason=str(error))
    return ask_to_sign_in(
        console, request, status=503, fields={"next": onward}, trouble="unavailable"
    )


def _cookie(console: Console, token: str) -> Cookie:
    """Return the cookie by which a browser is recognised when it comes back; without a token, it is removed."""
    return Cookie(
        key=console.cookie.provider,
        value=token,
        max_age=COOKIE_LASTS if token else 0,
        path="/",
        secure=console.cookie.is_secure,
        httponly=True,
        # Not strict: the browser comes back from another site.
        samesite="lax",
    )
