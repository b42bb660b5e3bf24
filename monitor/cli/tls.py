"""The commands about the console's certificates in a sealed venue: tls init, tls renew."""

import argparse
import re
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from monitor.cli.commands import Commands
from monitor.config import load
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
from monitor.toml import quoted
from monitor.venue import load as load_venue

FOLDER = Path("secrets")
"""Beside config.toml, where the other secrets are."""
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_LONGEST = 253
"""Characters of a host name, and of each of its labels (RFC 1035, 2.3.4)."""


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("tls")
    acts = parser.add_subparsers(dest="act", required=True)
    init = acts.add_parser(
        "init", help="make an authority that can vouch for this venue only, and a certificate of it"
    )
    init.add_argument(
        "names",
        nargs="+",
        type=_name,
        metavar="NAME",
        help="a host name or IP address at which people reach the monitor",
    )
    renew = acts.add_parser("renew", help="issue the certificate again, with a new key")
    for act, run in ((init, _init), (renew, _renew)):
        act.add_argument(
            "--folder",
            type=Path,
            help=f"where the files are; by default {FOLDER}, beside config.toml",
        )
        act.set_defaults(run=run)


def _name(text: str) -> str:
    """Return a host name or an address as it is written in certificates.

    Raises:
        ArgumentTypeError: it is neither.

    """
    try:
        return str(ip_address(text))
    except ValueError:
        labels = text.lower().split(".")
    if len(text) > _LONGEST or not all(map(_LABEL.fullmatch, labels)):
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is neither a host name nor an IP address; write e.g. monitor.congress.example or 10.0.0.5"
        )
    return ".".join(labels)


def _init(given: argparse.Namespace) -> None:
    folder, now = _folder(given), datetime.now(UTC)
    subject = Subject.read(given.names)
    files = load(given.config).files
    congress = load_venue(files.venue, files.checklists).congress.name
    make_authority(folder, subject, congress, now)
    issue(folder, subject, now)
    authority = read_certificate(folder / AUTHORITY)
    print(f"{folder}: made an authority and a certificate for {', '.join(given.names)}.\n")
    print(f"1. Move {folder / AUTHORITY_KEY} off this machine: only `tls renew` needs it.")
    print("2. Write into config.toml:\n")
    print("       [http.tls]")
    for key, name in (("cert_file", CERTIFICATE), ("key_file", KEY), ("ca_file", AUTHORITY)):
        print(f'       {key} = "{_relative(folder / name, given.config.parent)}"')
    print(
        "\n3. Restart the monitor. Phones learn how to trust it at /ca; compare the fingerprint there:"
    )
    print(f"       {fingerprint(authority)}")
    print(
        f"\nThe certificate ends on {_ends(folder)}, the authority on {authority.not_valid_after_utc:%Y-%m-%d}."
    )


def _renew(given: argparse.Namespace) -> None:
    folder = _folder(given)
    issue(folder, subject_of(folder / CERTIFICATE), datetime.now(UTC))
    print(f"{folder / CERTIFICATE}: ends on {_ends(folder)}. Restart the monitor.")


def _folder(given: argparse.Namespace) -> Path:
    if not given.config.exists():
        raise ConfigError([f"{given.config}: not found; `venue-monitor init DIR` writes one"])
    folder: Path = given.folder or given.config.parent / FOLDER
    return folder


def _relative(path: Path, folder: Path) -> str:
    try:
        return str(path.relative_to(folder))
    except ValueError:
        return str(path.absolute())


def _ends(folder: Path) -> str:
    return f"{read_certificate(folder / CERTIFICATE).not_valid_after_utc:%Y-%m-%d}"
