"""The layout of the web pages to which messages and dashboards link: for phones, without JavaScript, never cached."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape

from litestar import MediaType, Response
from msgspec import Struct

from monitor.core.rules.model import Severity
from monitor.texts import Language

STYLE = (
    ":root{color-scheme:light dark;--edge:#8884}"
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.2rem;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0 1.2rem;padding-inline-start:.8rem;"
    "border-inline-start:.35rem solid var(--bad,var(--edge))}"
    ".life_safety{--bad:#8f3bb8}.critical{--bad:#c62828}.high{--bad:#d95f00}.medium{--bad:#f9b800}.low{--bad:#1565c0}"
    "dl{margin:0 0 1.2rem}dl div{padding:.5rem 0;border-bottom:1px solid var(--edge)}"
    "dt{opacity:.7;font-size:.9rem}dd{margin:0}"
    "dl dd div{padding:0;padding-inline-start:1.25em;text-indent:-1.25em;border:0}"
    "code{display:block;padding:.6rem .8rem;border:1px solid var(--edge);border-radius:.5rem;font-size:.9rem}"
    "button{width:100%;min-height:3.5rem;padding:1rem;font:inherit;font-weight:600;"
    "color:#fff;background:#0b57d0;border:0;border-radius:.8rem}"
    "button:focus-visible{outline:3px solid;outline-offset:3px}"
)
"""Severities have the colours of the dashboards."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
}
HtmlResponse = Response[str]


class WebPage(Struct, frozen=True, kw_only=True):
    """The content of one web page."""

    language: Language
    status: int = 200
    """HTTP status."""
    title: str
    severity: Severity | None = None
    facts: Sequence[tuple[str, str]] = ()
    """Label and value of each fact."""
    more: str
    """The paragraph below the facts."""
    command: str = ""
    """A command to type, verbatim."""
    button: str = ""
    """Label of a button that sends a POST to the same address."""
    link: tuple[str, str] | None = None
    """Address and label of a link."""

    def response(self) -> HtmlResponse:
        """Return the web page as HTML."""
        rows = "".join(
            f"<div><dt>{escape(label)}</dt><dd>{_lines(value)}</dd></div>"
            for label, value in self.facts
        )
        facts = f"<dl>{rows}</dl>" if rows else ""
        code = f'<code dir="ltr">{escape(self.command)}</code>' if self.command else ""
        button = escape(self.button)
        form = f'<form method="post"><button>{button}</button></form>' if button else ""
        link = ""
        if self.link is not None:
            address, label = self.link
            link = f'<p><a href="{escape(address)}">{escape(label)}</a></p>'
        direction = "rtl" if self.language.is_rtl else "ltr"
        html = (
            f'<!doctype html><html lang="{self.language.tag}" dir="{direction}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
            f"<title>{escape(self.title)}</title><style>{STYLE}</style>"
            f'<body class="{self.severity or ""}"><main><h1>{escape(self.title)}</h1>'
            f"{facts}<p>{escape(self.more)}</p>{code}{link}{form}</main>"
        )
        return Response(html, status_code=self.status, headers=HEADERS, media_type=MediaType.HTML)


def _lines(value: str) -> str:
    """Return a value as HTML; each of several lines, such as numbered steps, with a hanging indent."""
    lines = [escape(line) for line in value.split("\n")]
    return lines[0] if len(lines) == 1 else "".join(f"<div>{line}</div>" for line in lines)
