"""Over TLS and with a token: who vouches for the server counts, and the token goes to it and nowhere else."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from monitor.config.influx import Influx as Settings
from monitor.config.secret import Secret
from monitor.errors import SinkUnavailable
from monitor.sinks.influx.client import connect
from tests.support.servers import HOST, free_port

AUTHORITY = trustme.CA()
TOKEN = "t0ken"


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """A server behind TLS that stores what comes with the right token, on both of InfluxDB's paths."""

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
    """The file that says who may vouch for the server."""
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
    """The right one is stored, another is refused, and the answer says so."""
    for token, status in ((TOKEN, 204), ("another", 401)):
        client = connect(settings(server, api, token, vouchers))
        try:
            answer = await client.write("m v=1i 1")
        finally:
            await client.close()
        assert answer.status == status


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(server: str, api: str) -> None:
    """Without the file it is a stranger; the reason names the server and not the token."""
    client = connect(settings(server, api, TOKEN, None))
    try:
        with pytest.raises(SinkUnavailable, match="can't be reached") as caught:
            await client.write("m v=1i 1")
    finally:
        await client.close()
    assert TOKEN not in str(caught.value)
