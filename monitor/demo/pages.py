"""Everybody's telephone in a demonstration: a server for pages that only counts them."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def open_phones() -> Iterator[str]:
    """Take pages as an ntfy server does; yield its address, as in a roster."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Phones)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ntfy://127.0.0.1:{server.server_port}/demo"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Phones(BaseHTTPRequestHandler):
    """Accepts every page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say that the server is healthy."""
        self._accept()

    def do_POST(self) -> None:
        """Take a page."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._accept()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its caller's name for it
        """Write nothing onto the screen."""

    def _accept(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
