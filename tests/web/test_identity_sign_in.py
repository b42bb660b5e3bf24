"""Signing in with an identity provider: a real one over loopback, of which each lie is noticed."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, KeySet, RSAKey
from msgspec.structs import replace

from monitor.accounts import Grant
from monitor.core.events.monitor_accounts import MonitorAccountChanged, MonitorSignInsFailed
from tests.support.browser import chromium
from tests.support.console import ADMIN, ConsoleSite, console_line, console_site
from tests.support.console_browser import signed_in as signed_out
from tests.support.http_client import http_client
from tests.support.http_stub import StubResponse
from tests.support.identity_provider import ProviderServer, identity_provider, rsa_key
from tests.support.pipeline import PipelineHarness

CALLBACK = "/login/provider/callback"
OFFICER = (Grant(role="officer", site="centre"),)
LIES: Sequence[dict[str, object]] = (
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "another-client"},
    {"aud": ["another-client"]},
    {"aud": ["venue-monitor", "another-client"]},
    {"azp": "another-client"},
    {"aud": None},
    {"iss": "https://id.example.org"},
    {"iss": None},
    {"exp": 1},
    {"exp": None},
    {"exp": "never"},
    {"iat": 4102444800},
    {"nbf": 4102444800},
    {"sub": ""},
    {"sub": None},
    {"sub": 7},
)
"""Claims of a token that is signed as it should be."""
UNFINISHED, NO_ACCESS = "was not completed", "gives no access here"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineHarness]:
    """One pipeline for all tests: no sign-in changes it."""
    with console_line(tmp_path_factory.mktemp("line")) as made:
        yield made


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[ProviderServer]:
    """A provider."""
    async with identity_provider() as made:
        yield made


@pytest_asyncio.fixture
async def site(
    tmp_path: Path, line: PipelineHarness, provider: ProviderServer
) -> AsyncIterator[ConsoleSite]:
    """A console with this provider, an administrator, and a local account of the name that Mai has there."""
    async with console_site(tmp_path, line, oidc=provider.settings) as made:
        await made.add("boss", "admin")
        await made.add("mai", "supervisor")
        yield made


async def returned(client: httpx.AsyncClient, onward: str = "/board") -> str:
    """Press the button and sign in at the provider; return the address that leads back."""
    begun = await client.get("/login/provider", params={"next": onward})
    assert begun.status_code == 303, begun.text
    async with http_client() as elsewhere:
        there = await elsewhere.get(begun.headers["location"])
    back = str(there.headers["location"])
    assert urlsplit(back).path == CALLBACK
    return back


async def signed_in(client: httpx.AsyncClient, onward: str = "/board") -> httpx.Response:
    """Sign in with the provider."""
    return await client.get(await returned(client, onward))


def made_accounts(site: ConsoleSite) -> list[str]:
    """Return the accounts that came from the provider."""
    return [row.name for row in site.accounts.list() if row.name not in {"boss", "mai"}]


async def test_the_first_sign_in_makes_an_account(site: ConsoleSite) -> None:
    """Its grants are those of its groups, its name is nobody else's, and the page asked for is reached."""
    async with site.client() as client:
        shown = await client.get("/login?next=/board%3Fq%3Ddoor&lang=vi")
        assert 'href="/login/provider?next=%2Fboard%3Fq%3Ddoor&amp;lang=vi"' in shown.text
        answer = await signed_in(client, "/board?q=door")
        assert (answer.status_code, answer.headers["location"]) == (303, "/board?q=door")
        board = await client.get("/board")
        assert "vm-provider" not in client.cookies

    assert "Mai Trần" in board.text
    (name,) = made_accounts(site)
    account = site.accounts.find(name)
    assert account is not None
    assert name.startswith("mai-")
    assert (account.grants, account.person, account.has_password) == (OFFICER, "", False)
    event = next(
        event
        for _, event in site.accounts.audit.waiting()
        if isinstance(event, MonitorAccountChanged) and event.account == name
    )
    assert (event.act, event.by, event.detail) == ("added", "provider@127.0.0.1", "officer@centre")


