"""Failures of another server are sorted by what to do about them: send again, or skip."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from monitor.errors import SinkNotConnected, SinkRefused, SinkUnavailable
from monitor.runtime.http import LONGEST_WAIT, HttpClient, trusted
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.servers import HOST, free_port

PATIENT, HASTY = timedelta(seconds=10), timedelta(seconds=0.2)


@pytest.fixture
async def there() -> AsyncIterator[HttpStub]:
    """The other server."""
    async with http_stub() as made:
        yield made


async def ask(there: HttpStub, patience: timedelta = PATIENT, **more: Path) -> bytes:
    """Send one request to the server; its path holds a token."""
    remote = HttpClient("there", patience, **more)  # type: ignore[arg-type]
    try:
        return await remote.ask("POST", f"{there.url}/token-1234", b"{}", {"X-One": "1"})
    finally:
        await remote.close()


async def unavailable(there: HttpStub, patience: timedelta = PATIENT) -> SinkUnavailable:
    """Return why the server can't be reached now, after checking that the message does not contain the token."""
    with pytest.raises(SinkUnavailable) as raised:
        await ask(there, patience)
    assert "token-1234" not in str(raised.value)
    return raised.value


async def test_an_answer_is_given_back(there: HttpStub) -> None:
    """The request arrives unchanged, and the answer is returned."""
    there.answers.append(StubResponse(202, body=b"taken"))
    assert await ask(there) == b"taken"
    (asked,) = there.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/token-1234", b"{}")
    assert asked.headers["x-one"] == "1"


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_it_will_never_take_is_refused(there: HttpStub, status: int) -> None:
    """A refused request is reported with the server's reason."""
    there.answers.append(StubResponse(status, body=b"bad label"))
    with pytest.raises(SinkRefused, match=f"^there: HTTP {status}: bad label$"):
        await ask(there)


@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 429, 500, 502, 503])
async def test_what_may_change_is_brought_again(there: HttpStub, status: int) -> None:
    """A token, an address or a disk can be fixed, so nothing is skipped for it, and no redirect is followed."""
    there.answers.append(StubResponse(status, headers={"Location": "/elsewhere"}))
    assert f"HTTP {status}" in str(await unavailable(there))
    assert len(there.asked) == 1


async def test_a_busy_server_says_when(there: HttpStub) -> None:
    """Retry-After is respected, in seconds or as a date, but no server makes us wait for ever."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    for header in ("30", soon, "86400", "nonsense", "-5"):
        there.answers.append(StubResponse(429, headers={"Retry-After": header}))
    waits = [(await unavailable(there)).after for _ in range(5)]
    assert waits[0] == timedelta(seconds=30)
    assert timedelta(seconds=50) < waits[1] <= timedelta(seconds=60)
    assert waits[2:] == [LONGEST_WAIT, timedelta(0), timedelta(0)]


async def test_a_server_that_hangs_counts_as_away(there: HttpStub) -> None:
    """A server that hangs is reported as unavailable after the timeout, which the message states."""
    there.answers.append(StubResponse(hangs=True))
    assert str(await unavailable(there, HASTY)) == "there: no answer within 1 s"


async def test_half_an_answer_is_none(there: HttpStub) -> None:
    """A request whose answer breaks off may or may not have been accepted, and is sent again."""
    there.answers.append(StubResponse(cut=True))
    assert not isinstance(await unavailable(there), SinkNotConnected)


async def test_nobody_there() -> None:
    """If no server answers at the address, the message gives the system's reason."""
    error = await unavailable(HttpStub(free_port()))
    assert str(error) == "there can't be reached: connection refused"
    assert isinstance(error, SinkNotConnected)


async def test_an_unknown_certificate_is_not_trusted(tmp_path: Path) -> None:
    """A certificate is trusted only if its authority is named."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(tls)
    async with http_stub(tls) as there:
        assert "its TLS certificate is not accepted" in str(await unavailable(there))
        assert await ask(there, ca_file=tmp_path / "ca.pem") == b""


def test_the_systems_authorities_are_read_once(tmp_path: Path) -> None:
    """Each of hundreds of channels has a client: what the system trusts is one object for all; a file is read anew."""
    assert trusted(None) is trusted(None)
    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(authority)
    assert trusted(authority) is not trusted(authority)
