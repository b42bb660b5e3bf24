"""What the monitor of a demonstration answers over HTTP."""

from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import msgspec

from monitor.app.runfile import RunFile
from monitor.errors import DemoFailed
from monitor.web.health import Health


def health_of(run_file: RunFile) -> Health | None:
    """Return how the monitor is; ``None`` if it does not answer."""
    try:
        return msgspec.json.decode(fetch(run_file, "healthz"), type=Health)
    except (DemoFailed, msgspec.MsgspecError):
        return None


def address_of(run_file: RunFile) -> str:
    """Return the address of the console."""
    return f"http://127.0.0.1:{run_file.http_port}"


def fetch(run_file: RunFile, path: str) -> str:
    """Return what the monitor serves below a path, whatever its status.

    Raises:
        DemoFailed: it does not answer.

    """
    url = f"{address_of(run_file)}/{path}"
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - an address of ours
            return str(answer.read().decode())
    except HTTPError as error:
        return error.read().decode()
    except (URLError, OSError) as error:
        raise DemoFailed(f"{url}: {error}") from error
