"""Over TLS and with a token: the server must be trusted, and the token is sent to it and nowhere else."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from monitor.config.influx import Influx as Settings
from monitor.config.secret import Secret
from monitor.errors import SinkUnavailable
from monitor.sinks.influx.client import connect
from tests.support.http_stub import StubResponse, http_stub
from tests.support.servers import HOST, free_port

AUTHORITY = trustme.CA()
TOKEN = "t0ken"


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """A TLS server that stores what arrives with the right token, on both of InfluxDB's paths."""

    async def answer(request: web.Request) -> web.Response:
        right = request.headers.get("Authorization") == f"Token {TOKEN}"
        return web.Response(status=204 if right else 401, text=None if right else "unauthorized")

    app = web.Application()
    app.router.add_post("/write", answer)
    app.router.add_post("/api/v2/write", answer)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(HOST).configure_cert(context)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        port = free_port()
        await web.TCPSite(runner, HOST, port, ssl_context=context).start()
        yield f"https://{HOST}:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
def vouchers(tmp_path: Path) -> Path:
    """The file of trusted authorities."""
    path = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return path


def settings(url: str, api: str, token: str, ca_file: Path | None) -> Settings:
    """A deployment's ``[influx]``."""
    return Settings(
        url=url,
        api="v1" if api == "v1" else "v2",
        org="" if api == "v1" else "venue",
        auth="token",
        token=Secret(token),
        ca_file=ca_file,
    )


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_token_over_tls(server: str, vouchers: Path, api: str) -> None:
    """The right token is accepted, another is refused, and the result says so."""
    for token, status in ((TOKEN, 204), ("another", 401)):
        client = connect(settings(server, api, token, vouchers))
        try:
            answer = await client.write("m v=1i 1")
        finally:
            await client.close()
        assert answer.status == status


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_an_untrusted_server_gets_nothing(server: str, api: str) -> None:
    """Without the authority's file the server is not trusted; the reason names the server and not the token."""
    client = connect(settings(server, api, TOKEN, None))
    try:
        with pytest.raises(SinkUnavailable, match="can't be reached") as caught:
            await client.write("m v=1i 1")
    finally:
        await client.close()
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_both_clients_read_retry_after_alike(api: str) -> None:
    """Retry-After is in seconds or a date; a pause of more than five minutes is cut to five."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    async with http_stub() as server:
        server.answers = [
            StubResponse(503, headers={"Retry-After": it}) for it in ("30", soon, "9999")
        ]
        client = connect(settings(server.url, api, TOKEN, None))
        waits = [(await client.write("m v=1i 1")).retry_after for _ in range(3)]
        await client.close()

    assert waits[0] == timedelta(seconds=30)
    assert timedelta(seconds=50) < waits[1] <= timedelta(seconds=60)
    assert waits[2] == timedelta(minutes=5)
