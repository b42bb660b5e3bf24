"""``/sites``: the board of all sites of a group in a cluster, each with a link to its console, where its people act."""

from collections.abc import Awaitable, Callable, Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from monitor.core.rules.model import Severity
from monitor.texts.words import severity_in_words
from monitor.web.board_alert import MARKS
from monitor.web.context import Console
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest

Counted = tuple[Severity, int]


class SiteOnBoard(Struct, frozen=True, kw_only=True):
    """One site as its reader last knew it."""

    site: str
    console: str
    """The address of its console."""
    alerts: Sequence[Counted]
    """How many are open of each severity, the gravest first; silent ones are not among them."""
    unowned: Sequence[Counted]
    """The same, of those that no one has."""
    troubles: Sequence[str] = ()
    """What is wrong there, in English."""


ReadSites = Callable[[], Awaitable[Sequence[SiteOnBoard]]]
"""Returns the sites, the most urgent first."""


class _Chip(Struct, frozen=True):
    severity: Severity
    shape: str
    code: str
    words: str
    count: int


def sites_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the route of the board; none, if this monitor knows no other sites."""
    read = console.sites
    if read is None:
        return []

    @get("/sites", opt={"right": "view"})
    async def show(request: ConsoleRequest) -> HtmlResponse:
        """Show the sites as they were a few seconds ago."""
        language = request.user.language

        def chips(rows: Sequence[Counted]) -> list[_Chip]:
            return [
                _Chip(each, *MARKS[each], severity_in_words(each, language), count)
                for each, count in rows
            ]

        rows = [(row, chips(row.alerts), chips(row.unowned)) for row in await read()]
        return console.page(request, "sites.html", rows=rows)

    return [show]
