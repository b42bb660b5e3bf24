"""Opening a link changes nothing; its button acknowledges the alert once, by the right person."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.roster import Person
from monitor.texts import PageWriter
from monitor.web.acknowledge import take_routes
from monitor.web.links import LASTS, Links, Taker
from tests.support.paging import AT, alert, rule_set
from tests.support.pipeline import ManualClock

PEOPLE = {
    person.id: person
    for person in (Person(id="anna", name="Anna"), Person(id="ali", name="علي", languages=("ar",)))
}


class Control:
    """The web page for one open alert."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {"a1": alert()}
        self.closing = False
        """Whether the alert closes when someone presses the button."""
        self.clock = ManualClock(AT)
        self.links = Links("", b"k" * 32, self.clock.now)
        writer = PageWriter(rule_set, lambda: PEOPLE, lambda _, __: "")
        routes = take_routes(self.links, writer, self.alerts.get, self.take)
        self.app = Litestar(routes, logging_config=None)

    async def take(self, taker: Taker) -> bool:
        """Acknowledge an alert, as the core does; it refuses one that closes at this moment."""
        if self.closing:
            del self.alerts[taker.alert]
            return False
        taken = replace(
            self.alerts[taker.alert], handling=Handling.ACKNOWLEDGED, owner=taker.person
        )
        self.alerts[taker.alert] = taken
        return True

    def path(self, person: str = "anna", own: str = "a1") -> str:
        """Return the path of a link."""
        links = Links("https://m.example", b"k" * 32, self.clock.now)
        return links.acknowledge(own, person).removeprefix("https://m.example")


@pytest.fixture
def control() -> Control:
    """One open alert."""
    return Control()


@pytest.fixture
def browser(control: Control) -> Iterator[TestClient[Litestar]]:
    """A browser that follows the links."""
    with TestClient(control.app) as client:
        yield client


def test_opening_the_link_changes_nothing(control: Control, browser: TestClient[Litestar]) -> None:
    """A mail scanner follows the link too; the web page is not cached and loads nothing from elsewhere."""
    answer = browser.get(control.path())

    assert answer.status_code == 200
    assert "door a1 forced" in answer.text
    assert "<button>Acknowledge</button>" in answer.text
    assert control.alerts["a1"].handling is Handling.NEW
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_button_acknowledges_once(control: Control, browser: TestClient[Litestar]) -> None:
    """A second tap changes nothing, and another person is shown who has it."""
    assert "You have acknowledged it" in browser.post(control.path()).text
    assert control.alerts["a1"].owner == "anna"
    assert "You have already acknowledged it" in browser.post(control.path()).text
    other = browser.post(control.path("ali"))
    assert other.status_code == 409
    assert 'dir="rtl"' in other.text
    assert "Anna" in other.text
    assert control.alerts["a1"].owner == "anna"


def test_an_unverified_owner_is_shown_and_can_be_replaced(
    control: Control, browser: TestClient[Litestar]
) -> None:
    """The web page says that the name is in no roster; the button is still there."""
    control.alerts["a1"] = replace(
        alert(), handling=Handling.ACKNOWLEDGED, owner="eve", unverified=True, acknowledged_at=AT
    )
    shown = browser.get(control.path()).text

    assert "acknowledged by an unverified name" in shown
    assert "unverified: not in the roster" in shown
    assert "<button>Acknowledge</button>" in shown
    browser.post(control.path())
    assert control.alerts["a1"].owner == "anna"


def test_a_refused_acknowledgement_is_not_confirmed(
    control: Control, browser: TestClient[Litestar]
) -> None:
    """An alert that closes as the button is pressed is shown as closed, and not as the person's own."""
    control.closing = True
    answer = browser.post(control.path())

    assert answer.status_code == 410
    assert "This alert is closed" in answer.text


def test_a_person_who_has_left_acknowledges_nothing(
    control: Control, browser: TestClient[Litestar]
) -> None:
    """A link works only while its person is on the roster."""
    path = control.path("bert")

    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404
    assert control.alerts["a1"].handling is Handling.NEW


def test_an_invalid_expired_or_late_link_is_refused(
    control: Control, browser: TestClient[Litestar]
) -> None:
    """An invalid, expired or late link is refused with the status that fits, and nothing is acknowledged."""
    path = control.path()
    assert browser.post(path[:-2] + "xx").status_code == 404
    assert browser.post(path.replace("anna", "bert")).status_code == 404
    assert browser.post(control.path(own="gone")).status_code == 410
    control.clock.time += LASTS + timedelta(seconds=1)
    assert browser.post(path).status_code == 410
    assert control.alerts["a1"].handling is Handling.NEW
