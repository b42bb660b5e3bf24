"""The heartbeats of a site's reader: they stop when it dies, and while the cluster delivers nothing."""

from collections.abc import Callable

from monitor.deadman.heartbeat import HeartbeatTarget


class DeliveringTarget:
    """Sends the heartbeats of another target, except while the cluster delivers nothing.

    On one machine, a monitor that evaluates nothing sends no heartbeat. Here the reader may be well while no time
    passes at the site, or its job is gone: then nobody is paged either, and the watcher has to page.

    Args:
        target: where heartbeats go.
        is_delivering: whether what is sent to the site is processed.

    """

    def __init__(self, target: HeartbeatTarget, is_delivering: Callable[[], bool]) -> None:
        self.name = target.name
        self.every = target.every
        self._target = target
        self._is_delivering = is_delivering

    async def send(self) -> None:
        """Send one heartbeat, or none; see `HeartbeatTarget`."""
        if self._is_delivering():
            await self._target.send()

    async def close(self) -> None:
        """Close the connection."""
        await self._target.close()
