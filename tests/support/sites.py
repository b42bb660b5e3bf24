"""Two sites of a group for the board of its console."""

from collections.abc import Sequence

from monitor.web.sites import SiteOnBoard

HOSTILE = "<img src=x onerror=alert(1)>"


async def two_sites() -> Sequence[SiteOnBoard]:
    """One with alerts, of which no one has the gravest, and one of which nothing has been heard."""
    return [
        SiteOnBoard(
            site="hall",
            console="https://hall.example",
            alerts=[("critical", 2), ("low", 7)],
            unowned=[("critical", 1)],
        ),
        SiteOnBoard(
            site="annex",
            console="https://annex.example",
            alerts=[],
            unowned=[],
            troubles=(HOSTILE,),
        ),
    ]
