"""A certificate authority for one sealed venue, which can vouch for nothing else, and its certificates."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from monitor.errors import ConfigError

AUTHORITY_DAYS = timedelta(days=730)
"""How long phones trust the authority: longer than the preparation of a congress; judgement."""
CERTIFICATE_DAYS = timedelta(days=397)
"""The longest that browsers accept (CA/Browser Forum, Baseline Requirements 6.3.2, until March 2026)."""
CLOCK_SKEW = timedelta(days=1)
"""A phone whose clock is behind must not refuse a certificate that was made just now."""
AUTHORITY, AUTHORITY_KEY = "ca.pem", "ca.key"
CERTIFICATE, KEY = "monitor.pem", "monitor.key"

Address = IPv4Address | IPv6Address


class Subject(NamedTuple):
    """The names under which the monitor is reached."""

    names: tuple[str, ...]
    """Host names."""
    addresses: tuple[Address, ...]

    @classmethod
    def read(cls, texts: Sequence[str]) -> "Subject":
        """Return host names and IP addresses as a subject."""
        names, addresses = [], []
        for text in texts:
            try:
                addresses.append(ip_address(text))
            except ValueError:
                names.append(text)
        return cls(tuple(names), tuple(addresses))


def make_authority(folder: Path, subject: Subject, congress: str, now: datetime) -> None:
    """Write an authority into a folder that has none: ``ca.pem`` and ``ca.key``.

    Args:
        folder: is made if need be.
        subject: all that the authority can ever vouch for (RFC 5280, 4.2.1.10, name constraints).
        congress: the name that phones show.
        now: the present time.

    Raises:
        ConfigError: there is an authority already, or the files can't be written.

    """
    for path in (folder / AUTHORITY, folder / AUTHORITY_KEY):
        if path.exists():
            advice = "to go on with it, use `tls renew`; for another, choose another folder"
            raise ConfigError([f"{path}: exists, and phones may trust it; {advice}"])
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, congress[:64])])
    permitted = [
        *(x509.DNSName(each) for each in subject.names),
        *(x509.IPAddress(ip_network(each)) for each in subject.addresses),
    ]
    usage = _usage(signs_certificates=True)
    certificate = (
        _begin(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(
        folder,
        {AUTHORITY_KEY: (_pem(key), 0o600), AUTHORITY: (_certificate_pem(certificate), 0o644)},
    )


def issue(folder: Path, subject: Subject, now: datetime) -> None:
    """Write a certificate of the folder's authority, with a new key: ``monitor.pem`` and ``monitor.key``.

    Raises:
        ConfigError: the authority can't be read, has expired, or can't vouch for the subject.

    """
    authority, authority_key = _read_authority(folder)
    ends = authority.not_valid_after_utc
    if ends <= now:
        raise ConfigError(
            [f"{folder / AUTHORITY}: expired on {ends:%Y-%m-%d}; make another with `tls init`"]
        )
    _refuse_strangers(folder / AUTHORITY, authority, subject)
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [
        *(x509.DNSName(each) for each in subject.names),
        *(x509.IPAddress(each) for each in subject.addresses),
    ]
    common = str(next(iter((*subject.names, *subject.addresses))))[:64]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    certificate = (
        _begin(name, authority.subject, key.public_key(), now, min(CERTIFICATE_DAYS, ends - now))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    _write(folder, {KEY: (_pem(key), 0o600), CERTIFICATE: (_certificate_pem(certificate), 0o644)})


def subject_of(path: Path) -> Subject:
    """Return the names in a certificate, to issue it again.

    Raises:
        ConfigError: it can't be read, or has none.

    """
    certificate = read_certificate(path)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise ConfigError([f"{path}: has no names; make another with `tls init`"]) from error
    addresses = [
        each
        for each in found.get_values_for_type(x509.IPAddress)
        if isinstance(each, IPv4Address | IPv6Address)
    ]
    return Subject(tuple(found.get_values_for_type(x509.DNSName)), tuple(addresses))


def read_certificate(path: Path) -> x509.Certificate:
    """Return the first certificate in a PEM file.

    Raises:
        ConfigError: it can't be read.

    """
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from error
    except ValueError as error:
        raise ConfigError([f"{path}: is no certificate; write one in PEM"]) from error


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint, as phones and browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def binary(certificate: x509.Certificate) -> bytes:
    """Return a certificate in the form that every phone installs (DER)."""
    return certificate.public_bytes(serialization.Encoding.DER)


def _begin(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now - CLOCK_SKEW + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _read_authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate, path = read_certificate(folder / AUTHORITY), folder / AUTHORITY_KEY
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        advice = "put the authority's key back for as long as it takes to renew"
        raise ConfigError([f"{path}: {error.strerror}; {advice}"]) from error
    except (TypeError, ValueError) as error:
        raise ConfigError([f"{path}: is no private key without a password, in PEM"]) from error
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey)
        or key.public_key() != certificate.public_key()
    ):
        raise ConfigError([f"{path}: is not the key of {folder / AUTHORITY}"])
    return certificate, key


def _refuse_strangers(path: Path, authority: x509.Certificate, subject: Subject) -> None:
    """Refuse names that the authority can't vouch for: browsers would."""
    found = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    names = [
        each.value for each in found.permitted_subtrees or () if isinstance(each, x509.DNSName)
    ]
    networks = [
        each.value for each in found.permitted_subtrees or () if isinstance(each, x509.IPAddress)
    ]
    strangers = [
        *(each for each in subject.names if not any(_is_within(each, name) for name in names)),
        *(
            str(each)
            for each in subject.addresses
            if not any(each in network for network in networks)  # type: ignore[operator] # networks, as written above
        ),
    ]
    if strangers:
        known = ", ".join(map(str, (*names, *networks)))
        why = f"can't vouch for {', '.join(strangers)}, only for {known}"
        raise ConfigError([f"{path}: {why}; make another with `tls init`"])


def _is_within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(folder: Path, contents: dict[str, tuple[bytes, int]]) -> None:
    """Write all files or none; a key is never readable by others, not even for a moment."""
    with ExitStack() as on_failure:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, (content, mode) in contents.items():
                path = folder / f"{name}.new"
                on_failure.callback(path.unlink, missing_ok=True)
                path.touch(mode)
                path.write_bytes(content)
            for name in contents:
                (folder / f"{name}.new").replace(folder / name)
        except OSError as error:
            raise ConfigError([f"{folder}: {error.strerror}"]) from error
