"""The stateful rules a second time: slow, short, from the definitions alone, looking at a whole history at once.

Times are seconds. A history is in order, and no two of its events are of one instant.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

Word = Literal["raised", "recurred", "cleared"]


class Said(NamedTuple):
    """What a rule has to say, and when."""

    t: float
    word: Word


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
