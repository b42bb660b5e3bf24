"""A hall and its emergency exit: what their gateway sends, and when people were locked in, or admitted too early."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from monitor.core.alert import Change
from tests.simulation import naive
from tests.simulation.oracle import Oracle
from tests.simulation.packet import Packet
from tests.simulation.traffic import Sending, sending
from tests.simulation.world import World

EXIT, HALL = "e1", "hall"
_DOOR, _ZONE = f"venue/centre/door/{EXIT}", f"venue/centre/zone/{HALL}"


def traffic(rng: Random, seconds: float) -> Iterator[Sending]:
    """Yield what the gateway sends: at once, or all together when it is back.

    Args:
        rng: draws it.
        seconds: how long the day is.

    """
    number, sent, t = 0, 0.0, rng.uniform(10, 600)
    is_locked = is_open = False
    while t < seconds - 1500:
        back_at = t + rng.choice((0.0, 0.0, 0.0, 60.0, 900.0))
        for _ in range(rng.randrange(2, 6)):
            number, sent = number + 1, max(sent + 0.01, t, back_at)
            match rng.randrange(5):
                case 0 | 1:
                    is_locked = not is_locked
                    kind = "door.locked" if is_locked else "door.unlocked"
                    yield sending(sent, kind, _DOOR, number, t, point=EXIT)
                case 2:
                    is_open = not is_open
                    kind = "zone.opened" if is_open else "zone.closed"
                    yield sending(sent, kind, _ZONE, number, t, zone=HALL)
                case _:
                    count = rng.choice((0, 0, 3, 40))
                    yield sending(sent, "zone.count", _ZONE, number, t, zone=HALL, count=count)
            t += rng.uniform(1, 200)
        t = max(sent, t) + rng.uniform(20, 900)


@dataclass(slots=True)
class Hall:
    """What the gateway has told."""

    is_locked: bool = False
    is_open: bool = False
    count: int | None = None

    def learn(self, row: dict[str, Any]) -> None:
        """Learn what was sent."""
        match row["type"]:
            case "door.locked" | "door.unlocked":
                self.is_locked = row["type"] == "door.locked"
            case "zone.opened" | "zone.closed":
                self.is_open = row["type"] == "zone.opened"
            case _:
                self.count = row["count"]

    @property
    def is_blocked(self) -> bool:
        """Whether the exit is locked, and there are people, or may be."""
        return self.is_locked and (self.is_open if self.count is None else self.count > 0)


def judge(world: World, oracle: Oracle, packets: Sequence[Packet]) -> Iterator[str]:
    """Each time people were locked in, or the hall was open too early, has its alert, even if it was known too late.

    Nothing is judged if the gateway's messages changed places: those that came late don't change what is known since.
    """
    own = [row for row in packets if row.payload in world.noted.sent]
    rows = naive.contents(own, _DOOR, _ZONE)
    if not world.is_clock_true or any(before["at"] >= row["at"] for before, row in pairwise(rows)):
        return
    passed_at = _passes_at(naive.contents(own, naive.INSPECTED))
    hall, blocked, opened = Hall(), list[str](), list[str]()
    for row in rows:
        was_blocked, was_open = hall.is_blocked, hall.is_open
        hall.learn(row)
        if hall.is_blocked and not was_blocked:
            blocked.append(row["at"])
        if hall.is_open and not was_open and row["at"] < passed_at:
            opened.append(row["at"])
    yield from _raised(oracle, "exit-locked-occupied", EXIT, blocked)
    yield from _raised(oracle, "zone-open-not-passed", HALL, opened)


def _passes_at(answers: Sequence[dict[str, Any]]) -> str:
    """Return from when the checklist may have passed, by the answers in either order."""
    found = "9999"
    for ordered in (answers, sorted(answers, key=lambda row: str(row["at"]))):
        for n in range(1, len(ordered) + 1):
            if naive.can_be_ready(naive.findings(ordered[:n])):
                found = min(found, *(str(row["at"]) for row in ordered[:n]))
                break
    return found


def _raised(oracle: Oracle, rule: str, key: str, times: Sequence[str]) -> Iterator[str]:
    told = [
        row.at
        for row in oracle.changes()
        if (row.alert.rule, row.alert.key) == (rule, key)
        and row.change in {Change.RAISED, Change.RETURNED}
    ]
    if len(told) < len(times):
        due, at = ", ".join(row[11:19] for row in times), ", ".join(f"{t:%H:%M:%S}" for t in told)
        yield f"{rule} of {key} should have been raised for {due}, and was at {at or 'no time'}"
