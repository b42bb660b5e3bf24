"""The page that tells phones how to trust the venue's own authority."""

from pathlib import Path

import httpx
import pytest
import trustme
from litestar import Litestar

from monitor.runtime.certificates import fingerprint, read_certificate
from monitor.web.authority import authority_routes


@pytest.mark.parametrize(("language", "isolated"), [("en", "{}"), ("ar", "\u2068{}\u2069")])
async def test_the_fingerprint_reads_the_same_in_every_direction(
    tmp_path: Path, language: str, isolated: str
) -> None:
    """It is compared group by group; between Arabic words its first groups would change places."""
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    app = Litestar(authority_routes(path), logging_config=None)
    async with httpx.AsyncClient(
        # Litestar's own types are narrower.
        transport=httpx.ASGITransport(app),  # type: ignore[arg-type]
        base_url="http://console",
    ) as client:
        answer = await client.get("/ca", headers={"accept-language": language})

    assert f"<dd>{isolated.format(fingerprint(read_certificate(path)))}</dd>" in answer.text
