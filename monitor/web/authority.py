"""``/ca``: how a phone learns to trust the venue's own certificate authority; open to everybody."""

from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from monitor.runtime.certificates import binary, fingerprint, read_certificate
from monitor.texts import Language, best
from monitor.web.view import HEADERS, HtmlResponse, WebPage

FILE = "/ca.crt"
"""Android offers to install a certificate only if its name ends so."""


def authority_routes(path: Path) -> list[HTTPRouteHandler]:
    """Return the routes of an authority.

    Args:
        path: its certificate (PEM).

    Raises:
        ConfigError: it can't be read.

    """
    authority = read_certificate(path)
    shown, content = fingerprint(authority), binary(authority)

    @get("/ca", media_type=MediaType.HTML, opt={"right": "open"}, sync_to_thread=False)
    def explain(request: Request[None, None, Any]) -> HtmlResponse:
        """Say how to trust the authority, in the language that the phone asks for."""
        asked = request.headers.get("accept-language", "").split(",")
        return _page(best(tag.partition(";")[0].strip() for tag in asked), shown).response()

    @get(
        FILE,
        media_type="application/x-x509-ca-cert",
        opt={"right": "open"},
        sync_to_thread=False,
    )
    def download() -> Response[bytes]:
        """Return the certificate."""
        return Response(content, headers={**HEADERS, "Content-Disposition": "attachment"})

    return [explain, download]


def _page(language: Language, shown: str) -> WebPage:
    return WebPage(
        language=language,
        title=language.gettext("Trust this venue's console"),
        facts=(
            (
                language.gettext("1. Compare"),
                language.gettext("Ask the control room for the fingerprint. It must be the same:"),
            ),
            (language.gettext("Fingerprint (SHA-256)"), language.inset(shown)),
            (
                language.gettext("2. iPhone and iPad"),
                language.gettext(
                    "Download the certificate with Safari. Settings > General > VPN & Device Management: install it. "
                    "Then Settings > General > About > Certificate Trust Settings: switch it on."
                ),
            ),
            (
                language.gettext("2. Android"),
                language.gettext(
                    "Download the certificate. Settings > Security > Encryption & credentials > Install a "
                    "certificate > CA certificate: choose the file."
                ),
            ),
            (
                language.gettext("2. Firefox on a computer"),
                language.gettext(
                    "Settings > Privacy & Security > View Certificates > Authorities > Import: choose the file, and "
                    "trust it for websites."
                ),
            ),
        ),
        more=language.gettext(
            "It can vouch for this console and for no other website. Remove it after the congress."
        ),
        link=(FILE, language.gettext("Download the certificate")),
    )
