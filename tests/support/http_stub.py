"""An HTTP server on loopback that responds as a test asks, including badly, and records its requests."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.support.servers import HOST, free_port


@dataclass(frozen=True)
class ReceivedRequest:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class StubResponse:
    """How the server responds to a request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    """It accepts the request and never responds."""
    cut: bool = False
    """The connection breaks in the middle of the response."""


OK = StubResponse()


@dataclass
class HttpStub:
    """The server; by default it responds with 200."""

    port: int
    scheme: str = "http"
    asked: list[ReceivedRequest] = field(default_factory=list)
    answers: list[StubResponse] = field(default_factory=list)
    """Responses to the next requests, in order."""
    decide: Callable[[ReceivedRequest], StubResponse] = lambda _: OK
    """Returns the response to each request after those."""

    @property
    def url(self) -> str:
        """The address that it listens on."""
        return f"{self.scheme}://{HOST}:{self.port}"

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Respond to one request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = ReceivedRequest(request.method, request.path_qs, headers, await request.read())
        self.asked.append(asked)
        answer = self.answers.pop(0) if self.answers else self.decide(asked)
        if answer.hangs:
            await asyncio.Event().wait()
        if not answer.cut:
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        half = web.StreamResponse(status=answer.status, headers={"Content-Length": "1000"})
        await half.prepare(request)
        await half.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return half


@asynccontextmanager
async def http_stub(tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[HttpStub]:
    """A running server."""
    made = HttpStub(port or free_port(), "https" if tls else "http")
    runner = web.ServerRunner(web.Server(made.respond), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, made.port, ssl_context=tls).start()
        yield made
    finally:
        await runner.cleanup()
