"""The page behind a link: opening it changes nothing, its button takes the alert, once, in the right name."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.events.commands import StaffAcknowledge
from monitor.core.roster import Person
from monitor.texts import Author
from monitor.web.acknowledge import take_routes
from monitor.web.links import LASTS, Links, Taker
from tests.support.paging import AT, alert, book
from tests.support.pipeline import HandClock

PEOPLE = {
    person.id: person
    for person in (Person(id="anna", name="Anna"), Person(id="ali", name="علي", languages=("ar",)))
}


class Desk:
    """The page over one open alert."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {"a1": alert()}
        self.clock = HandClock(AT)
        self.links = Links("", b"k" * 32, self.clock.now)
        author = Author(book, lambda: PEOPLE, lambda _, __: "")
        routes = take_routes(self.links, author, self.standing, self.take)
        self.app = Litestar(routes, logging_config=None)

    def standing(self, own: str) -> Alert | None:
        """How it stands."""
        return self.alerts.get(own)

    def take(self, taker: Taker) -> StaffAcknowledge:
        """What the core makes of it."""
        taken = replace(
            self.alerts[taker.alert], handling=Handling.ACKNOWLEDGED, owner=taker.person
        )
        self.alerts[taker.alert] = taken
        return StaffAcknowledge(at=AT, who=taker.person, alert=taker.alert)

    def path(self, person: str = "anna", own: str = "a1") -> str:
        """The path of a link."""
        links = Links("https://m.example", b"k" * 32, self.clock.now)
        return links.acknowledge(own, person).removeprefix("https://m.example")


@pytest.fixture
def desk() -> Desk:
    """One open alert."""
    return Desk()


@pytest.fixture
def browser(desk: Desk) -> Iterator[TestClient[Litestar]]:
    """Who follows the links."""
    with TestClient(desk.app) as client:
        yield client


def test_opening_the_link_changes_nothing(desk: Desk, browser: TestClient[Litestar]) -> None:
    """A mail scanner follows it, too; nothing of the page is kept or leads elsewhere."""
    answer = browser.get(desk.path())

    assert answer.status_code == 200
    assert "door a1 forced" in answer.text
    assert "<button>I take it</button>" in answer.text
    assert desk.alerts["a1"].handling is Handling.NEW
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_button_takes_it_once(desk: Desk, browser: TestClient[Litestar]) -> None:
    """A second tap says so; somebody else learns who has it."""
    assert "It is yours" in browser.post(desk.path()).text
    assert desk.alerts["a1"].owner == "anna"
    assert "Already yours" in browser.post(desk.path()).text
    other = browser.post(desk.path("ali"))
    assert other.status_code == 409
    assert 'dir="rtl"' in other.text
    assert "Anna" in other.text
    assert desk.alerts["a1"].owner == "anna"


def test_who_has_left_takes_nothing(desk: Desk, browser: TestClient[Litestar]) -> None:
    """A link works as long as its person is on the roster."""
    path = desk.path("bert")

    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404
    assert desk.alerts["a1"].handling is Handling.NEW


def test_a_link_that_is_wrong_old_or_for_what_is_over(
    desk: Desk, browser: TestClient[Litestar]
) -> None:
    """Each says what it is, and takes nothing."""
    path = desk.path()
    assert browser.post(path[:-2] + "xx").status_code == 404
    assert browser.post(path.replace("anna", "bert")).status_code == 404
    assert browser.post(desk.path(own="gone")).status_code == 410
    desk.clock.time += LASTS + timedelta(seconds=1)
    assert browser.post(path).status_code == 410
    assert desk.alerts["a1"].handling is Handling.NEW
