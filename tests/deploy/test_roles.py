"""Each role of deploy/compose at a real broker (Debian's mosquitto 2.0.11, with the shipped configuration).

It can publish what it must, and nothing else.
"""

import asyncio
from collections.abc import Iterator

import pytest

from monitor.core.decode import KINDS, OUTPUTS
from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Publisher
from tests.support.compose import ComposeBroker, Deployment, received_by
from tests.support.servers import HOST, PATIENCE
from tests.support.subscriber import Subscriber

SUBJECTS = (
    "hotel-a-reader",
    "hotel-a-lobby-door",
    "hotel-a-lobby",
    "hotel-b-lobby-door",
    "hall-controller",
    "hall-reader-vip",
    "hall-vip-door",
    "hall-vip",
    "hall-foyer",
    "hall-foyer-camera",
    "dining-kitchen",
    "anna",
    "chief",
    "night-desk",
    "radio-bridge",
    "anything",
)
SITES = ("hall", "hotel-a", "congress")
CANDIDATES = [
    f"venue/{site}/{kind}/{subject}"
    for site in SITES
    for kind in (*KINDS, *sorted(OUTPUTS))
    for subject in SUBJECTS
] + ["venue/hall/monitor", "hall-controller/onvif-ej/event", "zigbee2mqtt/bridge"]
"""Topics that each account tries to publish."""


def below(site: str, **kinds: str) -> set[str]:
    """Topics below a site: for each kind, a list of subjects with blanks between them, or * for all."""
    return {
        f"venue/{site}/{kind.replace('_', '-')}/{subject}"
        for kind, names in kinds.items()
        for subject in (SUBJECTS if names == "*" else names.split())
    }