async def test_later_sign_ins_find_it_by_issuer_and_subject(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """Under another name it is the same account, with a new session and the groups of today."""
    async with site.client() as client:
        await signed_in(client)
        first = client.cookies["vm"]
        provider.claims |= {"preferred_username": "boss", "email": "boss@example.org"}
        provider.claims["groups"] = ["leads"]
        await signed_in(client)
        assert client.cookies["vm"] != first

    (name,) = made_accounts(site)
    account = site.accounts.find(name)
    assert account is not None
    assert account.grants == (Grant(role="supervisor"),)


async def test_a_local_account_is_never_taken_over(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """Neither the name nor the address of mail says who somebody is here; nor does a name of the roster."""
    before = site.accounts.find("mai")
    for number, wish in enumerate(("mai", "MAI ", "anna", "", "../boss", "b" * 300)):
        provider.claims |= {
            "sub": f"stranger {number}",
            "preferred_username": wish,
            "email": "mai@example.org",
            "email_verified": True,
        }
        async with site.client() as client:
            assert (await signed_in(client)).status_code == 303

    assert site.accounts.find("mai") == before
    assert site.accounts.sessions("mai") == []
    assert len(made_accounts(site)) == 6
    assert {"anna", "boss"}.isdisjoint(made_accounts(site))


async def test_what_was_granted_here_outlives_the_groups(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """Groups give and take what they gave; without any grant left, nobody is signed in."""
    silent = Grant(role="viewer", silent=True)
    async with site.client() as client:
        await signed_in(client)
        (name,) = made_accounts(site)
        site.accounts.set_grants(name, [*OFFICER, silent], ADMIN)
        provider.claims["groups"] = []
        assert (await signed_in(client)).status_code == 303
        account = site.accounts.find(name)
        assert account is not None
        assert account.grants == (silent,)

        site.accounts.set_grants(name, [], ADMIN)
        refused = await signed_in(client)

    assert refused.status_code == 401
    assert NO_ACCESS in refused.text


async def test_a_group_that_is_left_takes_its_rights_from_open_sessions(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """The refused sign-in still takes the grants away."""
    async with site.client() as client, site.client() as other:
        await signed_in(other)
        provider.claims["groups"] = ["everybody"]
        refused = await signed_in(client, "/log")
        assert NO_ACCESS in refused.text
        assert 'name="next" value="/log"' in refused.text
        assert 'href="/login?lang=vi&amp;next=/log"' in refused.text
        assert (await other.get("/board")).status_code == 403


async def test_without_a_group_that_counts_no_account_is_made(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """Whoever the provider knows is not yet somebody here, whatever form its claim has."""
    for groups in (["everybody"], [], None, {"leads": True}, [["leads"]], 7):
        provider.claims["groups"] = groups
        async with site.client() as client:
            answer = await signed_in(client)
        assert answer.status_code == 401
        assert NO_ACCESS in answer.text
        assert "vm" not in answer.cookies
    assert made_accounts(site) == []


async def test_a_disabled_account_stays_out(site: ConsoleSite) -> None:
    """The provider says who somebody is, not whether they may come in."""
    async with site.client() as client:
        await signed_in(client)
        (name,) = made_accounts(site)
        site.accounts.disable(name, ADMIN)
        answer = await signed_in(client)

    assert answer.status_code == 401
    assert NO_ACCESS in answer.text
    assert site.accounts.sessions(name) == []


async def test_a_token_about_something_else_is_refused(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """Its issuer, audience, time, nonce and subject count, each of them."""
    for lies in LIES:
        provider.lies = lies
        async with site.client() as client:
            answer = await signed_in(client)
        assert (answer.status_code, UNFINISHED in answer.text) == (401, True), lies
        assert "vm" not in answer.cookies
    assert made_accounts(site) == []


async def test_a_token_without_a_signature_that_counts_is_refused(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """None at all, one of a stranger's key under a known name, one by another algorithm, and one by the public key."""
    honest = rsa_key()
    stranger = RSAKey.generate_key(2048, {"kid": "first"})
    provider.published = KeySet([honest])
    tried: Sequence[tuple[str, RSAKey]] = (
        ("none", honest),
        ("RS256", stranger),
        ("RS512", honest),
        ("HS256", honest),
    )
    for provider.algorithm, provider.key in tried:
        async with site.client() as client:
            answer = await signed_in(client)
        assert (answer.status_code, UNFINISHED in answer.text) == (401, True), provider.algorithm
    assert made_accounts(site) == []


async def test_keys_are_rotated(site: ConsoleSite, provider: ProviderServer) -> None:
    """A token with a key that is new is verified with the keys of now, which are not asked for at each token."""
    asked = [0]

    def keys_asked() -> int:
        asked.append(sum(row.path == "/keys" for row in provider.stub.asked))
        return asked[-1] - asked[-2]

    async with site.client() as client:
        for _ in range(2):
            assert (await signed_in(client)).status_code == 303
        assert keys_asked() == 1

        provider.key, provider.algorithm = ECKey.generate_key("P-256", {"kid": "second"}), "ES256"
        site.time.later = timedelta(seconds=40)
        provider.lies = {"exp": 4102444800}
        assert (await signed_in(client)).status_code == 303
        assert keys_asked() == 1

        provider.published = KeySet([provider.key])
        provider.key = ECKey.generate_key("P-256", {"kid": "unknown"})
        for _ in range(3):
            assert (await signed_in(client)).status_code == 401
        assert keys_asked() == 0


async def test_each_return_counts_once_and_for_its_browser(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """A state that is made up, another browser's, used or too old begins nothing, nor does a code again."""
    async with site.client() as client, site.client() as thief:
        back = await returned(client)
        begun = provider.stub.asked[-1]
        code = parse_qs(urlsplit(back).query)["code"][0]
        assert (await client.get(CALLBACK, params={"code": code, "state": "x"})).status_code == 401
        assert (await client.get(CALLBACK)).status_code == 401
        await returned(thief)
        assert (await thief.get(back)).status_code == 401
        assert "vm" not in thief.cookies

        assert (await client.get(back)).status_code == 303
        # With the cookie as it was, too.
        assert (await client.get(back)).status_code == 401
        again = await returned(client)
        state = parse_qs(urlsplit(again).query)["state"][0]
        replayed = await client.get(CALLBACK, params={"code": code, "state": state})
        assert (replayed.status_code, UNFINISHED in replayed.text) == (401, True)

        late = await returned(client)
        site.time.later = timedelta(minutes=11)
        assert (await client.get(late)).status_code == 401
    assert "code_challenge=" in begun.path


async def test_a_refusal_of_the_provider_is_said(site: ConsoleSite) -> None:
    """Somebody who presses *Cancel* there is back at our form."""
    async with site.client() as client:
        state = parse_qs(urlsplit(await returned(client)).query)["state"][0]
        answer = await client.get(CALLBACK, params={"error": "access_denied", "state": state})

    assert answer.status_code == 401
    assert UNFINISHED in answer.text
    assert 'name="password"' in answer.text


async def test_a_provider_that_is_away_is_said_and_local_sign_in_goes_on(
    site: ConsoleSite, provider: ProviderServer
) -> None:
    """Down, silent, endless, or no provider at all: the form is there, within the time-out, and nobody waits twice."""
    config = "/.well-known/openid-configuration"
    lies: list[dict[str, object]] = [
        {"issuer": "https://id.example.org"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
    ]
    answers = [
        StubResponse(503),
        StubResponse(body=b"<html>"),
        StubResponse(body=b" " * 300_000),
        StubResponse(cut=True),
        StubResponse(303, {"location": "https://id.example.org"}),
    ]
    for number in range(len(answers) + len(lies)):
        if number < len(answers):
            provider.stub.answers = [answers[number]]
        else:
            provider.metadata = lies[number - len(answers)]
        async with site.client() as client:
            for _ in range(2):
                answer = await client.get("/login/provider")
                assert answer.status_code == 503
                assert "be reached now" in answer.text
                assert 'name="password"' in answer.text
        assert sum(row.path == config for row in provider.stub.asked) == number + 1
        site.time.later += timedelta(seconds=6)

    provider.metadata = {}
    async with site.client() as client:
        assert (await signed_in(client)).status_code == 303
        back = await returned(client)
        provider.stub.answers = [StubResponse(500)]
        assert (await client.get(back)).status_code == 503
    async with site.client("mai") as client:
        assert (await client.get("/board")).status_code == 200


async def test_a_silent_provider_is_given_up(
    tmp_path: Path, line: PipelineHarness, provider: ProviderServer
) -> None:
    """After the time-out of the configuration, whatever it does with the connection."""
    quick = replace(provider.settings, timeout=timedelta(seconds=0.2))
    provider.stub.answers = [StubResponse(hangs=True)]
    async with console_site(tmp_path, line, oidc=quick) as site, site.client() as client:
        assert (await client.get("/login/provider")).status_code == 503


async def test_many_that_are_not_finished_have_to_wait(site: ConsoleSite) -> None:
    """The form beside the button stays; people are informed as of wrong passwords."""
    async with site.client() as client:
        for _ in range(20):
            assert (await client.get("/login/provider")).status_code == 303
        answer = await client.get("/login/provider")
    assert answer.status_code == 401
    assert "before the next try" in answer.text
    failed = [
        event
        for _, event in site.accounts.audit.waiting()
        if isinstance(event, MonitorSignInsFailed)
    ]
    assert [row.address for row in failed] == ["127.0.0.1"]


async def test_onward_is_a_page_of_ours(site: ConsoleSite) -> None:
    """Whatever a link to the sign-in says."""
    for onward in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/login/provider",
        f"/log?q={'x' * 5_000}",
    ):
        async with site.client() as client:
            answer = await signed_in(client, onward)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_without_a_provider_there_is_no_button(tmp_path: Path, line: PipelineHarness) -> None:
    """And no route."""
    async with console_site(tmp_path, line) as site, site.client() as client:
        assert "/login/provider" not in (await client.get("/login")).text
        for path in ("/login/provider", CALLBACK):
            assert (await client.get(path)).status_code == 404


async def test_nobody_comes_before_the_first_account(
    tmp_path: Path, line: PipelineHarness, provider: ProviderServer
) -> None:
    """The link of the first start makes an administrator: a visitor from elsewhere must not end it."""
    async with console_site(tmp_path, line, oidc=provider.settings) as site:
        async with site.client() as client:
            assert (await signed_in(client)).status_code == 401
        assert site.accounts.list() == []
        assert site.accounts.invitation.first()


async def test_a_browser_goes_there_and_back(site: ConsoleSite) -> None:
    """The policy of our pages lets Chromium follow the link to the provider, and its redirect to our page."""
    async with chromium() as browser, signed_out(browser, site, "") as page:
        await page.goto(f"{site.url}/login?next=/board")
        await page.get_by_role("link", name="Sign in with your organisation").click()
        await page.wait_for_url("**/board")
        assert "Mai Trần" in await page.content()
        cookies = {row.get("name", ""): row for row in await page.context.cookies()}

    assert "vm-provider" not in cookies
    assert (cookies["vm"].get("httpOnly"), cookies["vm"].get("sameSite")) == (True, "Lax")
