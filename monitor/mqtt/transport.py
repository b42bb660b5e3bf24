"""What a connection needs of TCP and TLS: a time limit for what is under way, and failures in words."""

import asyncio
import socket
import ssl
from os import strerror


def set_user_timeout(transport: asyncio.BaseTransport, seconds: int) -> None:
    """Have the kernel end the connection when the peer has not confirmed what we sent for this long (RFC 5482).

    Without it, an acknowledgement on a dead wire waits for a quarter of an hour. Linux only.
    """
    sock = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if sock is not None and option is not None:
        sock.setsockopt(socket.IPPROTO_TCP, option, seconds * 1000)


def failure(error: Exception | None) -> str:
    """Return why a connection failed, for people."""
    match error:
        case None | ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return "the broker closed the connection"
        case ssl.SSLError():
            return str(error)
        case TimeoutError():
            return "the network carried nothing for two keepalive intervals"
        case OSError() if error.errno is not None and error.errno > 0:
            return strerror(error.errno)
        case _:
            return str(error)
