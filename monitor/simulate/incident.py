"""What an incident tells: its messages, what must be raised for them, and what it keeps to itself meanwhile."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from monitor.config import Adapter
from monitor.core.events import Event
from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.inspection import InspectionSubmitted
from monitor.core.events.vocabulary import HolderClass
from monitor.core.events.work import ReadinessSigned
from monitor.core.venue.model import Checklist, ChecklistItem, Point
from monitor.simulate.badge import Badge, new_badge, shown
from monitor.simulate.forms import approval
from monitor.simulate.hours import Hours, later
from monitor.simulate.message import Draft, Meant, Raw
from monitor.simulate.reservations import Diary, NothingFree, Subject, Thing
from monitor.simulate.truth import SEVERITY, Expected
from monitor.simulate.venue import Ground

Chosen = TypeVar("Chosen")


@dataclass(slots=True)
class Story:
    """One incident being written. All its times are seconds after ``at``."""

    name: str
    at: datetime
    ground: Ground
    hours: Hours
    diary: Diary
    rng: Random
    adapters: tuple[Adapter, ...] = ()
    drafts: list[Draft] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def until(self, fraction: float) -> float:
        """Return how many seconds it is to an hour of the day; negative where that is past."""
        return (self.hours.at(fraction) - self.at).total_seconds()

    def when(self, after: float) -> datetime:
        """Return the moment."""
        return later(self.at, after)

    def say(
        self,
        after: float,
        make: Callable[..., Event],
        /,
        *,
        told: float | None = None,
        again: float | None = None,
        retain: bool = False,
        **fields: Any,  # noqa: ANN401 - the fields of whatever event is made
    ) -> None:
        """Send an event; ``told`` is what the sender's clock said, ``again`` when the same bytes come once more."""
        event = make(at=self.when(after if told is None else told), **fields)
        repeat = None if again is None else timedelta(seconds=again - after)
        self.drafts.append(Draft(self.when(after), event, retain, self.name, repeat))

    def hand_in(self, after: float, form: InspectionSubmitted) -> None:
        """Send a form that is made already, and ten seconds later the word of somebody else that it is right."""
        approved = self.when(after + 10)
        self.drafts.append(Draft(self.when(after), form, incident=self.name))
        self.drafts.append(Draft(approved, approval(form, approved), incident=self.name))

    def sign(self, after: float, zone: str) -> None:
        """Sign anew that a zone is ready: what has happened took the sign-off away."""
        self.say(after, ReadinessSigned, zone=zone, who="safety-officer")

    def send(self, after: float, topic: str, payload: bytes, meant: Meant) -> None:
        """Send bytes."""
        self.drafts.append(Draft(self.when(after), Raw(topic, payload, meant), incident=self.name))

    def expect(self, after: float, rule: str, *key: str) -> None:
        """Say what must be raised."""
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
        """Choose one that nobody else has from ``before`` to ``until``, and keep ordinary traffic off it.

        With ``once``, a rule's id, one for which this rule has not been called for yet: its alert stays open.

        Raises:
            NothingFree: the venue has none; the incident is left out.

        """
        fresh = [row for row in candidates if not once or (once, row.id) not in self.diary.called]
        self.rng.shuffle(fresh)
        chosen = self.diary.pick(thing, fresh, self.when(-before), self.when(until))
        self.diary.called.add((once, chosen.id))
        return chosen

    def choose(self, candidates: Sequence[Chosen]) -> Chosen:
        """Choose one, whoever else has it.

        Raises:
            NothingFree: there is none; the incident is left out.

        """
        if not candidates:
            raise NothingFree(self.name)
        return self.rng.choice(candidates)

    def fail(self, checklist: Checklist, lines: Iterable[ChecklistItem]) -> ChecklistItem:
        """Choose an item to fail that has not failed on this day: twice is an alert of its own.

        One that is measured is left, if possible, to the incidents that need one.

        Raises:
            NothingFree: all of them have; the incident is left out.

        """
        called, rule = self.diary.called, "item-failed-twice"
        fresh = [row for row in lines if (rule, f"{checklist.id}/{row.id}") not in called]
        chosen = self.choose([row for row in fresh if not row.unit] or fresh)
        called.add((rule, f"{checklist.id}/{chosen.id}"))
        return chosen

    def keep(self, thing: Thing, name: str, until: float, *, before: float = 30) -> None:
        """Keep ordinary traffic off something, whoever else has it."""
        self.diary.keep(thing, name, self.when(-before), self.when(until))

    def badge(self, holder_class: HolderClass = "staff") -> Badge:
        """Return the badge of somebody who has not been seen yet."""
        return new_badge(self.rng, holder_class)

    def welcome(self, point: Point, wished: HolderClass = "staff") -> Badge:
        """Return the badge of somebody new who may pass here: of the wished class, or of one that may."""
        admitted = self.ground.admits(point.zone)
        return self.badge(wished if wished in admitted else admitted[0])

    def let_in(self, after: float, point: Point, who: Badge) -> None:
        """Let somebody pass; where the point can tell, they did so at once."""
        self.say(after, AccessGranted, **shown(who, point))
        if point.passage_sensor:
            self.say(after, AccessTaken, **shown(who, point))
