"""The network between a phone and the monitor: it can be cut, lose an answer, cut a request, or answer by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

from tests.support.servers import HOST, free_port

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answers:
    """The network answers in place of the monitor."""

    status: str
    body: bytes = b""
    kind: str = "application/problem+json"
    location: str = ""

    def encoded(self) -> bytes:
        """Return it as it is sent."""
        location = f"location: {self.location}\r\n" if self.location else ""
        head = f"HTTP/1.1 {self.status}\r\ncontent-type: {self.kind}\r\n{location}content-length: {len(self.body)}\r\n"
        return f"{head}connection: close\r\n\r\n".encode() + self.body


class LosesAnswer:
    """The monitor takes the request, and its answer does not arrive."""


class CutsRequest:
    """Half of the request's body arrives."""


Fault = Answers | LosesAnswer | CutsRequest
Fitting = Callable[[str, bytes], bool]


@dataclass(slots=True)
class PhoneNetwork:
    """A relay on a port of its own; `faults` are used up from the first on, by the requests that they fit."""

    to: int
    port: int = field(default_factory=free_port)
    faults: list[tuple[Fitting, Fault]] = field(default_factory=list)
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    """Method and path, and the body, of each request to the API that came as far as this."""
    _listener: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the phone finds the monitor."""
        return f"http://{HOST}:{self.port}"

    async def restore(self) -> None:
        """Let requests through."""
        if self._listener is None:
            self._listener = await asyncio.start_server(self._begin, HOST, self.port)

    async def cut(self) -> None:
        """Refuse every connection."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def fails(self, beginning: str, *faults: Fault, holding: bytes = b"") -> None:
        """Let the next requests fail that begin so and hold these bytes."""

        def fits(line: str, body: bytes) -> bool:
            return line.startswith(beginning) and holding in body

        self.faults += [(fits, fault) for fault in faults]

    def bodies(self, beginning: str) -> list[bytes]:
        """Return the bodies of the requests that began so."""
        return [body for line, body in self.requests if line.startswith(beginning)]

    def _fault(self, line: str, body: bytes) -> Fault | None:
        for number, (fits, fault) in enumerate(self.faults):
            if fits(line, body):
                del self.faults[number]
                return fault
        return None

    async def end(self) -> None:
        """Refuse every connection, and end those that are open."""
        await self.cut()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def begin_anew(self) -> None:
        """Let requests through, and forget those of before and the faults that were left."""
        self.requests.clear()
        self.faults.clear()
        await self.restore()

    def _begin(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(phone, back))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with closing(back), suppress(OSError, asyncio.IncompleteReadError):
            head = await phone.readuntil(_HEAD_END)
            body = await phone.readexactly(_length(head))
            line = head.split(b" HTTP/", 1)[0].decode()
            if " /api/" in line:
                self.requests.append((line, body))
            match self._fault(line, body):
                case Answers() as answer:
                    back.write(answer.encoded())
                case LosesAnswer():
                    await self._ask(head, body)
                case CutsRequest():
                    await self._ask(head, body[: len(body) // 2], is_whole=False)
                case None:
                    back.write(await self._ask(head, body))
            await back.drain()

    async def _ask(self, head: bytes, body: bytes, *, is_whole: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection(HOST, self.to)
        start, _, fields = head.partition(b"\r\n")
        kept = [row for row in fields.split(b"\r\n") if not row.lower().startswith(b"connection:")]
        with closing(writer):
            writer.write(start + b"\r\nconnection: close\r\n" + b"\r\n".join(kept) + body)
            await writer.drain()
            return await reader.read() if is_whole else b""


def _length(head: bytes) -> int:
    for row in head.lower().split(b"\r\n"):
        if row.startswith(b"content-length:"):
            return int(row.split(b":")[1])
    return 0


@asynccontextmanager
async def phone_network(to: int) -> AsyncIterator[PhoneNetwork]:
    """Connect a phone with the monitor that listens on a port."""
    made = PhoneNetwork(to)
    await made.restore()
    try:
        yield made
    finally:
        await made.end()
