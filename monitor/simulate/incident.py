"""One incident: its messages, the alerts that must be raised for them, and what it reserves while it lasts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from monitor.config import AdapterTable
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.inspection import InspectionSubmitted
from monitor.core.events.vocabulary import HolderClass
from monitor.core.events.work import ReadinessSigned
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.model import Point
from monitor.simulate.badge import Badge, new_badge, shown
from monitor.simulate.forms import approval
from monitor.simulate.hours import Hours, later
from monitor.simulate.message import Draft, Outcome, Raw
from monitor.simulate.reservations import NothingFree, Reservations, Subject, Thing
from monitor.simulate.truth import SEVERITY, Expected
from monitor.simulate.venue import SAFETY_OFFICER, SimulatedVenue

Chosen = TypeVar("Chosen")


@dataclass(slots=True)
class Incident:
    """An incident being planted. Its times are seconds after ``at``."""

    name: str
    at: datetime
    venue: SimulatedVenue
    hours: Hours
    reservations: Reservations
    rng: Random
    adapters: tuple[AdapterTable, ...] = ()
    drafts: list[Draft] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def until(self, fraction: float) -> float:
        """Return the seconds until an hour of the day; negative if it has passed."""
        return (self.hours.at(fraction) - self.at).total_seconds()

    def when(self, after: float) -> datetime:
        """Return the time this many seconds after the incident begins."""
        return later(self.at, after)

    def send(
        self,
        after: float,
        make: Callable[..., ReceivedEvent],
        /,
        *,
        device_time: float | None = None,
        repeated: float | None = None,
        retain: bool = False,
        **fields: Any,  # noqa: ANN401 - the fields of any event
    ) -> None:
        """Send an event.

        Args:
            after: when it is sent.
            make: the type of event.
            device_time: the time that the sender's clock shows; by default, ``after``.
            repeated: when the same bytes are sent again; by default, never.
            retain: whether the broker retains it.
            fields: the other fields of the event.

        """
        event = make(at=self.when(after if device_time is None else device_time), **fields)
        repeat = None if repeated is None else timedelta(seconds=repeated - after)
        self.drafts.append(Draft(self.when(after), event, retain, self.name, repeat))

    def submit(self, after: float, form: InspectionSubmitted) -> None:
        """Send a completed form, and ten seconds later its approval by another person."""
        approved = self.when(after + 10)
        self.drafts.append(Draft(self.when(after), form, incident=self.name))
        self.drafts.append(Draft(approved, approval(form, approved), incident=self.name))

    def sign(self, after: float, zone: str) -> None:
        """Sign a zone off again after it has lost its sign-off."""
        self.send(after, ReadinessSigned, zone=zone, who=SAFETY_OFFICER)

    def send_raw(self, after: float, topic: str, payload: bytes, outcome: Outcome) -> None:
        """Send bytes that are not an event of ours."""
        raw = Raw(topic, payload, outcome)
        self.drafts.append(Draft(self.when(after), raw, incident=self.name))

    def expect(self, after: float, rule: str, *key: str) -> None:
        """Add an alert that must be raised."""
        self.expected.append(
            Expected(
                rule=rule,
                key=" / ".join(key),
                at=self.when(after),
                severity=SEVERITY[rule],
                incident=self.name,
            )
        )

    def pick(
        self,
        thing: Thing,
        candidates: Iterable[Subject],
        until: float,
        *,
        before: float = 30,
        once: str = "",
    ) -> Subject:
        """Choose a candidate that is free from ``before`` to ``until``, and reserve it.

        With ``once``, the id of a rule, only a candidate for which no incident expects this rule yet, because its
        alert stays open.

        Raises:
            NothingFree: no candidate is free; the incident is skipped.

        """
        expected = self.reservations.expected
        fresh = [row for row in candidates if not once or (once, row.id) not in expected]
        self.rng.shuffle(fresh)
        chosen = self.reservations.pick(thing, fresh, self.when(-before), self.when(until))
        expected.add((once, chosen.id))
        return chosen

    def choose(self, candidates: Sequence[Chosen]) -> Chosen:
        """Choose a candidate, reserved or not.

        Raises:
            NothingFree: there is no candidate; the incident is skipped.

        """
        if not candidates:
            raise NothingFree(self.name)
        return self.rng.choice(candidates)

    def fail(self, checklist: Checklist, lines: Iterable[ChecklistItem]) -> ChecklistItem:
        """Choose an item to fail that has not failed on this day, because failing twice is an alert of its own.

        If possible, leave measured items to the incidents that need them.

        Raises:
            NothingFree: every item has failed already; the incident is skipped.

        """
        expected, rule = self.reservations.expected, "item-failed-twice"
        fresh = [row for row in lines if (rule, f"{checklist.id}/{row.id}") not in expected]
        chosen = self.choose([row for row in fresh if not row.unit] or fresh)
        expected.add((rule, f"{checklist.id}/{chosen.id}"))
        return chosen

    def reserve(self, thing: Thing, name: str, until: float, *, before: float = 30) -> None:
        """Keep ordinary traffic away from something, reserved or not."""
        self.reservations.reserve(thing, name, self.when(-before), self.when(until))

    def badge(self, holder_class: HolderClass = "staff") -> Badge:
        """Return the badge of a new person."""
        return new_badge(self.rng, holder_class)

    def admissible_badge(self, point: Point, preferred: HolderClass = "staff") -> Badge:
        """Return the badge of a new person who may pass here, of the preferred class if it is admitted."""
        admitted = self.venue.admits(point.zone)
        return self.badge(preferred if preferred in admitted else admitted[0])

    def admit(self, after: float, point: Point, badge: Badge) -> None:
        """Grant access to a person, who passes at once if the point has a passage sensor."""
        self.send(after, AccessGranted, **shown(badge, point))
        if point.passage_sensor:
            self.send(after, AccessTaken, **shown(badge, point))
