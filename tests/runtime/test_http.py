"""What can go wrong with another server is sorted by what to do about it: bring it again, or step over."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from monitor.errors import SinkRefused, SinkUnavailable
from monitor.runtime.http import LONGEST_WAIT, Remote
from tests.support.http_stub import Answer, Loopback, loopback
from tests.support.servers import HOST, free_port

PATIENT, HASTY = timedelta(seconds=10), timedelta(seconds=0.2)


@pytest.fixture
async def there() -> AsyncIterator[Loopback]:
    """The other server."""
    async with loopback() as made:
        yield made


async def ask(there: Loopback, patience: timedelta = PATIENT, **more: Path) -> bytes:
    """One request to it; its path holds a token."""
    remote = Remote("there", patience, **more)  # type: ignore[arg-type]
    try:
        return await remote.ask("POST", f"{there.url}/token-1234", b"{}", {"X-One": "1"})
    finally:
        await remote.close()


async def unavailable(there: Loopback, patience: timedelta = PATIENT) -> SinkUnavailable:
    """Why it can't be reached now; the token is in no message."""
    with pytest.raises(SinkUnavailable) as raised:
        await ask(there, patience)
    assert "token-1234" not in str(raised.value)
    return raised.value


async def test_an_answer_is_given_back(there: Loopback) -> None:
    """What was sent arrives as it is."""
    there.answers.append(Answer(202, body=b"taken"))
    assert await ask(there) == b"taken"
    (asked,) = there.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/token-1234", b"{}")
    assert asked.headers["x-one"] == "1"


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_it_will_never_take_is_refused(there: Loopback, status: int) -> None:
    """With what it said about it."""
    there.answers.append(Answer(status, body=b"bad label"))
    with pytest.raises(SinkRefused, match=f"^there: HTTP {status}: bad label$"):
        await ask(there)


@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 429, 500, 502, 503])
async def test_what_may_change_is_brought_again(there: Loopback, status: int) -> None:
    """Somebody mends a token, an address, a disk: nothing is stepped over for it, and no redirect is followed."""
    there.answers.append(Answer(status, headers={"Location": "/elsewhere"}))
    assert f"HTTP {status}" in str(await unavailable(there))
    assert len(there.asked) == 1


async def test_a_busy_server_says_when(there: Loopback) -> None:
    """Retry-After counts, in seconds or as a date, and no server makes us wait for ever."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    for told in ("30", soon, "86400", "nonsense", "-5"):
        there.answers.append(Answer(429, headers={"Retry-After": told}))
    waits = [(await unavailable(there)).after for _ in range(5)]
    assert waits[0] == timedelta(seconds=30)
    assert timedelta(seconds=50) < waits[1] <= timedelta(seconds=60)
    assert waits[2:] == [LONGEST_WAIT, timedelta(0), timedelta(0)]


async def test_a_server_that_hangs_counts_as_away(there: Loopback) -> None:
    """After the timeout, with it in the message."""
    there.answers.append(Answer(hangs=True))
    assert str(await unavailable(there, HASTY)) == "there: no answer within 0.2 s"


async def test_half_an_answer_is_none(there: Loopback) -> None:
    """Nobody knows whether it was taken: it comes again."""
    there.answers.append(Answer(cut=True))
    await unavailable(there)


async def test_nobody_there() -> None:
    """The reason is the system's."""
    assert "Connect call failed" in str(await unavailable(Loopback(free_port())))


async def test_an_unknown_certificate_is_not_trusted(tmp_path: Path) -> None:
    """Unless whoever vouches for it is named."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(tls)
    async with loopback(tls) as there:
        assert "certificate verify failed" in str(await unavailable(there))
        assert await ask(there, ca_file=tmp_path / "ca.pem") == b""
