"""Opens the channel for an address."""

from functools import partial

from monitor.core.phrase import Phrase
from monitor.errors import AddressInvalid
from monitor.roster import ChannelAddress
from monitor.runtime.daemon_thread import in_daemon_thread
from monitor.sinks.notify.channel import Outcome, PageChannel
from monitor.texts import Text


async def open_channel(channel: ChannelAddress) -> PageChannel:
    """Return the channel for an address in ``roster.toml``; nothing is sent yet."""
    # The first time, Apprise is imported and loads its 150 services, which takes half a second.
    return await in_daemon_thread(partial(_chosen, channel))


def _chosen(channel: ChannelAddress) -> PageChannel:
    from monitor.sinks.notify.apprise_channel import AppriseChannel  # noqa: PLC0415
    from monitor.sinks.notify.ntfy import NtfyChannel  # noqa: PLC0415
    from monitor.sinks.notify.telegram import TelegramChannel  # noqa: PLC0415

    url = channel.url.reveal()
    try:
        if url.startswith(("ntfy://", "ntfys://")) and not channel.short:
            return NtfyChannel(url)
        if url.startswith("tgram://") and not channel.short:
            return TelegramChannel(url)
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
