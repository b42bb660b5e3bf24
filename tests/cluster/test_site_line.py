"""What people do at the reader of a site goes into its log, and they see what came of it when it has come out."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.core.alert import Handling
from monitor.core.events.commands import LogWritten, StaffAcknowledge, StaffClose
from monitor.core.events.monitor_accounts import MonitorAccountChanged
from monitor.core.events.monitor_delivery import MonitorSinkAway
from monitor.core.inputs import RosterChanged
from monitor.core.phrase import phrase
from monitor.core.transitions import AlertChanged, refusal_in
from monitor.errors import EventInvalid, Unanswered
from monitor.ingest.line import record
from monitor.texts import plain
from tests.support.cluster_site import ClusterSite
from tests.support.pipeline import START


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ClusterSite]:
    """A site with its reader."""
    with closing(ClusterSite(tmp_path)) as made:
        yield made


async def test_an_alert_is_taken(site: ClusterSite) -> None:
    """The answer is what the site made of it, and the reader remembers what the site remembers."""
    alert = site.force("d1")
    event = StaffAcknowledge(at=site.clock.time, who="anna", alert=alert.id)

    done = await record(site.line, event, "console/anna", "k")

    (changed,) = [row for row in done if isinstance(row, AlertChanged)]
    assert (changed.alert.handling, changed.alert.owner) == (Handling.ACKNOWLEDGED, "anna")
    assert site.line.engine.state.alerts.open[alert.id] == changed.alert
    assert site.line.journal.alert(alert.id) == changed.alert


async def test_of_two_who_take_it_at_once_the_second_is_told(site: ClusterSite) -> None:
    """Both have seen it without an owner; the site takes one act after the other, whichever reader sends it."""
    alert = site.force("d1")
    site.is_away = True
    pressed = [
        asyncio.create_task(
            record(
                site.line,
                StaffAcknowledge(at=site.clock.time, who=who, alert=alert.id, taken_from=""),
                f"console/{who}",
                "k",
            )
        )
        for who in ("anna", "ben")
    ]
    await asyncio.sleep(0)
    site.is_away = False
    site.enter([])
    first, second = await asyncio.gather(*pressed)

    assert refusal_in(first) is None
    assert refusal_in(second) == phrase("alert-taken", person="anna")
    assert site.line.engine.state.alerts.open[alert.id].owner == "anna"


async def test_an_act_that_is_sent_again_is_done_once(site: ClusterSite) -> None:
    """Whether its outcome is known or still on its way; a key for another act is another act."""
    first = LogWritten(at=START, who="anna", text="brigade on site")
    other = LogWritten(at=START, who="anna", text="brigade has left")
    site.is_away = True
    pressed = [asyncio.create_task(record(site.line, first, "console/anna", "k")) for _ in range(2)]
    await asyncio.sleep(0)
    site.is_away = False
    site.enter([])
    done = [*await asyncio.gather(*pressed), await record(site.line, first, "console/anna", "k")]

    before = site.line.journal.seq
    another = await record(site.line, other, "console/anna", "k")

    assert done[0] == done[1] == done[2]
    assert before == 2
    assert another != done[0]


async def test_a_refusal_comes_back(site: ClusterSite) -> None:
    """What the site refuses is answered with its reason; what may not be sent at all is not sent."""
    event = StaffClose(at=START, who="anna", alert="unknown")
    refused = refusal_in(await record(site.line, event, "console/anna", "k"))
    assert refused is not None
    assert plain(refused) == "no open alert has this id"

    before = site.line.journal.seq
    with pytest.raises(EventInvalid):
        await record(site.line, LogWritten(at=START, who="", text=""), "console/", "l")
    assert site.line.journal.seq == before


async def test_nobody_waits_forever(site: ClusterSite) -> None:
    """While the site is away an act is not answered; it is done all the same, once, when the site is back."""
    site.line.patience = 0.01
    alert = site.force("d1")
    site.is_away = True
    event = StaffAcknowledge(at=site.clock.time, who="anna", alert=alert.id)

    with pytest.raises(Unanswered):
        await record(site.line, event, "console/anna", "k")
    site.is_away = False
    site.enter([])

    taken = site.line.engine.state.alerts.open[alert.id]
    assert taken.owner == "anna"
    before = site.line.journal.seq
    assert await record(site.line, event, "console/anna", "k")
    assert site.line.journal.seq == before


async def test_what_a_part_keeps_is_noticed_once(site: ClusterSite) -> None:
    """It is told that an event is in the journal when it has come back, also after a restart in between."""
    event = MonitorAccountChanged(
        at=START, id="7", act="added", account="linh", by="root", done_at=START
    )
    sending = asyncio.create_task(site.line.send())
    found = [site.line.notice_once(event, "accounts") for _ in range(2)]
    await asyncio.sleep(0.01)
    found.append(site.line.notice_once(event, "accounts"))
    line = site.read_anew("other.db")
    found.append(line.notice_once(event, "accounts"))
    sending.cancel()

    assert found == [False, False, True, True]
    assert site.line.journal.seq == 2


async def test_what_parts_report_and_the_roster_reach_the_site(site: ClusterSite) -> None:
    """In order, each as a record of its log."""
    sending = asyncio.create_task(site.line.send())
    site.line.notice(MonitorSinkAway(at=START, sink="influx", reason="gone"))
    site.line.submit(RosterChanged(received_at=START, who="start", roster=None))
    await asyncio.sleep(0.01)
    sending.cancel()

    given = [type(row).__name__ for _, row in site.line.journal.inputs(1)]
    assert given == ["Notice", "RosterChanged"]
    site.wait(120)
    assert "sink-away" in {row.rule for row in site.line.journal.alerts()}
