"""Writes the broker's password files and access lists from venue.toml, accounts.toml and roles.toml.

A password that exists is kept; an account that is no longer listed is removed. Afterwards the broker has to read the
files again: ``docker compose kill -s HUP mosquitto``.
"""

import argparse
import hashlib
import re
import secrets
import sys
import tomllib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ITERATIONS = 101
"""As mosquitto_passwd: enough for random passwords, and a storm of reconnections hashes each of them again."""
LISTENERS = ("clients", "monitor")
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Account:
    """One client of the broker."""

    name: str
    role: str
    values: Mapping[str, tuple[str, ...]]
    """Values of the placeholders in roles.toml."""
    vendor_topics: tuple[str, ...] = ()


@dataclass(slots=True)
class Reach:
    """Subjects of a device and of the devices behind it."""

    site: dict[str, None] = field(default_factory=dict)
    device: dict[str, None] = field(default_factory=dict)
    point: dict[str, None] = field(default_factory=dict)
    counted: dict[str, None] = field(default_factory=dict)
    zone: dict[str, None] = field(default_factory=dict)

    def values(self) -> dict[str, tuple[str, ...]]:
        """Return the placeholders that it fills."""
        return {name: tuple(getattr(self, name)) for name in self.__slots__}


def reaches(venue: Mapping[str, Any]) -> dict[str, Reach]:
    """Return the reach of each device in venue.toml."""
    site_of = {zone["id"]: zone["site"] for zone in venue.get("zone", ())}
    gateways = {device["id"]: device.get("gateway", "") for device in venue.get("device", ())}
    found = {device: Reach() for device in gateways}
    for device in gateways:
        for above in _chain(device, gateways):
            found[above].device[device] = None
    for point in venue.get("point", ()):
        sides = [point["zone"], *filter(None, [point.get("outer_zone", "")])]
        for device in point.get("devices", ()):
            for above in _chain(device, gateways):
                found[above].point[point["id"]] = None
                found[above].site[site_of[point["zone"]]] = None
                found[above].zone.update(dict.fromkeys(sides))
    for zone in venue.get("zone", ()):
        counters = zone.get("counted_by", ())
        for device in [counters] if isinstance(counters, str) else counters:
            for above in _chain(device, gateways):
                found[above].counted[zone["id"]] = None
                found[above].site[zone["site"]] = None
    return found


