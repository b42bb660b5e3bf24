"""Renders the console's pages from their templates: each text from outside is escaped, each text of ours translated."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response

from monitor.core.rules.template import in_general
from monitor.texts import Language
from monitor.texts.language import clean
from monitor.web.assets import asset_url

HtmlResponse = Response[str]


@cache
def environment(language: Language) -> Environment:
    """Return the templates in one language."""
    made = Environment(
        loader=PackageLoader("monitor.web"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "asset": asset_url,
        "gettext": language.gettext,
        "language": language,
        "ngettext": language.ngettext,
    }
    made.filters |= {"clean": clean, "in_general": in_general, "inset": language.inset}
    return made


def render(template: str, language: Language, /, **values: object) -> str:
    """Return a page, or a part of one, as HTML."""
    return environment(language).get_template(template).render(**values)


def html(text: str, *, status: int = 200) -> HtmlResponse:
    """Return HTML as a response."""
    return Response(text, status_code=status, media_type=MediaType.HTML)
