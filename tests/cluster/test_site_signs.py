"""Of each site of a cluster it is known whether its inbox and reader live, and what its board shows."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from monitor.cluster.site_signs import (
    SILENT,
    OpenAlerts,
    ReaderSign,
    open_alerts,
    read_signs,
    reader_key,
)
from monitor.cluster.sites_board import of_group, write_board
from monitor.core.alert import Handling
from tests.support.paging import AT, alert


def inbox(at: datetime) -> bytes:
    """The row of an inbox."""
    return at.isoformat().encode()


def reader(
    at: datetime, *alerts: OpenAlerts, troubles: tuple[str, ...] = (), group: str = ""
) -> bytes:
    """The row of a reader."""
    return msgspec.json.encode(
        ReaderSign(
            at=at, group=group, console="https://m.example", alerts=alerts, troubles=troubles
        )
    )


def test_each_program_that_gives_no_sign_is_named() -> None:
    """One that was heard of too long ago, and one that was never heard of."""
    late = AT - SILENT - timedelta(seconds=2)
    rows = {
        "annex": inbox(late),
        reader_key("annex"): reader(AT - SILENT),
        "hall": inbox(AT),
        reader_key("hotel"): reader(late),
    }
    troubles = [line for site in read_signs(rows) for line in site.troubles(AT)]

    assert troubles == [
        "site annex: no sign of its inbox for 32 s; start `venue-monitor cluster inbox`",
        "site hall: no sign of its reader; start `venue-monitor cluster reader`",
        "site hotel: no sign of its inbox; start `venue-monitor cluster inbox`",
        "site hotel: no sign of its reader for 32 s; start `venue-monitor cluster reader`",
    ]


def test_silent_alerts_are_not_counted() -> None:
    """Whoever sees the sites may not be allowed to know of a duress alarm."""
    new = replace(alert(), severity="high")
    taken = replace(new, handling=Handling.ACKNOWLEDGED, owner="anna")
    grave = replace(new, severity="life_safety")
    silent = replace(grave, silent=True)

    assert open_alerts([taken, new, silent, grave]) == (
        OpenAlerts("life_safety", 1, 1),
        OpenAlerts("high", 2, 1),
    )
    assert open_alerts([silent]) == ()


def test_the_board_has_the_most_urgent_site_on_top() -> None:
    """A site that nobody reads, then those with the gravest alerts that no one has; below each, what is wrong there."""
    rows = {
        "annex": inbox(AT),
        reader_key("annex"): reader(AT),
        "hall": inbox(AT),
        reader_key("hall"): reader(AT, OpenAlerts("high", 3, 1), troubles=("influx: refused",)),
        "hotel": inbox(AT),
        reader_key("hotel"): reader(AT, OpenAlerts("life_safety", 1, 0)),
        "press": inbox(AT),
    }
    assert list(write_board(read_signs(rows), AT)) == [
        "press  unknown",
        "         site press: no sign of its reader; start `venue-monitor cluster reader`",
        "hall   3 high (1 unowned)  https://m.example",
        "         influx: refused",
        "hotel  1 life-safety  https://m.example",
        "annex  no open alerts  https://m.example",
    ]


def test_a_group_has_a_board_of_its_sites() -> None:
    """And of no other company's; the group itself is one of them."""
    rows = {
        reader_key("annex"): reader(AT, group="company"),
        reader_key("hall"): reader(AT - SILENT * 2, OpenAlerts("high", 3, 1), group="company"),
        reader_key("press"): reader(AT, group="other"),
        reader_key("company"): reader(AT, OpenAlerts("low", 1, 0), group="company"),
    }
    rows |= {name: inbox(AT) for name in ("annex", "hall", "press", "company")}

    board = of_group(read_signs(rows), "company", AT)
    assert [(row.site, row.alerts, row.unowned) for row in board] == [
        ("hall", [("high", 3)], [("high", 1)]),
        ("company", [("low", 1)], []),
        ("annex", [], []),
    ]
    assert [len(row.troubles) for row in board] == [1, 0, 0]
