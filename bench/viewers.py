"""Accounts with different rights and languages, and browsers' streams of them: what arrived, and when."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple

from argon2 import PasswordHasher

from bench.process import PATIENCE
from monitor.accounts import Account, Accounts, Actor, Grant, Role, accounts_path

HOST = "127.0.0.1"
PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that live for a minute
ROLES: Sequence[tuple[Role, str, bool]] = (
    ("officer", "", False),
    ("supervisor", "", True),
    ("viewer", "", False),
    ("officer", "s0", False),
)
LANGUAGES = ("en", "vi", "ar")
LIMIT = 1 << 22
"""Bytes that a stream may be behind before its reader stops reading."""


class Chunk(NamedTuple):
    """What arrived at once."""

    at: float
    """Seconds since 1970."""
    content: bytes


class Client:
    """One viewer: a page that was read, and its stream.

    Args:
        site: the site that they see; empty: all.
        cookie: of their session.

    """

    def __init__(self, site: str, cookie: str) -> None:
        self.site = site
        self.cookie = cookie
        self.chunks: list[Chunk] = []
        self.is_live = asyncio.Event()
        """The first tick is there."""

    async def follow(self, port: int) -> None:
        """Read the board and then the stream, until cancelled."""
        reader, writer = await asyncio.open_connection(HOST, port, limit=LIMIT)
        try:
            page = await self._get(reader, writer, "/board")
            place = re.search(rb'data-position="([^"]+)"', page)
            if place is None:
                raise SystemExit(f"no board, but: {page[:300]!r}")
            writer.write(self._request(f"/live?last={place[1].decode()}"))
            await reader.readuntil(b"\r\n\r\n")
            while length := int(await reader.readline(), 16):
                content = await reader.readexactly(length)
                self.chunks.append(Chunk(time.time(), content))
                await reader.readexactly(2)
                if not self.is_live.is_set() and b"event: tick" in content:
                    self.is_live.set()
        finally:
            writer.transport.abort()

    def _request(self, path: str) -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {self.cookie}\r\nAccept: text/html\r\n\r\n"
        ).encode()

    async def _get(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
    ) -> bytes:
        writer.write(self._request(path))
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return head if length is None else await reader.readexactly(int(length[1]))


async def clients(journal: Path, number: int, groups: int) -> list[Client]:
    """Make accounts, the first of each group, and return viewers, each with a session of their own."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    made: list[Client] = []
    with Accounts(accounts_path(journal), lambda: datetime.now(UTC), hasher) as accounts:
        kinds = list(islice(product(ROLES, LANGUAGES), groups))
        for n, ((role, site, silent), language) in enumerate(kinds):
            grant = Grant(role=role, site=site, silent=silent)
            account = Account(name=f"viewer-{n}", language=language, grants=(grant,))
            accounts.add(account, Actor("bench"))
            await accounts.set_password(account.name, PASSWORD)
        for n in range(number):
            (_, site, _), _ = kinds[n % len(kinds)]
            token, _ = await accounts.sign_in(f"viewer-{n % len(kinds)}", PASSWORD, HOST, "bench")
            made.append(Client(site, f"vm={token}"))
    return made


@asynccontextmanager
async def following(viewers: Sequence[Client], port: int) -> AsyncIterator[float]:
    """Open all streams at once; yield the seconds that it took until all were live."""
    began = time.monotonic()
    tasks = [asyncio.create_task(each.follow(port)) for each in viewers]
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(each.is_live.wait() for each in viewers))
        yield time.monotonic() - began
        if ended := [task for task in tasks if task.done()]:
            raise SystemExit(f"{len(ended)} streams have ended: {ended[0]}")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
