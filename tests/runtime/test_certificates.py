"""The authority of a sealed venue: what it vouches for, what it can't vouch for, and who can read its key."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from monitor.errors import ConfigError
from monitor.runtime.certificates import (
    AUTHORITY,
    AUTHORITY_KEY,
    CERTIFICATE,
    KEY,
    Subject,
    fingerprint,
    issue,
    make_authority,
    read_certificate,
    subject_of,
)

NOW = datetime.now(UTC)
OURS = Subject.read(["monitor.congress.example", "10.0.0.5"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an authority and a certificate."""
    made = tmp_path / "secrets"
    make_authority(made, OURS, "National Congress", NOW)
    issue(made, OURS, NOW)
    return made


def handshake(folder: Path, authority: Path, name: str) -> None:
    """Shake hands with a server that has the folder's certificate, as a client that trusts an authority.

    Raises:
        SSLCertVerificationError: the client refuses the certificate.

    """
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    here = ssl.create_default_context(cafile=authority)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = here.wrap_bio(to_client, to_server, server_hostname=name)
    server = there.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)


@pytest.mark.parametrize("name", ["monitor.congress.example", "10.0.0.5"])
def test_a_phone_that_trusts_the_authority_accepts_the_certificate(folder: Path, name: str) -> None:
    """Under each of its names, and under no other."""
    handshake(folder, folder / AUTHORITY, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(folder, folder / AUTHORITY, "bank.example")


def test_keys_are_readable_by_their_owner_only(folder: Path) -> None:
    """Certificates may be read by all."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {AUTHORITY: 0o644, AUTHORITY_KEY: 0o600, CERTIFICATE: 0o644, KEY: 0o600}


def test_a_stolen_authority_can_vouch_for_nothing_else(folder: Path) -> None:
    """A phone refuses what its key has signed for another name, although it trusts the authority."""
    authority = read_certificate(folder / AUTHORITY)
    stolen = load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    key = load_pem_private_key((folder / KEY).read_bytes(), None)
    assert isinstance(stolen, ec.EllipticCurvePrivateKey)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    forged = (
        x509.CertificateBuilder(authority.subject, x509.Name([]), key.public_key(), 1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=True)
        .sign(stolen, SHA256())
    )
    (folder / CERTIFICATE).write_bytes(forged.public_bytes(Encoding.PEM))

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(folder, folder / AUTHORITY, "bank.example")


def test_a_name_that_no_phone_would_accept_is_refused(folder: Path) -> None:
    """The message says which names the authority can vouch for."""
    with pytest.raises(ConfigError, match=r"vouch for bank\.example, only for monitor\.congress"):
        issue(folder, Subject.read(["bank.example"]), NOW)


def test_another_authority_of_the_same_name_is_not_trusted(folder: Path, tmp_path: Path) -> None:
    """Names are not what is trusted."""
    other = tmp_path / "other"
    make_authority(other, OURS, "National Congress", NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(folder, other / AUTHORITY, "monitor.congress.example")


def test_an_authority_is_never_overwritten(folder: Path) -> None:
    """Phones trust the one that is there."""
    before = (folder / AUTHORITY).read_bytes()
    with pytest.raises(ConfigError, match="exists, and phones may trust it"):
        make_authority(folder, OURS, "National Congress", NOW)
    assert (folder / AUTHORITY).read_bytes() == before


def test_a_certificate_is_renewed_for_the_same_names_with_another_key(folder: Path) -> None:
    """It never outlives its authority."""
    path = folder / CERTIFICATE
    authority, before = read_certificate(folder / AUTHORITY), (folder / KEY).read_bytes()
    ends = authority.not_valid_after_utc

    issue(folder, subject_of(path), ends - timedelta(days=10))

    assert subject_of(path) == OURS
    assert (folder / KEY).read_bytes() != before
    assert read_certificate(path).not_valid_after_utc <= ends
    with pytest.raises(ConfigError, match="expired on"):
        issue(folder, subject_of(path), ends)


def test_the_key_can_be_kept_elsewhere(folder: Path) -> None:
    """The message says what to put back."""
    (folder / AUTHORITY_KEY).unlink()
    with pytest.raises(ConfigError, match="put the authority's key back"):
        issue(folder, OURS, NOW)


def test_the_fingerprint_is_written_as_phones_show_it(folder: Path) -> None:
    """Pairs of upper-case digits, separated by colons."""
    text = fingerprint(read_certificate(folder / AUTHORITY))
    assert [len(pair) for pair in text.split(":")] == [2] * 32
    assert text == text.upper()
