"""Every operator a second time: slow, short, from the definitions alone, looking at a whole history at once.

Times are seconds. A history is in order, and no two of its events are of one instant.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

Word = Literal["raised", "recurred", "cleared"]


class Said(NamedTuple):
    """What a rule has to say, and when."""

    t: float
    word: Word


def match(story: Sequence[tuple[float, str]], of: str, end: str | None = None) -> Iterator[Said]:
    """Every event of `of` is told, the first since the end as raised; `end` clears it."""
    raised = False
    for t, word in story:
        if word == of:
            yield Said(t, "recurred" if raised else "raised")
            raised = True
        elif word == end and raised:
            yield Said(t, "cleared")
            raised = False


def count(times: Sequence[float], at_least: int, within: float) -> Iterator[Said]:
    """Raised when enough lie in ``(t - within, t]``, cleared when none does any more."""
    raised = False
    for n, t in enumerate(times):
        if raised and t - times[n - 1] > within:
            yield Said(times[n - 1] + within, "cleared")
            raised = False
        if sum(t - within < s <= t for s in times) >= at_least:
            yield Said(t, "recurred" if raised else "raised")
            raised = True
    if raised:
        yield Said(times[-1] + within, "cleared")


def distinct(story: Sequence[tuple[float, str]], at_least: int, within: float) -> Iterator[Said]:
    """Raised when enough different values lie in the window, cleared when none does any more; an empty one is none."""
    seen = [(t, value) for t, value in story if value]
    raised = False
    for n, (t, _) in enumerate(seen):
        if raised and t - seen[n - 1][0] > within:
            yield Said(seen[n - 1][0] + within, "cleared")
            raised = False
        if len({value for s, value in seen if t - within < s <= t}) >= at_least:
            yield Said(t, "recurred" if raised else "raised")
            raised = True
    if raised:
        yield Said(seen[-1][0] + within, "cleared")


def sequence(
    story: Sequence[tuple[float, str]], steps: Sequence[str], within: float, end: str | None = None
) -> Iterator[Said]:
    """Fires at a last step when the others precede it in its window, all since it fired before; `end` clears it."""
    raised, fired = False, float("-inf")
    for t, word in story:
        window = [other for s, other in story if max(fired, t - within) < s < t]
        rest = iter(window)
        if word == steps[-1] and all(step in rest for step in steps[:-1]):
            yield Said(t, "recurred" if raised else "raised")
            raised, fired = True, t
        elif word == end and raised:
            yield Said(t, "cleared")
            raised = False


def hold(
    changes: Sequence[tuple[float, str]], limit: float, *, unknown: bool | None = None
) -> Iterator[Said]:
    """Raised when the condition has lasted for the limit and still does, cleared when it ends.

    The condition is «open», together with the fact «on» if `unknown` says what that is before anybody has said so.
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
            yield Said(since + limit, "raised")
            if t < float("inf"):
                yield Said(t, "cleared")


def absence(after: Sequence[float], of: Sequence[float], within: float) -> Iterator[Said]:
    """Raised when none of `of` comes within the time, cleared when one comes at last; then the next wait may begin."""
    ready = float("-inf")
    for start in after:
        if start < ready:
            continue
        answer = min((t for t in of if t > start), default=float("inf"))
        if answer - start > within:
            yield Said(start + within, "raised")
            if answer < float("inf"):
                yield Said(answer, "cleared")
        ready = answer


def absence_until(story: Sequence[tuple[float, float | None]], shift: float) -> Iterator[Said]:
    """Raised so long after the time that was named last, or when that is named too late; cleared by what was awaited.

    A row is a time and the time until which something is awaited, or ``None``: it came.
    """
    due, raised = float("inf"), False
    for t, until in [*story, (float("inf"), None)]:
        if not raised and due < t:
            yield Said(due, "raised")
            raised = True
        if until is not None:
            due = due if raised else max(until + shift, t)
        elif raised and t < float("inf"):
            yield Said(t, "cleared")
        if until is None:
            due, raised = float("inf"), False


def level(
    moves: Sequence[tuple[float, int | None, int]], above: int, clear_at: int
) -> Iterator[Said]:
    """Raised when the balance comes above one mark, cleared when it comes to the other or below.

    A move is a time, a step up or down, or ``None`` and the number that the balance is set to.
    """
    n, raised = 0, False
    for t, step, number in moves:
        n = number if step is None else max(0, n + step)
        if not raised and n > above:
            yield Said(t, "raised")
            raised = True
        elif raised and n <= clear_at:
            yield Said(t, "cleared")
            raised = False


def quantity(story: Sequence[tuple[float, float]], above: float, within: float) -> Iterator[Said]:
    """Raised when the numbers in the window add up to more than the limit, cleared when they no longer do."""
    raised = False
    for now in sorted({t + later for t, _ in story for later in (0, within)}):
        over = sum(n for t, n in story if now - within < t <= now) > above
        if over != raised:
            yield Said(now, "raised" if over else "cleared")
        raised = over


def duration(
    story: Sequence[tuple[float, bool]], above: int, within: int, tick: float
) -> Iterator[Said]:
    """Raised when it has lasted for so long in the window and goes on, cleared when it doesn't and no more is left.

    A row is a time and whether it goes on from then on. All times are whole ticks of the clock, `above` and `within`
    are counted in them.
    """
    raised, lasting = False, [False] * within
    for n in range(int(story[-1][0] / tick) + within + 1 if story else 0):
        said = [goes_on for t, goes_on in story if t <= n * tick]
        goes_on = bool(said) and said[-1]
        lasted = sum(lasting[-within:])
        if not raised and goes_on and lasted >= above:
            yield Said(n * tick, "raised")
            raised = True
        elif raised and not goes_on and lasted <= above:
            yield Said(n * tick, "cleared")
            raised = False
        lasting.append(goes_on)
