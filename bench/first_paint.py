"""What a browser loads before a page of the console is complete: the page, its styles, and its scripts, as sent."""

import gzip
import re
from typing import NamedTuple
from urllib.parse import urljoin
from urllib.request import Request, urlopen


class FirstPaint(NamedTuple):
    """Bytes as they are sent, compressed."""

    page: int
    styles: int
    scripts: int


def first_paint(port: int, cookie: str) -> FirstPaint:
    """Load the board as a browser does that has nothing of it yet."""
    address = f"http://127.0.0.1:{port}/board"
    page, text = _load(address, cookie)
    styles = sum(
        _load(urljoin(address, path), cookie)[0]
        for path in re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
    )
    waiting = [urljoin(address, path) for path in re.findall(r'<script src="([^"]+)"', text)]
    sizes: dict[str, int] = {}
    while waiting:
        script = waiting.pop()
        if script not in sizes:
            sizes[script], text = _load(script, cookie)
            waiting += [urljoin(script, path) for path in re.findall(r'from "(\./[^"]+)"', text)]
    return FirstPaint(page, styles, sum(sizes.values()))


def _load(address: str, cookie: str) -> tuple[int, str]:
    """Return the bytes that were sent, and the text."""
    headers = {"accept": "text/html", "accept-encoding": "gzip", "cookie": cookie}
    with urlopen(Request(address, headers=headers)) as response:  # noqa: S310 - our own address
        sent = response.read()
        is_packed = response.headers.get("content-encoding") == "gzip"
        return len(sent), (gzip.decompress(sent) if is_packed else sent).decode()
