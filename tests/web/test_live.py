"""The live stream: nothing missed, nothing shown to those who may not see it, and no viewer who holds others up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.core.events.commands import StaffAcknowledge
from monitor.web.live import LiveStream
from monitor.web.live_parts import LiveParts
from monitor.web.subscription import Subscription
from tests.support.console import ADMIN, ConsoleSite, console_site
from tests.support.live_stream import place, stream
from tests.support.pipeline import PipelineHarness
from tests.support.servers import PATIENCE, eventually


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer, a supervisor who sees silent alerts, and a viewer at another site."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        await made.add("chief", "supervisor", silent=True)
        await made.add("vera", "viewer", "annex")
        yield made


async def test_a_new_alert_and_who_takes_it_arrive(site: ConsoleSite) -> None:
    """A row arrives as HTML with what filters and order need, and again when somebody has it."""
    async with site.client("anna") as client, stream(client) as live:
        alert = site.happens()
        _, (row,) = await live.event("rows")
        assert (row["id"], row["key"]["group"], row["key"]["severity"]) == (
            alert.id,
            "nobody",
            "critical",
        )
        assert "Door forced open" in row["html"]

        command = StaffAcknowledge(at=site.line.clock.now(), who="karim", alert=alert.id)
        site.line.pipeline.record(command, "console/karim", "k1")
        _, (row,) = await live.event("rows")
        assert (row["key"]["group"], row["key"]["owner"]) == ("taken", "karim")
        assert "كريم" in row["html"]


async def test_an_alert_that_only_recurs_is_counted(site: ConsoleSite) -> None:
    """Its row looks the same: the number goes out, a few bytes for all that a busy device repeats."""
    alert = site.happens()
    async with site.client("anna") as client, stream(client) as live:
        site.send("door.alarm", alarm="forced_open")
        await live.event("rows")
        site.send("door.alarm", alarm="forced_open")
        _, counts = await live.event("counts")
        assert counts == {alert.id: 3}
        assert live.text.count(f'"id":"{alert.id}"') == 1


async def test_a_page_that_comes_back_gets_counts_too(site: ConsoleSite) -> None:
    """How often an alert has occurred is as much a part of what it has missed."""
    alert = site.happens()
    async with site.client("anna") as client:
        async with stream(client) as live:
            site.send("door.alarm", alarm="forced_open")
            await live.event("rows")
            where, _ = await live.event("tick")
            site.send("door.alarm", alarm="forced_open")
            await live.event("counts")
        async with stream(client, where) as live:
            _, counts = await live.event("counts")
    assert counts == {alert.id: 3}


async def test_a_closed_alert_leaves(site: ConsoleSite) -> None:
    """Its row is to be removed."""
    alert = site.happens()
    async with site.client("anna") as client, stream(client) as live:
        site.send("door.alarm", alarm="normal")
        _, rows = await live.event("rows")
        assert {"id": alert.id, "key": None, "html": ""} in rows


async def test_a_page_that_comes_back_gets_what_it_has_missed(site: ConsoleSite) -> None:
    """From its place on, without the changes that it has shown already."""
    async with site.client("anna") as client:
        async with stream(client) as live:
            shown = site.happens()
            await live.event("rows")
            where, _ = await live.event("tick")
        missed = site.happens("door.tamper", active=True)
        async with stream(client, where) as live:
            _, rows = await live.event("rows")
    assert [row["id"] for row in rows] == [missed.id]
    assert shown.id not in live.text


@pytest.mark.parametrize("last", ["nonsense", "0123456789abcdef.1", ""])
async def test_a_page_of_another_stream_reads_itself_anew(site: ConsoleSite, last: str) -> None:
    """After an upgrade, a change of rights, or a restored journal the place means nothing."""
    async with site.client("anna") as client, stream(client, last or "x") as live:
        _, farewell = await live.event("bye")
    assert farewell["why"] == "resync"
    assert farewell["position"].endswith(f".{site.line.journal.seq}")


async def test_a_place_ahead_of_the_journal_reads_itself_anew(site: ConsoleSite) -> None:
    """The journal was replaced by an older copy."""
    async with site.client("anna") as client:
        scope = (await place(client)).partition(".")[0]
        async with stream(client, f"{scope}.{site.line.journal.seq + 1}") as live:
            _, farewell = await live.event("bye")
    assert farewell["why"] == "resync"


async def test_ticks_prove_life(site: ConsoleSite) -> None:
    """The first comes at once, with the monitor's clock, in the congress's time zone."""
    async with site.client("anna") as client, stream(client) as live:
        _, tick = await live.event("tick")
        assert tick["clock"].startswith("14:0")
        await live.event("tick")


async def test_silent_alerts_and_other_sites_are_in_no_byte(site: ConsoleSite) -> None:
    """Not as a row, not as a count, not in the board: only who holds the right sees a call for help."""
    async with (
        site.client("anna") as anna,
        site.client("chief") as chief,
        site.client("vera") as vera,
        stream(anna) as to_anna,
        stream(chief) as to_chief,
        stream(vera) as to_vera,
    ):
        silent = site.happens("access.duress")
        assert silent.silent
        _, rows = await to_chief.event("rows")
        assert silent.id in {row["id"] for row in rows}
        for each in (to_anna, to_vera):
            await each.event("tick")
            await each.event("tick")
            assert silent.id not in each.text
        assert "centre" not in to_vera.text
        assert silent.id not in (await anna.get("/board")).text
        assert (await anna.get(f"/alerts/{silent.id}")).status_code == 404
        assert (await chief.get(f"/alerts/{silent.id}")).status_code == 200


async def test_a_stream_ends_with_its_session(site: ConsoleSite) -> None:
    """At sign-out at once, and when the account is disabled, by whomever, with the next tick."""
    async with site.client("anna") as client, stream(client) as live:
        await client.post("/logout")
        _, farewell = await live.event("bye")
        assert farewell["why"] == "signed-out"
    async with site.client("vera") as client, stream(client) as live:
        site.accounts.disable("vera", ADMIN)
        _, farewell = await live.event("bye")
        assert farewell["why"] == "signed-out"


async def test_a_stream_ends_when_rights_change(site: ConsoleSite) -> None:
    """What is on the page may not be seen any more."""
    async with site.client("vera") as client, stream(client) as live:
        site.accounts.set_grants("vera", (), ADMIN)
        _, farewell = await live.event("bye")
    assert farewell["why"] == "rights"


async def test_a_viewer_who_does_not_keep_up_is_let_go(site: ConsoleSite) -> None:
    """The queue is bounded: full, the stream is closed, and what waited is forgotten."""
    (live,) = site.parts.live
    async with site.client("anna") as client:
        last, token = await place(client), client.cookies["vm"]
    subscription = live.subscribe(site.viewer(token), token, last)
    assert subscription is not None
    for _ in range(Subscription.LONGEST):
        subscription.send(b"event: tick\ndata: {}\n\n")
    events = [event async for event in subscription.events()]
    assert [b"slow" in event for event in events] == [True]


async def test_slow_viewers_by_the_hundred_hold_nobody_up(site: ConsoleSite) -> None:
    """They are let go with the next event, which everybody else gets at once."""
    (live,) = site.parts.live
    slow: list[Subscription] = []
    async with site.client("anna") as client:
        last = await place(client)
        for _ in range(10):
            token = await site.cookie("anna")
            for _ in range(Subscription.MOST_OF_ONE_SESSION):
                made = live.subscribe(site.viewer(token), token, last)
                assert made is not None
                while not made.is_full:
                    made.send(b"event: tick\ndata: {}\n\n")
                slow.append(made)
        async with stream(client, last) as reader:
            alert = site.happens()
            _, (row,) = await reader.event("rows")
            assert row["id"] == alert.id
            await eventually(lambda: live.streams == 1)
    assert all(each.is_closed for each in slow)


async def test_a_page_gets_the_part_that_it_follows(site: ConsoleSite) -> None:
    """When it subscribes, and again only if it has changed; other pages don't get it."""
    shown = ["first"]
    live = LiveStream(
        site.another_console().source,
        lambda _, viewer: viewer,
        {"readiness": lambda viewer, of: f"{viewer.who} sees {of}: {shown[0]}"},
    )
    viewer = site.viewer(await site.cookie("anna"))
    last = live.position(viewer)
    follower = live.subscribe(viewer, "t", last, ["readiness/centre"])
    other = live.subscribe(viewer, "t", last, ["nonsense/centre"])
    assert follower is not None
    assert other is not None
    task = asyncio.create_task(live.run())
    seen = ""
    async with asyncio.timeout(PATIENCE):
        async for event in follower.events():
            seen += event.decode()
            if "second" in seen:
                break
            if b"event: tick" in event:
                shown[0] = "second"
    task.cancel()
    assert seen.count("anna sees centre: first") == 1
    other.close("replaced")
    assert not [row async for row in other.events() if b"readiness" in row]


