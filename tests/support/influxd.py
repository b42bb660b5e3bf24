"""A real InfluxDB 1.x on free loopback ports, with its files in one folder."""

import json
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from tests.support.servers import HOST, PATIENCE, Server, free_port, program_of

Rows = list[dict[str, Any]]


class Influx(Server):
    """influxd; it can be stopped, killed and started again on the same data and port.

    Args:
        folder: holds its configuration, log and data; should be empty.
        user: name and password of its administrator; without one, access is open.
        http: further lines of its ``[http]``.

    """

    def __init__(
        self, folder: Path, *, user: tuple[str, str] | None = None, http: tuple[str, ...] = ()
    ) -> None:
        super().__init__(folder)
        self.user = user
        self.http = http

    def command(self) -> list[str]:
        """Write its configuration; return the command line."""
        return [program_of("influxd", "influxdb"), "run", "-config", str(self._write())]

    def answers(self) -> bool:
        """Whether it serves requests."""
        try:
            with closing(HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
                connection.request("GET", "/ping")
                return bool(connection.getresponse().getheader("X-Influxdb-Version"))
        except (OSError, HTTPException):
            return False

    def __enter__(self) -> Self:
        """Start it; with a user, create that user."""
        super().__enter__()
        try:
            if self.user is not None:
                name, password = self.user
                made = f"CREATE USER \"{name}\" WITH PASSWORD '{password}' WITH ALL PRIVILEGES"
                self.query(made, db="")
        except BaseException:
            self.kill()
            raise
        return self

    # Requests -----------------------------------------------------------------------------------------------------

    def create(self, db: str = "venue") -> None:
        """Create a database."""
        self.query(f'CREATE DATABASE "{db}"', db="")

    def query(self, text: str, db: str = "venue", epoch: str = "ns") -> Rows:
        """Run InfluxQL; return the rows of all series, each with its time, tags and columns.

        Raises ``AssertionError`` on an error in the status or in the body.
        """
        rows: Rows = []
        for series in self.series(text, db, epoch):
            tags = series.get("tags", {})
            for values in series.get("values", []):
                rows.append(tags | dict(zip(series["columns"], values, strict=True)))
        return rows

    def series(self, text: str, db: str = "venue", epoch: str = "ns") -> Rows:
        """Run InfluxQL; return the series unchanged, each with its name, tags, columns and values."""
        where = urlencode({"db": db, "epoch": epoch} if db else {"epoch": epoch})
        body = urlencode({"q": text}).encode()
        found = json.loads(self.post(f"/query?{where}", body)[1])
        errors = [found.get("error"), *(row.get("error") for row in found.get("results", []))]
        assert not any(errors), f"{text}: {errors}"
        return [row for result in found["results"] for row in result.get("series", [])]

    def write(self, lines: str, db: str = "venue") -> None:
        """Write line protocol with times in nanoseconds; fail unless all of it is stored."""
        status, answer = self.post(f"/write?db={db}&precision=ns", lines.encode())
        assert status == 204, answer

    def post(self, path: str, body: bytes) -> tuple[int, str]:
        """Status and body of the response."""
        with closing(HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} | self._headers()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def _headers(self) -> dict[str, str]:
        if self.user is None:
            return {}
        return {"Authorization": f"Basic {b64encode(':'.join(self.user).encode()).decode()}"}

    def _write(self) -> Path:
        config = self.folder / "influxdb.conf"
        config.write_text(
            "\n".join(
                [
                    "reporting-disabled = true",
                    f'bind-address = "{HOST}:{free_port()}"',
                    "[meta]",
                    f'dir = "{self.folder / "meta"}"',
                    "[data]",
                    f'dir = "{self.folder / "data"}"',
                    f'wal-dir = "{self.folder / "wal"}"',
                    "query-log-enabled = false",
                    "[monitor]",
                    "store-enabled = false",
                    "[subscriber]",
                    "enabled = false",
                    "[ifql]",
                    "enabled = false",
                    "[http]",
                    f'bind-address = "{HOST}:{self.port}"',
                    f"auth-enabled = {'true' if self.user else 'false'}",
                    "log-enabled = false",
                    *self.http,
                ]
            )
        )
        return config