GRANTED: dict[str, set[str]] = {
    "hotel-a-reader": below(
        "hotel-a",
        device="hotel-a-reader",
        access="hotel-a-lobby-door",
        door="hotel-a-lobby-door",
    ),
    "hall-foyer-camera": below("hall", device="hall-foyer-camera", zone="hall-foyer"),
    "hall-controller": below(
        "hall",
        device="hall-controller hall-reader-vip",
        access="hall-vip-door",
        door="hall-vip-door",
        zone="hall-vip hall-foyer",
        emergency="hall-vip hall-foyer",
        credential="*",
    ),
    "hall-fire-panel": below("hall", emergency="*"),
    "hall-tablet-1": below("hall", inspection="*"),
    "hall-maintenance": below("hall", action="*", reading="*", certificate="*", asset="*"),
    "hall-guard-1": below("hall", post="*", round="*", report="*", request="*"),
    "anna": {
        topic
        for site in SITES
        for topic in below(site, order="*", post="*", report="*", request="*")
    },
    "foyer-screen": set(),
    "night-desk": below("congress", watcher="night-desk"),
    "radio-bridge": {topic for site in SITES for topic in below(site, staff="radio-bridge")},
    "venue-cli": below("congress", notify="*"),
    "venue-monitor": {
        topic
        for site in SITES
        for topic in below(
            site,
            alert="*",
            silent_alert="*",
            standing="*",
            readiness_state="*",
            monitor="*",
            answer="*",
        )
    }
    | {"venue/hall/monitor"},
}
"""Those of them that the broker forwards."""
INNER = {"venue-monitor", "venue-cli"}
END = "venue/hall/monitor/end"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The prepared folder of the deployment."""
    return Deployment(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def broker(deployment: Deployment) -> Iterator[ComposeBroker]:
    """The running broker."""
    with ComposeBroker(deployment) as server:
        yield server


@pytest.mark.usefixtures("broker")
async def test_each_role_publishes_what_it_must_and_nothing_else(deployment: Deployment) -> None:
    """Every account publishes every kind of topic at three sites; the monitor receives what was granted."""
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        ear = deployment.client("venue-monitor", "ear", inner=True)
        hearing = group.create_task(received_by(ear, END, ready))
        await ready.wait()
        for account in GRANTED:
            inner = account in INNER
            async with Publisher(deployment.address(account, inner=inner), account) as publisher:
                await publisher.publish_many((topic, account.encode()) for topic in CANDIDATES)
        await _end(deployment)

    came: dict[str, set[str]] = {account: set() for account in GRANTED}
    for topic, account in hearing.result():
        came[account].add(topic)
    assert came == GRANTED


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(
    ("account", "kinds"),
    [
        ("hotel-a-reader", set()),
        ("hall-tablet-1", set()),
        ("venue-cli", set()),
        ("foyer-screen", {"alert", "standing", "readiness-state"}),
        ("night-desk", {"monitor"}),
        ("anna", {"alert", "silent-alert", "standing", "readiness-state", "monitor"}),
        ("venue-monitor", set(OUTPUTS)),
    ],
)
async def test_each_role_reads_what_it_must_and_nothing_else(
    deployment: Deployment, account: str, kinds: set[str]
) -> None:
    """Silent alerts reach officers and no public screen; devices and forms read nothing."""
    inner = account in INNER
    client = deployment.client(account, "reader", inner=inner)
    async with client:
        await client.subscribe("#")
        async with Publisher(deployment.address("venue-monitor", inner=True), "mouth") as publisher:
            for kind in sorted(OUTPUTS):
                await publisher.publish(f"venue/hall/{kind}/x", account.encode())
        async with asyncio.timeout(PATIENCE):
            # The broker has sent all that it grants before it answers this.
            await client.subscribe("other/#")
        came = set()
        while client.received.qsize():
            topic, _ = await client.take()
            came.add(topic.split("/")[2])
    assert came == kinds


@pytest.mark.usefixtures("broker")
async def test_no_account_takes_over_the_session_of_the_monitor(deployment: Deployment) -> None:
    """A tablet that connects with the monitor's client id disconnects no one."""
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        ear = deployment.client("venue-monitor", "venue-monitor", inner=True)
        hearing = group.create_task(received_by(ear, END, ready))
        await ready.wait()
        async with Publisher(deployment.address("hall-tablet-1"), "venue-monitor") as tablet:
            await tablet.publish("venue/hall/inspection/x", b"mine")
        await _end(deployment)
    assert hearing.result() == {("venue/hall/inspection/x", "mine")}


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(
    ("account", "inner"), [("hall-tablet-1", True), ("anna", True), ("venue-monitor", False)]
)
async def test_each_listener_has_accounts_of_its_own(
    deployment: Deployment, account: str, inner: bool
) -> None:
    """Port 8883 refuses the monitor's account, and port 8884 every other one."""
    with pytest.raises(BrokerUnavailable, match="access denied"):
        async with deployment.client(account, inner=inner):
            pass


async def test_the_health_check_reads_one_topic(broker: ComposeBroker) -> None:
    """The health check reads one topic and nothing else, without a password and from inside the container only."""
    healthcheck = broker.deployment.compose["services"]["mosquitto"]["healthcheck"]["test"]
    assert healthcheck[1:5] == ["mosquitto_sub", "-p", "1880", "-t"]
    async with Subscriber(BrokerAddress(HOST, broker.health_port), "healthcheck") as client:
        await client.subscribe("#")
        await client.subscribe(healthcheck[5].replace("$$", "$"))
        await client.connection.publish([("venue/hall/alert/x", b"false")])
        async with asyncio.timeout(PATIENCE):
            topic, _ = await client.take()
        assert topic == "$SYS/broker/uptime"


def test_every_kind_of_topic_is_granted_to_a_role() -> None:
    """The broker would silently drop a kind of topic that no role may write."""
    granted = {topic.split("/")[2] for topics in GRANTED.values() for topic in topics}
    assert granted == OUTPUTS | KINDS.keys()


async def _end(deployment: Deployment) -> None:
    async with Publisher(deployment.address("venue-monitor", inner=True), "end") as publisher:
        await publisher.publish(END, b"")
