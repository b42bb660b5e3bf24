"""What of `deploy/compose` can be checked without containers: files, secrets, configuration, the broker's rules."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import pytest
import yaml

from monitor.cli import main
from monitor.core.decode import OUTPUTS
from monitor.mqtt import BrokerAddress, Publisher
from tests.support.servers import HOST, Mosquitto, password_file

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"
PAGE = (ROOT / "docs" / "deploy-grafana.md").read_text()


def test_every_file_that_is_mounted_is_there() -> None:
    """Except the secrets, and what the containers keep."""
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    seen = 0
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith(".") and "secrets" not in source:
                assert (FOLDER / source).exists(), source
                seen += 1
    assert seen > 7


def test_every_variable_is_in_the_example_and_on_the_page() -> None:
    """Nothing starts with an empty password."""
    text = (FOLDER / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    example = set(re.findall(r"^([A-Z_]+)=", (FOLDER / ".env.example").read_text(), re.MULTILINE))
    assert asked == example
    assert all(f"`{name}`" in PAGE for name in asked)
    assert not re.findall(r"\$\{([A-Z_]+)\}", text)


def test_the_image_installs_what_is_locked() -> None:
    """By hash, and nothing else."""
    text = (FOLDER / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    for name in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        assert all((ROOT / each).exists() for each in name.split())


def test_the_monitors_configuration_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `venue-monitor check`, with the files that compose mounts and the secrets that the page tells to make."""
    (tmp_path / "secrets").mkdir()
    for secret in ("broker", "influx"):
        assert f"secrets/{secret}" in PAGE
        (tmp_path / "secrets" / secret).write_text("x")
    shutil.copy(FOLDER / "config.toml", tmp_path)
    shutil.copy(ROOT / "venue.toml", tmp_path)
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    code = main(["--config", str(tmp_path / "config.toml"), "check"])
    assert code == 0, capsys.readouterr().err


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real broker with the configuration that compose gives it: other port and folders, the same rules."""
    lines = [
        line
        for line in (FOLDER / "mosquitto/mosquitto.conf").read_text().splitlines()
        if line.strip() and not line.startswith(("#", "listener", "max_"))
    ]
    users = ("venue-monitor", "hall", "officers", "screen")
    passwords = "".join(password_file(tmp_path, name, f"pw-{name}").read_text() for name in users)
    (tmp_path / "passwords").write_text(passwords)
    shutil.copy(FOLDER / "mosquitto/acl", tmp_path / "acl")
    (tmp_path / "acl").chmod(0o600)
    moved = [re.sub(r"/mosquitto/(config|data)/", f"{tmp_path}/", line) for line in lines]
    with Mosquitto(tmp_path, *moved) as server:
        yield server


def address(broker: Mosquitto, user: str) -> BrokerAddress:
    """The broker, as this user sees it."""
    return BrokerAddress(HOST, broker.port, username=user, password=f"pw-{user}")


async def heard(broker: Mosquitto, user: str, ready: asyncio.Event) -> set[str]:
    """Who said something on which topic, as far as this user may hear it; up to the word «end»."""
    found: set[str] = set()
    async with aiomqtt.Client(
        HOST, broker.port, username=user, password=f"pw-{user}", identifier=f"ear-{user}"
    ) as client:
        await client.subscribe("venue/#", qos=1)
        ready.set()
        async for message in client.messages:
            told = bytes(message.payload).decode()
            if told == "end":
                return found
            found.add(f"{told} {message.topic}")
    raise AssertionError("the connection broke")


async def test_each_says_only_what_is_theirs(broker: Mosquitto) -> None:
    """A device of the hall speaks for the hall, not for staff, others or the monitor; a screen hears no duress."""
    said = {
        "hall": ["hall/door/d", "hall/staff/x", "press/door/d", "hall/alert/a", "hall/standing/z"],
        "officers": ["hall/staff/x", "hall/door/d", "hall/alert/a"],
        "venue-monitor": ["hall/alert/a", "hall/silent-alert/a", "hall/staff/x"],
        "screen": ["hall/staff/x", "hall/alert/a"],
    }
    readies = {user: asyncio.Event() for user in ("venue-monitor", "screen")}
    async with asyncio.TaskGroup() as group:
        ears = {
            user: group.create_task(heard(broker, user, ready)) for user, ready in readies.items()
        }
        await asyncio.gather(*(ready.wait() for ready in readies.values()))
        for user, topics in said.items():
            async with Publisher(address(broker, user), f"mouth-{user}") as publisher:
                for topic in topics:
                    await publisher.publish(f"venue/{topic}", user.encode())
        async with Publisher(address(broker, "venue-monitor"), "mouth-end") as publisher:
            await publisher.publish("venue/hall/standing/z", b"end")

    assert ears["venue-monitor"].result() == {
        "hall venue/hall/door/d",
        "officers venue/hall/staff/x",
        "venue-monitor venue/hall/alert/a",
        "venue-monitor venue/hall/silent-alert/a",
    }
    assert ears["screen"].result() == {"venue-monitor venue/hall/alert/a"}


def test_every_topic_of_the_language_is_somebodys() -> None:
    """A kind of topic that nobody may write would be silence."""
    acl = (FOLDER / "mosquitto/acl").read_text()
    writable = set(re.findall(r"write venue/(?:\+|%u)/([a-z-]+)", acl))
    page = (ROOT / "docs/topics.md").read_text()
    kinds = set(re.findall(r"^## venue/&lt;site&gt;/([a-z-]+)/", page, re.MULTILINE))
    assert len(kinds) > 10
    assert kinds | OUTPUTS <= writable
