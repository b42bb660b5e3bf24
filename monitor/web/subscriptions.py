"""All open streams: bounded, ended with their sessions, and grouped by what their viewers may see."""

from collections.abc import Callable, Iterator
from typing import ClassVar

from monitor.web.pace import Pace
from monitor.web.subscription import Farewell, Subscription
from monitor.web.viewer import Viewer


class Subscriptions:
    """The streams that are open, in the order in which they were opened.

    Args:
        renew: returns a viewer as they are now, by the token of their session; ``None``: it has ended.

    """

    MOST: ClassVar[int] = 200
    """Streams at a time, so that among the server's connections there is room for requests."""

    def __init__(self, renew: Callable[[str, Viewer], Viewer | None]) -> None:
        self._renew = renew
        self._open: dict[Subscription, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Subscription]:
        """Yield those that are open now; others may come and go meanwhile."""
        return iter(list(self._open))

    def make_room(self, token: str) -> bool:
        """Return whether there is room for a stream; the oldest of the same session gives way to it."""
        own = [each for each in self._open if each.token == token]
        if len(own) >= Subscription.MOST_OF_ONE_SESSION:
            self.close(own[0], "replaced")
        return len(self._open) < self.MOST

    def add(self, subscription: Subscription) -> None:
        """Add a stream."""
        self._open[subscription] = None

    def discard(self, subscription: Subscription) -> None:
        """Forget a stream."""
        self._open.pop(subscription, None)

    def close(self, subscription: Subscription, why: Farewell) -> None:
        """End a stream after saying why."""
        subscription.close(why)
        self.discard(subscription)

    def close_all(self, why: Farewell) -> None:
        """End all streams."""
        for each in self:
            self.close(each, why)

    async def renew_all(self, pace: Pace) -> None:
        """End the streams of those who may not read on."""
        for each in self:
            viewer = self._renew(each.token, each.viewer)
            if viewer is None:
                self.close(each, "signed-out")
            elif viewer.scope != each.scope:
                self.close(each, "rights")
            await pace.step()

    def end_session(self, own: str) -> None:
        """End the streams of a session that is signed out."""
        for each in self:
            if each.viewer.session is not None and each.viewer.session.id == own:
                self.close(each, "signed-out")

    def groups(self) -> dict[str, list[Subscription]]:
        """Return the streams of viewers who see the same, by scope."""
        groups: dict[str, list[Subscription]] = {}
        for each in self._open:
            groups.setdefault(each.scope, []).append(each)
        return groups
