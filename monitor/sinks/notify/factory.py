"""Chooses what speaks to an address."""

from functools import partial

from monitor.errors import ConfigError
from monitor.roster import Channel as Row
from monitor.runtime.daemon_thread import aside
from monitor.sinks.notify.apprise_channel import AppriseChannel
from monitor.sinks.notify.channel import Channel, Outcome
from monitor.sinks.notify.ntfy import NtfyChannel
from monitor.sinks.notify.telegram import TelegramChannel
from monitor.texts import Text


async def open_channel(row: Row) -> Channel:
    """Return what speaks to the address of a row of ``roster.toml``; nothing is sent yet."""
    # The first time Apprise looks through its 150 services, which takes a third of a second.
    return await aside(partial(_chosen, row))


def _chosen(row: Row) -> Channel:
    url = row.url.reveal()
    try:
        if url.startswith(("ntfy://", "ntfys://")) and not row.short:
            return NtfyChannel(url)
        if url.startswith("tgram://") and not row.short:
            return TelegramChannel(url)
        return AppriseChannel(url, short=row.short, timeout=row.timeout)
    except ConfigError as error:
        return _Broken(str(error))


class _Broken:
    """An address that leads nowhere: every page to it fails, with the reason."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def send(self, _: Text) -> Outcome:
        return Outcome(result="failed", reason=self._reason)

    async def reach(self) -> str:
        return self._reason

    async def close(self) -> None:
        pass
