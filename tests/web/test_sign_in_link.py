"""The one-time link that signs a device in without a password."""

from pathlib import Path

import pytest

from monitor.errors import LinkInvalid
from tests.support.console import ADMIN, console_line, console_site


async def test_one_press_leads_to_the_board(tmp_path: Path) -> None:
    """Looking uses nothing up, a press does, and the link is over for whoever comes second."""
    with console_line(tmp_path) as line:
        async with console_site(tmp_path, line) as site:
            await site.add("anna", "officer")
            address = f"/join/{site.accounts.invitation.make_sign_in('anna', ADMIN)}"
            async with site.client() as client, site.client() as second:
                for _ in range(2):
                    shown = await client.get(address)
                    assert "Go on as" in shown.text
                    assert "Anna" in shown.text
                done = await client.post(address, data={"lang": "vi"})
                assert (done.status_code, done.headers["location"]) == (303, "/")
                board = await client.get("/board")
                late = await second.post(address)

    assert board.status_code == 200
    assert 'lang="vi"' in board.text
    assert late.status_code == 410
    assert "Ask an administrator" in late.text


async def test_another_site_cannot_sign_a_browser_in(tmp_path: Path) -> None:
    """It could make somebody act under a name that is not theirs."""
    with console_line(tmp_path) as line:
        async with console_site(tmp_path, line) as site:
            await site.add("anna", "officer")
            token = site.accounts.invitation.make_sign_in("anna", ADMIN)
            async with site.client() as client:
                elsewhere = {"origin": "https://evil.example"}
                answer = await client.post(f"/join/{token}", headers=elsewhere)
            assert site.accounts.invitation.sign_in_account(token) == "anna"
            site.accounts.disable("anna", ADMIN)
            with pytest.raises(LinkInvalid):
                site.accounts.invitation.sign_in(token)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
