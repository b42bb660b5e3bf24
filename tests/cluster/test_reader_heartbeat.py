"""The heartbeats of a site's reader stop while the cluster delivers nothing, so that the watcher pages."""

from datetime import timedelta

from monitor.cluster.reader_heartbeat import DeliveringTarget


class Counted:
    """A target that counts."""

    name = "heartbeat/mqtt"
    every = timedelta(seconds=1)

    def __init__(self) -> None:
        self.sent = 0
        self.is_closed = False

    async def send(self) -> None:
        """Count a heartbeat."""
        self.sent += 1

    async def close(self) -> None:
        """Note the end."""
        self.is_closed = True


async def test_no_heartbeat_while_nothing_is_delivered() -> None:
    """The next one follows as soon as the cluster delivers again."""
    inner, delivering = Counted(), iter((True, False, True))
    target = DeliveringTarget(inner, lambda: next(delivering))
    counts = []
    for _ in range(3):
        await target.send()
        counts.append(inner.sent)
    await target.close()

    assert counts == [1, 1, 2]
    assert inner.is_closed
    assert (target.name, target.every) == (inner.name, inner.every)
