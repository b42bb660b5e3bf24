"""Supervisors invite people to their site, and give no right that they lack themselves."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.accounts import Account, Grant
from monitor.accounts.invitation_rights import objection_to_invitation, roles_to_give
from monitor.core.events.monitor_accounts import MonitorAccountChanged
from tests.support.console import ADMIN, ConsoleSite, console_line, console_site
from tests.support.pipeline import START, PipelineHarness

HOUR = timedelta(hours=1)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline."""
    with console_line(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with the supervisor of one site."""
    async with console_site(tmp_path, line) as made:
        await made.add("chief", "supervisor", "centre")
        yield made


async def test_who_is_invited_sets_a_password_and_signs_in(site: ConsoleSite) -> None:
    """The link is shown once; who has invited is in the audit."""
    form = {"name": " Linh ", "full_name": "<b>Linh</b>", "role": "officer", "site": "centre"}
    async with site.client("chief") as chief:
        assert 'href="/invite"' in (await chief.get("/me")).text
        shown = (await chief.post("/invite", data=form)).text
        again = await chief.get("/invite")
    found = re.search(r"/first/[A-Za-z0-9_-]+", shown)
    assert found is not None
    assert "/first/" not in again.text
    async with site.client() as linh:
        words = {"password": "five unrelated words here", "again": "five unrelated words here"}
        assert (await linh.post(found[0], data=words)).status_code == 303

    account = site.accounts.find("linh")
    assert account is not None
    assert account.grants == (Grant(role="officer", site="centre"),)
    events = [row.event for row in site.accounts.audit.waiting()]
    added = [row for row in events if isinstance(row, MonitorAccountChanged) and row.act == "added"]
    assert [row.by for row in added] == ["root@test", "chief"]


@pytest.mark.parametrize(
    "changed",
    [
        {"role": "admin"},
        {"site": "annex"},
        {"site": ""},
        {"role": "king"},
        {"name": "no name!"},
        {"name": "chief"},
        {"person": "nobody"},
        {"until": "soon"},
    ],
)
async def test_nothing_else_is_given(site: ConsoleSite, changed: dict[str, str]) -> None:
    """The page says why, keeps what was filled in, and there is no account."""
    form = {"name": "linh", "full_name": "Linh Chi", "role": "officer", "site": "centre"} | changed
    async with site.client("chief") as chief:
        answer = await chief.post("/invite", data=form)

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert 'value="Linh Chi"' in answer.text
    assert [row.name for row in site.accounts.list()] == ["chief"]


async def test_what_the_form_offers_can_be_given(site: ConsoleSite) -> None:
    """No other site, and no role that would be refused."""
    site.accounts.add(Account(name="boss", grants=(Grant(role="admin"),)), ADMIN)
    async with site.client("chief") as chief:
        page = (await chief.get("/invite")).text

    offered = set(re.findall(r'<option value="([a-z_]+)"', page))
    assert {"viewer", "officer", "engineer", "on_call", "supervisor", "centre"} <= offered
    assert offered.isdisjoint({"admin", "annex"})


def test_nobody_gives_for_longer_than_they_have() -> None:
    """Nor silent alerts without seeing them, nor lasting rights of a shift; an admin gives everything."""
    chief = Account(
        name="chief", grants=(Grant(role="supervisor", site="hall", until=START + HOUR),)
    )
    shift = Account(
        name="shift", is_on_call=True, grants=(Grant(role="supervisor", while_on_call=True),)
    )
    admin = Account(name="admin", grants=(Grant(role="admin"),))
    short, long = (
        Grant(role="officer", site="hall", until=until) for until in (START + HOUR, None)
    )
    silent = Grant(role="viewer", site="hall", until=START, silent=True)

    refused = [
        objection_to_invitation(who, [grant], START) is not None
        for who in (chief, shift, admin)
        for grant in (short, long, silent)
    ]
    assert refused == [False, True, True, True, True, True, False, False, False]
    assert roles_to_give(Account(name="linh", grants=(Grant(role="officer"),)), "hall", START) == []