def _chain(device: str, gateways: Mapping[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    while device in gateways and device not in seen:
        seen.add(device)
        yield device
        device = gateways[device]


def accounts(venue: Mapping[str, Any], listed: Mapping[str, Any]) -> dict[str, Account]:
    """Return every account by its name: those listed, and one for each device that reports by itself.

    Raises:
        ValueError: a file has a mistake.

    """
    devices = reaches(venue)
    gateways = {device["id"]: device.get("gateway", "") for device in venue.get("device", ())}
    behind = set(gateways.values())
    vendor = listed.get("vendor_topics", {})
    rows = {row["name"]: row for row in listed.get("account", ())}
    if len(rows) < len(listed.get("account", ())):
        raise ValueError("accounts.toml: two accounts have the same name")
    if strangers := vendor.keys() - gateways.keys():
        raise ValueError(f"accounts.toml: vendor_topics: not in venue.toml: {', '.join(strangers)}")
    for device, gateway in gateways.items():
        if not gateway or device in vendor:
            role = "controller" if device in behind else "reader"
            rows.setdefault(device, {"name": device, "role": role})
    return {name: _account(name, row, venue, devices, vendor) for name, row in rows.items()}


def _account(
    name: str,
    row: Mapping[str, Any],
    venue: Mapping[str, Any],
    devices: Mapping[str, Reach],
    vendor: Mapping[str, Any],
) -> Account:
    where = f'account "{name}"'
    if not NAME.fullmatch(name):
        raise ValueError(f"{where}: write lower-case letters, digits, dots and hyphens")
    if unknown := row.keys() - {"name", "role", "sites"}:
        raise ValueError(f"{where}: unknown key: {', '.join(sorted(unknown))}")
    values = devices[name].values() if name in devices else {}
    sites = tuple(row.get("sites", values.get("site", ())))
    if unknown := set(sites) - {site["id"] for site in venue.get("site", ())}:
        raise ValueError(f"{where}: venue.toml has no site {', '.join(sorted(unknown))}")
    values |= {"name": (name,), "congress": (venue["congress"]["id"],), "site": sites}
    return Account(name, row["role"], values, tuple(vendor.get(name, ())))


def access_list(account: Account, role: Mapping[str, Any]) -> list[str]:
    """Return an account's lines of the access list.

    Raises:
        ValueError: the role needs a site and the account has none.

    """
    lines = [f"user {account.name}"]
    for kind in ("read", "write"):
        for pattern in role.get(kind, ()):
            names = PLACEHOLDER.findall(pattern)
            if "site" in names and not account.values["site"]:
                raise ValueError(f'account "{account.name}": its site is unknown; give it sites')
            for filled in product(*(account.values.get(name, ()) for name in names)):
                topic = pattern.format(**dict(zip(names, filled, strict=True)))
                lines.append(f"topic {kind} {topic}")
    return lines + [f"topic write {topic}" for topic in account.vendor_topics]


def password_line(name: str, password: str) -> str:
    """Return a line of the password file as mosquitto_passwd writes it: PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"{name}:$7${ITERATIONS}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def password_of(path: Path) -> str:
    """Return the password in a file, which is made if it is missing."""
    if not path.exists():
        _write(path, secrets.token_hex(24))
    return path.read_text()


def write(folder: Path, venue: Path, listed: Path, roles: Path) -> int:
    """Write all files of the broker into the folder of secrets; return how many accounts there are.

    Raises:
        ValueError: a file has a mistake; nothing has been written.

    """
    read = {path: tomllib.loads(path.read_text()) for path in (venue, listed, roles)}
    found = accounts(read[venue], read[listed])
    passwords: dict[str, list[str]] = {listener: [] for listener in LISTENERS}
    acls: dict[str, list[str]] = {listener: [] for listener in LISTENERS}
    vendor = [topic for account in found.values() for topic in account.vendor_topics]
    for account in found.values():
        role = read[roles].get(account.role)
        if role is None:
            raise ValueError(f'account "{account.name}": roles.toml has no role "{account.role}"')
        listener = role.get("listener", "clients")
        acls[listener] += [*access_list(account, role), ""]
        if account.role == "monitor":
            acls[listener][-1:] = [*(f"topic read {topic}" for topic in vendor), ""]
    kept = folder / "accounts"
    for path in (kept, folder / "mosquitto"):
        path.mkdir(exist_ok=True, parents=True)
    for account in found.values():
        listener = read[roles][account.role].get("listener", "clients")
        password = password_of(kept / account.name)
        passwords[listener].append(password_line(account.name, password))
    for path in kept.iterdir():
        if path.name not in found:
            path.unlink()
    for listener in LISTENERS:
        _write(folder / "mosquitto" / f"{listener}.acl", "\n".join(acls[listener]))
        _write(
            folder / "mosquitto" / f"{listener}.passwords", "\n".join(passwords[listener]) + "\n"
        )
    return len(found)


def _write(path: Path, text: str) -> None:
    """Write a file at once: the broker may be reading it. The folder of secrets is closed to others, not the file."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.chmod(0o444)
    new.replace(path)


def main() -> int:
    """Write the files; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venue", type=Path, default=HERE / "monitor" / "venue.toml")
    parser.add_argument("--accounts", type=Path, default=HERE / "accounts.toml")
    parser.add_argument("--roles", type=Path, default=HERE / "roles.toml")
    parser.add_argument("--secrets", type=Path, default=HERE / "secrets")
    given = parser.parse_args()
    try:
        count = write(given.secrets, given.venue, given.accounts, given.roles)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} accounts in {given.secrets / 'accounts'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
