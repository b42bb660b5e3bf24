"""Why a PIN, a password or a name is refused: everybody reads it in their own language."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.core.phrase_ids import PhraseId
from monitor.texts import best
from tests.support.console import ADMIN, ConsoleSite, console_line, console_site
from tests.support.pipeline import PipelineHarness


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline."""
    with console_line(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console, and someone who reads Vietnamese."""
    async with console_site(tmp_path, line) as made:
        await made.add("linh-chi-tran", "officer")
        made.accounts.set_profile("linh-chi-tran", ADMIN, language="vi")
        yield made


@pytest.mark.parametrize(("pin", "name"), [("12", "pin-form"), ("111111", "pin-obvious")])
async def test_a_refused_pin_is_explained(site: ConsoleSite, pin: str, name: PhraseId) -> None:
    """Not in English, and the old one is kept."""
    async with site.client("linh-chi-tran") as client:
        answer = await client.post("/me/pin", data={"new_pin": pin})

    assert answer.status_code == 400
    assert best(["vi"]).sentence(name) in answer.text
    account = site.accounts.find("linh-chi-tran")
    assert account is not None
    assert not account.has_pin


async def test_what_was_saved_is_said(site: ConsoleSite) -> None:
    """A PIN that is taken leaves no doubt, and after a session has ended the sign-in says so."""
    language = best(["vi"])
    async with site.client("linh-chi-tran") as client:
        answer = await client.post("/me/pin", data={"new_pin": "274951"}, follow_redirects=True)
        assert language.gettext("The new PIN is saved.") in answer.text
        site.accounts.disable("linh-chi-tran", ADMIN)
        asked = await client.get("/me?lang=vi", follow_redirects=True)
    assert "Your session has ended." in asked.text
    async with site.client() as stranger:
        assert "Your session has ended." not in (await stranger.get("/login")).text


async def test_a_password_of_the_own_name_is_explained(site: ConsoleSite) -> None:
    """The link knows whose it is, although the form has no name."""
    token = site.accounts.link("linh-chi-tran", ADMIN)
    password = "linh-chi-tran-linh-chi-tran"
    async with site.client() as client:
        form = {"password": password, "again": password}
        answer = await client.post(f"/first/{token}?lang=vi", data=form)

    assert answer.status_code == 400
    assert best(["vi"]).sentence("password-obvious") in answer.text


async def test_a_name_that_can_be_none_is_explained(tmp_path: Path) -> None:
    """The first account's owner chooses a name, and reads of which characters."""
    with console_line(tmp_path) as line:
        async with console_site(tmp_path, line) as fresh, fresh.client() as client:
            token = fresh.accounts.invitation.first()
            form = {"password": "five unrelated words here", "again": "five unrelated words here"}
            answer = await client.post(f"/first/{token}?lang=vi", data={**form, "name": "Linh!"})

    assert answer.status_code == 400
    assert "Tên đăng nhập" in answer.text
