"""The limits of the HTTP server: slow, idle and too many clients."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, MediaType, get, post
from litestar.params import JSONBody

from monitor.web.connection import Limits, server
from tests.support.servers import HOST, PATIENCE, eventually, free_port

NEVER = 1000.0
REQUEST = b"GET /small HTTP/1.1\r\nHost: monitor\r\n\r\n"
HUGE = 20_000_000
"""Bytes: more than the buffers of two sockets."""

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@get("/small", media_type=MediaType.TEXT, sync_to_thread=False)
def small() -> str:
    """Return a short response."""
    return "here"


@get("/huge", media_type=MediaType.TEXT, sync_to_thread=False)
def huge() -> bytes:
    """Return a long response."""
    return b"x" * HUGE


@post("/body", media_type=MediaType.TEXT)
async def body(data: JSONBody[dict[str, str]]) -> str:
    """Return what was posted."""
    return data["a"]


class Site:
    """A server, and the clients that connect to it."""

    def __init__(self, limits: Limits) -> None:
        self.server = server(Litestar([small, huge, body], openapi_config=None), limits)
        self.server.config.host, self.server.config.port = HOST, free_port()
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> Client:
        """Open a connection without a request."""
        reader, writer = await asyncio.open_connection(HOST, self.server.config.port)
        self._writers.append(writer)
        return reader, writer

    def close(self) -> None:
        """Close all clients, then the server."""
        for writer in self._writers:
            writer.transport.abort()
        self.server.should_exit = self.server.force_exit = True


@asynccontextmanager
async def listening(
    *, connections: int = 100, request_timeout: float = NEVER, stall_timeout: float = NEVER
) -> AsyncIterator[Site]:
    """A server with these limits."""
    site = Site(
        Limits(
            connections=connections, request_timeout=request_timeout, stall_timeout=stall_timeout
        )
    )
    task = asyncio.create_task(site.server.serve())
    try:
        await eventually(lambda: site.server.started or task.done())
        yield site
    finally:
        site.close()
        await task


async def ask(client: Client, request: bytes = REQUEST) -> bytes:
    """Send a request, and return the first line of its response; empty if the connection is closed."""
    reader, writer = client
    writer.write(request)
    first = await reader.readline()
    while first and await reader.readline() not in {b"\r\n", b""}:
        pass
    if first:
        await reader.readexactly(4)
    return first.strip()


async def is_closed(client: Client) -> bool:
    """Wait until the other side closes the connection."""
    try:
        return await client[0].read() == b""
    except ConnectionResetError:
        return True


async def test_the_longest_waiting_connection_makes_room() -> None:
    """A client is served however many idle connections there are; those that waited longest are closed."""
    async with listening(connections=3) as site:
        idle = [await site.connect() for _ in range(5)]
        assert await ask(await site.connect()) == b"HTTP/1.1 200 OK"
        assert [await is_closed(client) for client in idle[:3]] == [True] * 3
        assert await ask(idle[4]) == b"HTTP/1.1 200 OK"


async def test_idle_connections_by_the_hundred_keep_nobody_out() -> None:
    """However many there are, a client is served, and the server holds no more than it may."""
    async with listening(connections=100) as site:
        idle = [await site.connect() for _ in range(400)]
        assert await ask(await site.connect()) == b"HTTP/1.1 200 OK"
        assert len(site.server.server_state.connections) <= 100
        assert await is_closed(idle[0])


async def test_a_used_connection_waits_anew() -> None:
    """A connection that has just been used is closed only after those that have waited longer."""
    async with listening(connections=2) as site:
        used, idle = await site.connect(), await site.connect()
        assert await ask(used) == b"HTTP/1.1 200 OK"
        newest = await site.connect()
        assert await is_closed(idle)
        assert await ask(used) == b"HTTP/1.1 200 OK"
        assert await ask(newest) == b"HTTP/1.1 200 OK"


async def test_connections_that_are_served_are_not_closed() -> None:
    """If every client is reading a response, a further client is turned away."""
    async with listening(connections=2) as site:
        served = [await site.connect() for _ in range(2)]
        for reader, writer in served:
            writer.write(REQUEST.replace(b"small", b"huge"))
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        assert await is_closed(await site.connect())
        for reader, _ in served:
            await reader.readuntil(b"\r\n\r\n")
            assert len(await reader.readexactly(HUGE)) == HUGE


async def test_a_request_has_to_arrive_in_time() -> None:
    """Connections without a request, with half a header and with half a body are closed."""
    async with listening(request_timeout=0.05) as site:
        clients = [await site.connect() for _ in range(3)]
        clients[1][1].write(b"GET /small HTTP/1.1\r\nHost: mon")
        clients[2][1].write(
            b"POST /body HTTP/1.1\r\nHost: monitor\r\nContent-Type: application/json\r\n"
            b'Content-Length: 10\r\n\r\n{"a'
        )
        assert [await is_closed(client) for client in clients] == [True] * 3


async def test_a_response_has_to_be_read() -> None:
    """A client that stops reading is disconnected before the end."""
    async with listening(stall_timeout=0.05) as site:
        reader, writer = await site.connect()
        writer.write(REQUEST.replace(b"small", b"huge"))
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        # asyncio reads no more than twice its limit as long as the test doesn't.
        await eventually(lambda: not site.server.server_state.connections)
        assert await is_cut_off(reader)


async def is_cut_off(reader: asyncio.StreamReader) -> bool:
    """Return whether the response is cut off before its end."""
    try:
        return len(await reader.read()) < HUGE
    except ConnectionResetError:
        return True


async def test_a_cancelled_server_leaves_nothing_in_the_event_loop() -> None:
    """Its clients are disconnected, and the next socket with its file descriptor is read."""
    first, second = Site(Limits()), Site(Limits())
    descriptors = []
    for site in (first, second):
        with socket.create_server((HOST, 0)) as listener:
            site.server.config.port = listener.getsockname()[1]
            descriptors.append(listener.fileno())
            task = asyncio.create_task(site.server.serve([listener]))
            client = await site.connect()
            assert await asyncio.wait_for(ask(client), PATIENCE) == b"HTTP/1.1 200 OK"
            task.cancel()
            await asyncio.wait({task})
            assert await asyncio.wait_for(is_closed(client), PATIENCE)
        site.close()

    assert descriptors[0] == descriptors[1]
