"""The console over TLS, in a venue without internet: made with one command, trusted by those who have the authority."""

import asyncio
import ssl
import urllib.request
from pathlib import Path

import pytest

from monitor.app.runfile import read_run_file
from monitor.runtime.certificates import binary, fingerprint, read_certificate
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import HOST, PATIENCE, Mosquitto, eventually


def with_certificates(folder: Path, mosquitto: Mosquitto) -> tuple[MonitorProcess, ssl.SSLContext]:
    """Return a deployment with certificates of its own, as the command describes it, and a client that trusts them."""
    program = MonitorProcess(folder, mosquitto.address, rules=("monitor.toml",))
    made = program.ask("tls", "init", "localhost", HOST)
    assert made.returncode == 0, made.stderr
    table = made.stdout.partition("[http.tls]")[2].partition("\n\n")[0]
    lines = "\n".join(line.strip() for line in table.splitlines())
    with program.config.open("a") as config:
        config.write(f"\n[http.tls]\n{lines}\n")
    return program, ssl.create_default_context(cafile=folder / "secrets" / "ca.pem")


def port(program: MonitorProcess) -> int:
    """Return the port of its console; 0 as long as it has none."""
    running = read_run_file(program.journal)
    assert program.process is not None
    return running.http_port if running is not None and running.pid == program.process.pid else 0


async def test_the_console_is_encrypted(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """It answers those who trust the authority, not those who don't, and drops those who never shake hands."""
    program, trusting = with_certificates(tmp_path, mosquitto)
    assert program.ask("check").returncode == 0
    program.begin()
    try:
        await eventually(lambda: port(program) != 0)
        idle = await asyncio.open_connection(HOST, port(program))

        def get(path: str, context: ssl.SSLContext) -> bytes:
            request = urllib.request.Request(f"https://{HOST}:{port(program)}{path}")
            request.add_header("Accept-Language", "vi-VN,vi;q=0.9,en;q=0.8")
            with urllib.request.urlopen(  # noqa: S310 - https, as written above
                request, timeout=PATIENCE, context=context
            ) as answer:
                content: bytes = answer.read()
                return content

        with pytest.raises(urllib.error.URLError, match="certificate verify failed"):
            await asyncio.to_thread(get, "/ca", ssl.create_default_context())

        authority = read_certificate(tmp_path / "secrets" / "ca.pem")
        explained = (await asyncio.to_thread(get, "/ca", trusting)).decode()
        assert 'lang="vi"' in explained
        assert fingerprint(authority) in explained
        assert 'href="/ca.crt"' in explained
        assert await asyncio.to_thread(get, "/ca.crt", trusting) == binary(authority)

        assert await asyncio.wait_for(idle[0].read(), PATIENCE) == b""
        idle[1].close()
        assert program.stop() == 0
    finally:
        program.kill()


def test_a_key_of_another_certificate_is_named(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """`check` says so before the restart."""
    program, _ = with_certificates(tmp_path, mosquitto)
    (tmp_path / "secrets" / "monitor.pem").write_bytes(
        (tmp_path / "secrets" / "ca.pem").read_bytes()
    )

    checked = program.ask("check")

    assert checked.returncode != 0
    assert "http: tls: key_file: does not go with cert_file" in checked.stderr


@pytest.mark.parametrize("name", ["https://monitor.example", "-bad", "a..b", "x" * 64])
def test_a_name_that_is_none_is_refused(tmp_path: Path, mosquitto: Mosquitto, name: str) -> None:
    """The message says what to write."""
    program = MonitorProcess(tmp_path, mosquitto.address, rules=("monitor.toml",))
    refused = program.ask("tls", "init", "--", name)
    assert refused.returncode == 2
    assert "write e.g. monitor.congress.example or 10.0.0.5" in refused.stderr
    assert not (tmp_path / "secrets").exists()
