"""Who may call what: every route, with every role, at another site, without sign-in, and from another origin."""

from collections.abc import AsyncIterator, Mapping
from typing import get_args

import pytest
import pytest_asyncio
from litestar import get

from monitor.accounts import RIGHTS, Right, Role
from monitor.core.alert import Alert
from monitor.core.inputs import Arrival
from monitor.web.console import application
from monitor.web.guard import OPEN, SIGNED_IN, UNSAFE
from monitor.web.shift_change import on_call_now
from tests.support.console import ADMIN, PASSWORD, ConsoleSite, console_site
from tests.support.identity_provider import identity_provider
from tests.support.pipeline import PipelineHarness
from tests.support.routes import ENDLESS, address, furnish, is_at_centre, routes
from tests.support.sites import two_sites

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROXIED = {"x-forwarded-for": "192.0.2.7"}
"""As if a proxy asked for somebody elsewhere."""
ROLES: tuple[Role, ...] = get_args(Role)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(
    tmp_path_factory: pytest.TempPathFactory, module_line: PipelineHarness
) -> AsyncIterator[ConsoleSite]:
    """A console, with one account of each role at the congress centre and one at the annex."""
    folder = tmp_path_factory.mktemp("site")
    async with (
        identity_provider() as provider,
        console_site(folder, module_line, oidc=provider.settings, sites=two_sites) as made,
    ):
        for role in ROLES:
            await made.add(f"{role}-here".replace("_", "-"), role, "centre")
            await made.add(f"{role}-there".replace("_", "-"), role, "annex")
        furnish(made.line)
        yield made


def first(site: ConsoleSite) -> Alert:
    """Return an open alert at the congress centre."""
    alerts = site.line.engine.state.alerts.open.values()
    here = [alert for alert in alerts if alert.site == "centre"]
    return here[0] if here else site.happens()


async def test_every_route_serves_exactly_those_who_have_its_right(site: ConsoleSite) -> None:
    """Each route, each role, here and at another site: 403 without the right, and nothing else with it."""
    alert = first(site)
    wrong = []
    for role in ROLES:
        for place in ("here", "there"):
            async with site.client(f"{role}-{place}".replace("_", "-")) as client:
                for method, path, right in routes(site.app):
                    if path in {ENDLESS, "/logout"}:
                        continue
                    answer = await client.request(method, address(path, alert.id))
                    # Here the test is a program on the monitor's machine.
                    allowed = (
                        path == "/metrics"
                        or right in {OPEN, SIGNED_IN}
                        or (right in RIGHTS[role] and (place == "here" or not is_at_centre(path)))
                    )
                    if (answer.status_code == 403) == allowed or answer.status_code >= 500:
                        wrong.append((role, place, method, path, answer.status_code))
    assert wrong == [(*row[:4], 503) for row in wrong if row[3] == "/healthz"]


async def test_nobody_takes_or_gives_a_shift_of_another_team(site: ConsoleSite) -> None:
    """Each role, for itself and for somebody of the team: to put others on call takes the right to give shifts."""
    seen = on_call_now(site.another_console().source, "guards")
    found: dict[tuple[Role, str], int] = {}
    for role in ROLES:
        async with site.client(f"{role}-here".replace("_", "-")) as client:
            for person in ("", "karim"):
                form = {"person": person, "until": "2026-01-01T23:30", "seen": seen, "key": role}
                answer = await client.post("/oncall/guards/take", data=form)
                found[role, person] = answer.status_code
        if site.line.engine.state.paging.overrides:
            break

    assert {row for row, status in found.items() if status == 303} == {("supervisor", "karim")}
    for (role, _), status in found.items():
        assert (status == 403) == ("take_shift" not in RIGHTS[role]), role
    (taken,) = site.line.engine.state.paging.overrides.values()
    assert (taken.person, taken.who) == ("karim", "supervisor-here")


async def test_without_sign_in_there_are_only_the_open_routes(site: ConsoleSite) -> None:
    """A page leads to the sign-in, anything else is refused, and the list of what is open is short."""
    is_open = set()
    async with site.client() as client:
        for method, path, right in routes(site.app):
            if right == OPEN:
                is_open.add(path)
                continue
            answer = await client.request(method, address(path, "a" * 16), headers=PROXIED)
            is_page = method == "GET" and not path.startswith("/api/")
            assert answer.status_code == (303 if is_page else 401), path
            if is_page:
                assert answer.headers["location"].startswith("/login")
    assert is_open == {
        "/api/v1/openapi.json",
        "/api/v1/ping",
        "/healthz",
        "/login",
        "/login/provider",
        "/login/provider/callback",
        "/oncall/calendar/{token:str}",
        "/first/{token:str}",
        "/join/{token:str}",
        "/m",
        "/m/f/{digest:str}/{name:str}",
        "/m/manifest.webmanifest",
        "/m/sw.js",
        "/q/{zone:str}",
        "/q/{zone:str}/{asset:str}",
        "/pair",
        "/static/{digest:str}/{name:str}",
    }


