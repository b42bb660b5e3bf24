"""accounts.py: the accounts and access lists that it generates, and the files that it refuses."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compose import SOURCE
from tests.support.servers import PATIENCE

VENUE = """
congress = { id = "congress" }
site = [{ id = "hall" }, { id = "press" }]
zone = [{ id = "foyer", site = "hall", counted_by = "camera" }, { id = "studio", site = "press" }]
point = [{ id = "gate", zone = "foyer", devices = ["reader"] }]
device = [
    { id = "box" },
    { id = "reader", gateway = "box" },
    { id = "camera" },
    { id = "radio" },
]
"""
RADIO = '[[account]]\nname = "radio"\nrole = "reader"\nsites = ["press"]\n'
"""A device whose site does not follow from venue.toml."""


class Files:
    """Input files and output folder of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets = folder / "secrets"
        (folder / "venue.toml").write_text(VENUE)

    def write(self, accounts: str) -> subprocess.CompletedProcess[str]:
        """Run it with this accounts.toml."""
        (self.folder / "accounts.toml").write_text(accounts)
        names = [f"--{name}={self.folder / name}.toml" for name in ("venue", "accounts")]
        return subprocess.run(
            [sys.executable, SOURCE / "accounts.py", *names, f"--secrets={self.secrets}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def granted(self, account: str, listener: str = "clients") -> list[str]:
        """Return the topics that the access list grants to an account."""
        text = (self.secrets / "mosquitto" / f"{listener}.acl").read_text()
        for block in text.split("\n\n"):
            user, *topics = block.strip().splitlines()
            if user == f"user {account}":
                return [topic.removeprefix("topic ") for topic in topics]
        return []


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A small venue."""
    return Files(tmp_path)


def test_devices_of_the_venue_have_accounts(files: Files) -> None:
    """Each device writes about itself; a device that reports through a gateway has no account."""
    assert files.write(RADIO).returncode == 0
    assert files.granted("camera") == [
        "write venue/hall/device/camera",
        "write venue/hall/zone/foyer",
    ]
    assert files.granted("box") == [
        "write venue/hall/device/box",
        "write venue/hall/device/reader",
        "write venue/hall/access/gate",
        "write venue/hall/door/gate",
        "write venue/hall/zone/foyer",
        "write venue/hall/emergency/foyer",
        "write venue/hall/credential/+",
    ]
    assert files.granted("radio") == ["write venue/press/device/radio"]
    assert files.granted("reader") == []


def test_a_device_with_a_vendors_format_writes_the_topics_of_its_adapter(files: Files) -> None:
    """A device writes the topics of its adapter, and the monitor may read them."""
    monitor = '[[account]]\nname = "venue-monitor"\nrole = "monitor"\n'
    assert files.write(f'{RADIO}{monitor}[vendor_topics]\nbox = ["box/onvif-ej/#"]').returncode == 0
    assert files.granted("box")[-1] == "write box/onvif-ej/#"
    assert files.granted("venue-monitor", "monitor")[-1] == "read box/onvif-ej/#"


def test_passwords_are_kept_and_those_of_removed_accounts_deleted(files: Files) -> None:
    """Passwords of removed accounts are deleted from the broker's password file and from the folder of passwords."""
    tablet = '[[account]]\nname = "tablet"\nrole = "tablet"\nsites = ["hall"]\n'
    assert files.write(RADIO + tablet).returncode == 0
    kept = files.secrets / "accounts"
    first = (kept / "tablet").read_text()
    assert len(first) == 48
    assert files.write(RADIO + tablet).returncode == 0
    assert (kept / "tablet").read_text() == first

    assert files.write(RADIO).returncode == 0
    assert not (kept / "tablet").exists()
    written = (files.secrets / "mosquitto/clients.passwords").read_text()
    assert [line.partition(":")[0] for line in written.splitlines()] == ["radio", "box", "camera"]
    assert first not in written


@pytest.mark.parametrize(
    ("accounts", "reason"),
    [
        ("", 'account "radio": its site is unknown; give it sites'),
        (f'{RADIO}[[account]]\nname = "x"\nrole = "tablett"', 'roles.toml has no role "tablett"'),
        (f'{RADIO}[[account]]\nname = "x"\nrole = "tablet"', 'account "x": its site is unknown'),
        (
            f'{RADIO}[[account]]\nname = "x"\nrole = "tablet"\nsites = ["hal"]',
            "venue.toml has no site hal",
        ),
        (f'{RADIO}[[account]]\nname = "x"\nrole = "tablet"\nsite = "hall"', "unknown key: site"),
        (f'{RADIO}[[account]]\nname = "a b"\nrole = "officer"', "write lower-case letters"),
        (f'{RADIO}[[account]]\nname = "a#"\nrole = "officer"', "write lower-case letters"),
        (RADIO + RADIO, "two accounts have the same name"),
        (f'{RADIO}[vendor_topics]\nbx = ["x/#"]', "not in venue.toml: bx"),
        ("[[account", "Expected"),
    ],
)
def test_what_cannot_be_granted_is_refused(files: Files, accounts: str, reason: str) -> None:
    """The reason is printed, and nothing is written."""
    done = files.write(accounts)
    assert done.returncode == 2
    assert reason in done.stderr
    assert not files.secrets.exists()