async def test_who_is_sent_the_same_shares_the_bytes(site: ConsoleSite) -> None:
    """An event with its parts is there once, however many viewers wait for it; nobody is sent a part twice."""
    viewer = site.viewer(await site.cookie("anna"))
    parts = LiveParts(site.another_console().source, {})
    parts.count_now()
    first, second = Subscription(viewer, "t"), Subscription(viewer, "u")
    event = parts.added(b"rows", first)
    assert event.startswith(b"rows")
    assert b"event: part" in event
    assert parts.added(b"rows", second) is event
    assert parts.added(b"more", first) == b"more"


async def test_what_the_stream_costs_is_a_figure(site: ConsoleSite) -> None:
    """Its CPU seconds only grow, from one reading to the next."""
    figures = []
    async with site.client("anna") as client, stream(client) as live:
        for _ in range(3):
            await live.event("tick")
            rows = (await client.get("/metrics")).text.splitlines()
            (figure,) = [row for row in rows if row.startswith("venue_console_seconds_total ")]
            figures.append(float(figure.split()[1]))
    assert 0 < figures[0] < figures[1] < figures[2] < PATIENCE


async def test_one_browser_has_a_bounded_number_of_streams(site: ConsoleSite) -> None:
    """The oldest makes room, so that forgotten tabs keep no one out."""
    (live,) = site.parts.live
    async with site.client("anna") as client:
        last, token = await place(client), client.cookies["vm"]
    viewer = site.viewer(token)
    streams = [live.subscribe(viewer, token, last) for _ in range(20)]
    is_open = [each is not None and not each.is_closed for each in streams]
    assert is_open == [False] * 8 + [True] * 12