@pytest.mark.parametrize("header", [PROXIED, {"host": "evil.example"}, {"via": "1.1 proxy"}])
async def test_figures_and_reasons_need_a_token_from_elsewhere(
    site: ConsoleSite, header: dict[str, str]
) -> None:
    """Everybody reads one word; a token with the right reads all, and one without it no more than everybody."""
    ends = site.accounts.now().replace(year=2100)
    held: dict[str, Right] = {"admin-here": "metrics", "viewer-here": "view"}
    tokens = [
        site.accounts.tokens.make(name, [right], site="", ends_at=ends, label="", by=ADMIN)
        for name, right in held.items()
    ]
    async with site.client() as client:
        local = [(await client.get(path)).text for path in ("/healthz", "/metrics")]
        asked = {**header, "accept": "*/*"}
        word, refused = [await client.get(path, headers=asked) for path in ("/healthz", "/metrics")]
        told, forbidden = [
            [
                await client.get(path, headers={**asked, "authorization": f"Bearer {token}"})
                for path in ("/healthz", "/metrics")
            ]
            for token in tokens
        ]

    assert "troubles" in local[0]
    assert "venue_journal_seq" in local[1]
    assert (word.text, word.status_code, refused.status_code) == ("not ok", 503, 401)
    assert "troubles" in told[0].text
    assert (told[1].status_code, "venue_journal_seq" in told[1].text) == (200, True)
    assert (forbidden[0].text, forbidden[1].status_code) == ("not ok", 403)


async def test_a_route_without_a_right_is_a_mistake_at_the_start(site: ConsoleSite) -> None:
    """Nobody can forget it."""

    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        """Serve nobody."""
        return ""

    with pytest.raises(LookupError, match="GET /forgotten"):
        application(site.another_console(), [forgotten])


async def test_who_lacks_a_right_reads_which_and_whom_to_ask(site: ConsoleSite) -> None:
    """The page names the right, the roles that have it, and people."""
    alert = first(site)
    async with site.client("viewer-here") as client:
        answer = await client.post(f"/alerts/{alert.id}/close", data={"key": "k"})

    assert answer.status_code == 403
    for words in ("close alerts", "supervisor", "Officer-Here"):
        assert words in answer.text


HEADERS_OF_OTHERS: Mapping[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "a neighbour's host": {"sec-fetch-site": "same-site", "origin": "https://evil.example"},
    "an old browser": {"origin": "https://evil.example"},
    "a hidden origin": {"origin": "null"},
    "nothing said": {"origin": ""},
}


@pytest.mark.parametrize("headers", HEADERS_OF_OTHERS.values(), ids=HEADERS_OF_OTHERS.keys())
async def test_a_page_elsewhere_can_do_nothing(site: ConsoleSite, headers: dict[str, str]) -> None:
    """Cross-site request forgery: each act is refused, also the sign-in, and nothing is recorded."""
    alert = first(site)
    before = site.line.journal.seq
    async with site.client("supervisor-here") as client:
        for method, path, _ in routes(site.app):
            if method in UNSAFE:
                answer = await client.request(
                    method, address(path, alert.id), data={"key": "k"}, headers=headers
                )
                assert answer.status_code == 403, path
    done = [given for _, given in site.line.journal.inputs(before) if isinstance(given, Arrival)]
    assert done == []


async def test_looking_is_not_doing(site: ConsoleSite) -> None:
    """Every page fetched twice, as link scanners do, leaves the journal as it was."""
    alert = first(site)
    before = site.line.journal.seq
    async with site.client("supervisor-here") as client:
        for method, path, _ in routes(site.app):
            if method == "GET" and path != ENDLESS:
                for _ in range(2):
                    await client.get(address(path, alert.id))
    assert site.line.journal.seq == before


async def test_an_api_token_is_no_cookie(site: ConsoleSite) -> None:
    """A program sends its token in a header, needs no origin, and has the rights that the token leaves."""
    ends = site.accounts.now().replace(year=2100)
    rights: set[Right] = {"view"}
    token = site.accounts.tokens.make(
        "officer-here", rights, site="", ends_at=ends, label="wall", by=ADMIN
    )
    headers = {"authorization": f"Bearer {token}", "origin": ""}
    async with site.client() as client:
        seen = await client.get("/board", headers=headers)
        done = await client.post(
            f"/alerts/{first(site).id}/note", data={"key": "k", "note": "x"}, headers=headers
        )

    assert (seen.status_code, done.status_code) == (200, 403)


async def test_signing_in_leads_back_and_only_to_our_own_pages(site: ConsoleSite) -> None:
    """The address after the sign-in is a path of the console, whatever a link says."""
    for onward, reached in [
        ("/board?q=door", "/board?q=door"),
        ("/log?site=centre", "/log?site=centre"),
        ("/login", "/"),
        ("/log", "/log"),
        ("/log/handover?site=hall", "/log/handover?site=hall"),
        ("/login?next=/log", "/"),
        ("/logout", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ]:
        async with site.client() as client:
            form = {"name": "officer-here", "password": PASSWORD, "next": onward}
            answer = await client.post("/login", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, reached)


async def test_a_refused_sign_in_says_one_thing(site: ConsoleSite) -> None:
    """A wrong password and an unknown name read the same."""
    texts = []
    for name in ("engineer-here", "nobody-at-all"):
        async with site.client() as client:
            answer = await client.post("/login", data={"name": name, "password": "wrong"})
        assert answer.status_code == 401
        texts.append(answer.text.replace(name, ""))
    assert texts[0] == texts[1]


async def test_signing_out_ends_the_session(site: ConsoleSite) -> None:
    """The token is worth nothing afterwards, also to who has copied it."""
    async with site.client("officer-here") as client:
        token = client.cookies["vm"]
        await client.post("/logout")
        answer = await client.get("/board", headers={"cookie": f"vm={token}"})
    assert answer.headers["location"].startswith("/login")


async def test_every_response_has_the_security_headers(site: ConsoleSite) -> None:
    """No script or style but our own files, no frame, no type but the one that is said."""
    async with site.client("officer-here") as client:
        for path in ("/board", "/me", "/nowhere", "/login"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
