"""A second implementation of every operator: slow, short, from the definitions alone, over a whole history at once.

Times are seconds. A history is in order, and no two of its events have the same time.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

Word = Literal["raised", "recurred", "cleared"]


class Change(NamedTuple):
    """A change of the alert of a rule, and its time."""

    t: float
    word: Word


def match(story: Sequence[tuple[float, str]], of: str, end: str | None = None) -> Iterator[Change]:
    """Every event of `of` fires, the first since the end as raised; `end` clears it."""
    raised = False
    for t, word in story:
        if word == of:
            yield Change(t, "recurred" if raised else "raised")
            raised = True
        elif word == end and raised:
            yield Change(t, "cleared")
            raised = False


def count(times: Sequence[float], at_least: int, within: float) -> Iterator[Change]:
    """Raised when enough are in ``(t - within, t]``, cleared when none is left."""
    raised = False
    for n, t in enumerate(times):
        if raised and t - times[n - 1] > within:
            yield Change(times[n - 1] + within, "cleared")
            raised = False
        if sum(t - within < s <= t for s in times) >= at_least:
            yield Change(t, "recurred" if raised else "raised")
            raised = True
    if raised:
        yield Change(times[-1] + within, "cleared")


def distinct(story: Sequence[tuple[float, str]], at_least: int, within: float) -> Iterator[Change]:
    """Raised when enough different values are in the window, cleared when none is left; empty values do not count."""
    seen = [(t, value) for t, value in story if value]
    raised = False
    for n, (t, _) in enumerate(seen):
        if raised and t - seen[n - 1][0] > within:
            yield Change(seen[n - 1][0] + within, "cleared")
            raised = False
        if len({value for s, value in seen if t - within < s <= t}) >= at_least:
            yield Change(t, "recurred" if raised else "raised")
            raised = True
    if raised:
        yield Change(seen[-1][0] + within, "cleared")


def sequence(
    story: Sequence[tuple[float, str]], steps: Sequence[str], within: float, end: str | None = None
) -> Iterator[Change]:
    """Fires at a last step when the others precede it in its window, all since it fired before; `end` clears it."""
    raised, fired = False, float("-inf")
    for t, word in story:
        window = [other for s, other in story if max(fired, t - within) < s < t]
        rest = iter(window)
        if word == steps[-1] and all(step in rest for step in steps[:-1]):
            yield Change(t, "recurred" if raised else "raised")
            raised, fired = True, t
        elif word == end and raised:
            yield Change(t, "cleared")
            raised = False


def hold(
    changes: Sequence[tuple[float, str]], limit: float, *, unknown: bool | None = None
) -> Iterator[Change]:
    """Raised when the condition has lasted for the limit and still does, cleared when it ends.

    The condition is “open”. If `unknown` is given, the fact must be “on” too; until it is known, it is `unknown`.
    """
    opened, fact, since = False, unknown is not False, float("inf")
    for t, what in [*changes, (float("inf"), "the end of time")]:
        before = opened and fact
        opened = {"open": True, "close": False}.get(what, opened)
        fact = {"on": True, "off": False}.get(what, fact)
        after = opened and fact
        if after and not before:
            since = t
        if before and (t == float("inf") or not after) and t > since + limit:
            yield Change(since + limit, "raised")
            if t < float("inf"):
                yield Change(t, "cleared")


def absence(after: Sequence[float], of: Sequence[float], within: float) -> Iterator[Change]:
    """Raised when none of `of` follows in time, cleared when one arrives at last; then the next wait may begin."""
    ready = float("-inf")
    for start in after:
        if start < ready:
            continue
        answer = min((t for t in of if t > start), default=float("inf"))
        if answer - start > within:
            yield Change(start + within, "raised")
            if answer < float("inf"):
                yield Change(answer, "cleared")
        ready = answer


def absence_until(story: Sequence[tuple[float, float | None]], shift: float) -> Iterator[Change]:
    """Raised `shift` after the latest named time, or at once if that has passed; cleared by the awaited event.

    A row is a time and the time until which the event is awaited, or ``None`` for the event.
    """
    due, raised = float("inf"), False
    for t, until in [*story, (float("inf"), None)]:
        if not raised and due < t:
            yield Change(due, "raised")
            raised = True
        if until is not None:
            due = due if raised else max(until + shift, t)
        elif raised and t < float("inf"):
            yield Change(t, "cleared")
        if until is None:
            due, raised = float("inf"), False


def level(
    moves: Sequence[tuple[float, int | None, int]], above: int, clear_at: int
) -> Iterator[Change]:
    """Raised when the balance exceeds one mark, cleared when it reaches the other or falls below.

    A move is a time, a step up or down, or ``None`` and the number that the balance is set to.
    """
    n, raised = 0, False
    for t, step, number in moves:
        n = number if step is None else max(0, n + step)
        if not raised and n > above:
            yield Change(t, "raised")
            raised = True
        elif raised and n <= clear_at:
            yield Change(t, "cleared")
            raised = False


def quantity(story: Sequence[tuple[float, float]], above: float, within: float) -> Iterator[Change]:
    """Raised when the numbers in the window add up to more than the limit, cleared 5 % below it."""
    raised = False
    for now in sorted({t + later for t, _ in story for later in (0, within)}):
        total = sum(n for t, n in story if now - within < t <= now)
        over = total > (above * 0.95 if raised else above)
        if over != raised:
            yield Change(now, "raised" if over else "cleared")
        raised = over


def duration(
    story: Sequence[tuple[float, bool]], above: int, within: int, tick: float
) -> Iterator[Change]:
    """Raised while it lasts and its time in the window exceeds the limit, cleared when neither is left.

    A row is a time and whether it goes on from then on. All times are whole ticks of the clock, `above` and `within`
    are counted in them.
    """
    raised, lasting = False, [False] * within
    for n in range(int(story[-1][0] / tick) + within + 1 if story else 0):
        found = [goes_on for t, goes_on in story if t <= n * tick]
        goes_on = bool(found) and found[-1]
        lasted = sum(lasting[-within:])
        if not raised and goes_on and lasted >= above:
            yield Change(n * tick, "raised")
            raised = True
        elif raised and not goes_on and lasted <= above:
            yield Change(n * tick, "cleared")
            raised = False
        lasting.append(goes_on)


def total(story: Iterable[tuple[float, float]], now: float, within: float) -> float:
    """The sum of the numbers in the window that ends at a time, whatever the order in which they came."""
    return sum(n for t, n in story if now - within < t <= now)


def lasted(spans: Iterable[tuple[float, float]], now: float, within: float) -> float:
    """How long something lasted in the window that ends at a time; a span is its start and its end."""
    return sum(max(0.0, min(end, now) - max(start, now - within)) for start, end in spans)
