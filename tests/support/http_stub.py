"""An HTTP server on loopback that does what a test says, also badly, and remembers what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.support.servers import HOST, free_port


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the server does with a request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    """It takes the request and never answers."""
    cut: bool = False
    """The connection breaks in the middle of the answer."""


OK = Answer()


@dataclass
class Loopback:
    """The server; without anything to do it answers 200."""

    port: int
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """For the next requests, in order."""
    decide: Callable[[Asked], Answer] = lambda _: OK
    """For those after."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://{HOST}:{self.port}"

    async def hear(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.path_qs, headers, await request.read())
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
async def loopback(tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Loopback]:
    """A server, while it is needed."""
    made = Loopback(port or free_port(), "https" if tls else "http")
    runner = web.ServerRunner(web.Server(made.hear), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, made.port, ssl_context=tls).start()
        yield made
    finally:
        await runner.cleanup()
