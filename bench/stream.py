"""Generates the stream: a large venue, and the messages of its doors, readers, counters and inspectors."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

POINTS = 1000
"""Doors with a reader and a passage sensor."""
ZONES = 50
"""Each with 20 doors and a checklist; half of them with a counting camera."""
SITES = 5
SIZE = 300
"""Bytes per payload."""
HEARTBEATS, COUNTS, ITEMS = 0.14, 0.06, 0.005
"""Shares of the messages; all others belong to passages."""
PASSAGES = (
    (0.001, ("door.opened", "door.closed")),  # without a grant: an alert
    (0.005, ("access.denied",)),
    (0.020, ("access.granted", "access.not_taken")),
    (0.100, ("access.rex", "door.opened", "door.closed")),
    (0.874, ("access.granted", "door.opened", "access.taken", "door.closed")),
)
"""Shares of the passages, and the events of each kind."""
STEP = 0.4
"""Seconds between two events of one passage; less at a high rate."""

Event = tuple[str, str, str]
"""Type, topic below ``venue/``, and its own fields as JSON."""
Passage = tuple[int, str, str, Iterator[str]]
"""Point, badge, direction, and the events still to come."""


class Stream:
    """Messages in order of time, `rate` per second from `began` on; the same for the same seed.

    Ten event types, all readable.
    """

    def __init__(
        self, began: datetime, rate: float, seed: int = 1, *, points: int = POINTS
    ) -> None:
        self.began = began
        self.rate = rate
        self._points = points
        self._rng = Random(seed)  # noqa: S311 - every program gets the same stream
        self._n = 0
        self._device = 0
        free = list(range(points))
        self._rng.shuffle(free)
        self._free = deque(free)
        under_way = max(1, min(points // 2, int(rate * STEP)))
        self._under_way = deque(self._begin() for _ in range(under_way))

    @property
    def now(self) -> datetime:
        """The time of the next message."""
        return self.began + timedelta(seconds=self._n / self.rate)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return self

    def __next__(self) -> tuple[str, bytes]:
        """Return topic and payload of the next message."""
        kind, topic, own = self._next()
        text = f'{{"type":"{kind}","at":"{self.now:%Y-%m-%dT%H:%M:%S.%fZ}","id":"{self._n}",{own}'
        filler = "x" * (SIZE - len(text) - len(',"raw":""}'))
        self._n += 1
        return f"venue/{topic}", f'{text},"raw":"{filler}"}}'.encode()

    def _next(self) -> Event:
        chance = self._rng.random()
        if chance < HEARTBEATS:
            return self._heartbeat()
        if chance < HEARTBEATS + COUNTS:
            return self._count()
        if chance < HEARTBEATS + COUNTS + ITEMS:
            return self._item()
        return self._pass()

    def _heartbeat(self) -> Event:
        self._device = n = (self._device + 1) % self._points
        return "device.heartbeat", f"{_site(n)}/device/r{n}", f'"device":"r{n}"'

    def _count(self) -> Event:
        zone, count = self._rng.randrange(ZONES // 2), self._rng.randrange(100, 400)
        own = f'"zone":"z{zone}","count":{count},"device":"camera-{zone}"'
        return "zone.count", f"{_site(zone)}/zone/z{zone}", own

    def _item(self) -> Event:
        zone, item = self._rng.randrange(ZONES), self._rng.randrange(4)
        own = (
            f'"checklist":"c{zone}","inspection":"n{self._n}","inspector":"inspector-{zone}",'
            f'"item":"i{item}","result":"pass"'
        )
        return "inspection.item", f"{_site(zone)}/inspection/c{zone}", own

    def _pass(self) -> Event:
        point, badge, direction, steps = self._under_way.popleft()
        kind = next(steps)
        own = f'"point":"p{point}","device":"r{point}"'
        if kind.startswith("access") and kind != "access.rex":
            own += (
                f',"direction":"{direction}","credential":"b{badge}","credential_issue":1,'
                f'"holder":"h{badge}","holder_class":"delegate","method":"card"'
            )
        if kind == "access.denied":
            own += ',"reason":"outside_schedule"'
        if kind in _LAST:
            self._free.append(point)
            self._under_way.append(self._begin())
        else:
            self._under_way.append((point, badge, direction, steps))
        return kind, f"{_site(point)}/{kind.split('.')[0]}/p{point}", own

    def _begin(self) -> Passage:
        (steps,) = self._rng.choices(_STEPS, _SHARES)
        badge = f"{self._rng.getrandbits(92):023x}"
        return self._free.popleft(), badge, self._rng.choice(("in", "out")), iter(steps)


_SHARES = [share for share, _ in PASSAGES]
_STEPS = [steps for _, steps in PASSAGES]
_LAST = {steps[-1] for steps in _STEPS}


def _site(n: int) -> str:
    """Return the site of a zone, a point or its reader."""
    return f"s{n % ZONES % SITES}"


def venue(points: int = POINTS) -> str:
    """Return the venue file; with more points than the stream names, a larger one."""
    tables = [
        '[congress]\nid = "bench"\nname = "Bench"\nphase = "live"',
        '[[agency]]\nid = "a"\nname = "Agency"',
    ]
    tables += [f'[[site]]\nid = "s{n}"\nname = "Site {n}"\nkind = "venue"' for n in range(SITES)]
    for n in range(ZONES):
        items = [f'[[checklist.item]]\nid = "i{m}"\ntext = "Item {m}"' for m in range(4)]
        tables += [
            f'[[zone]]\nid = "z{n}"\nname = "Zone {n}"\nsite = "{_site(n)}"\ncapacity = 5000\narea_m2 = 5000',
            f'[[checklist]]\nid = "c{n}"\nname = "Checklist {n}"\nzone = "z{n}"\nlead = "a"',
            *items,
        ]
    for n in range(points):
        tables += [
            f'[[device]]\nid = "r{n}"\nname = "Reader {n}"\nsilence_limit = "2m"',
            (
                f'[[point]]\nid = "p{n}"\nname = "p{n}"\nkind = "door"\nzone = "z{n % ZONES}"\n'
                f'passage_sensor = true\ndevices = ["r{n}"]'
            ),
        ]
    return "\n\n".join(tables) + "\n"
