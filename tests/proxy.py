"""A real nginx before InfluxDB 1.x: it turns the way of InfluxDB 2 to write into that of 1.x."""

import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.servers import HOST, PATIENCE, free_port

_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size {most};
    map $arg_precision $p1 {{ default $arg_precision; "us" "u"; "" "ns"; }}
    server {{
        listen {host}:{port};
        location = /api/v2/write {{
            rewrite ^ /write?db=$arg_bucket&precision=$p1? break;
            proxy_pass {url};
        }}
    }}
}}
"""


class Proxy:
    """nginx; ``most`` is the largest body that it lets through."""

    def __init__(self, folder: Path, url: str, most: str = "25m") -> None:
        self.folder = folder
        self.port = free_port()
        self._config = folder / "nginx.conf"
        self._config.write_text(
            _CONFIG.format(folder=folder, host=HOST, port=self.port, url=url, most=most)
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Starts it and waits until it listens."""
        path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if path is None:
            pytest.fail(
                "these tests need nginx: apt-get install --no-install-recommends nginx-light"
            )
        log = self.folder / "error.log"
        self._process = subprocess.Popen([path, "-c", str(self._config), "-e", str(log)])
        deadline = time.monotonic() + PATIENCE
        while not (self.folder / "nginx.pid").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._end()
                pytest.fail(f"nginx doesn't start:\n{log.read_text() if log.exists() else ''}")
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
            self._process.kill()
