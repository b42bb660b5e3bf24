"""Opens the channel for an address."""

from functools import partial

from monitor.core.phrase import Phrase
from monitor.errors import AddressInvalid
from monitor.roster import ChannelAddress
from monitor.runtime.daemon_thread import in_daemon_thread
from monitor.sinks.notify.channel import Outcome, PageChannel
from monitor.sinks.notify.ntfy import NtfyChannel
from monitor.sinks.notify.telegram import TelegramChannel
from monitor.texts import Text


async def open_channel(channel: ChannelAddress) -> PageChannel:
    """Return the channel for an address in ``roster.toml``; nothing is sent yet."""
    url = channel.url.reveal()
    try:
        if url.startswith(("ntfy://", "ntfys://")) and not channel.short:
            return NtfyChannel(url)
        if url.startswith("tgram://") and not channel.short:
            return TelegramChannel(url)
    except AddressInvalid as error:
        return _Broken(error.why)
    # The first time, Apprise is imported and loads its 150 services, which takes half a second.
    return await in_daemon_thread(partial(_by_apprise, channel, url))


def _by_apprise(channel: ChannelAddress, url: str) -> PageChannel:
    from monitor.sinks.notify.apprise_channel import AppriseChannel  # noqa: PLC0415

    try:
        return AppriseChannel(url, short=channel.short, timeout=channel.timeout)
    except AddressInvalid as error:
        return _Broken(error.why)


class _Broken:
    """An invalid address: every page to it fails, with the reason."""

    def __init__(self, reason: Phrase | str) -> None:
        self._reason = reason

    async def send(self, _: Text) -> Outcome:
        return Outcome(result="failed", reason=self._reason)

    async def reach(self) -> Phrase | str:
        return self._reason

    async def close(self) -> None:
        pass
