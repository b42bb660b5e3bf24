"""A broker that requires a certificate, and the files that satisfy it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from monitor.mqtt import Tls
from tests.support.servers import Mosquitto


@contextmanager
def tls_broker(folder: Path) -> Iterator[tuple[Mosquitto, Tls]]:
    """A broker that requires a certificate of its own authority, and files that satisfy it."""
    authority = trustme.CA()
    names = {"ca": authority.cert_pem}
    for name, certificate in (
        ("server", authority.issue_cert("localhost")),
        ("client", authority.issue_cert("monitor@venue.example")),
    ):
        names[name] = certificate.cert_chain_pems[0]
        names[f"{name}-key"] = certificate.private_key_pem
    files = {name: folder / f"{name}.pem" for name in names}
    for name, blob in names.items():
        blob.write_to_path(str(files[name]))
    lines = (
        "allow_anonymous true",
        f"cafile {files['ca']}",
        f"certfile {files['server']}",
        f"keyfile {files['server-key']}",
        "require_certificate true",
    )
    with Mosquitto(folder, *lines) as broker:
        yield broker, Tls(files["ca"], files["client"], files["client-key"])
