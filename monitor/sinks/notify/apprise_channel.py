"""Sends pages to any service that Apprise supports: mail, Gotify, Matrix, Signal, SMS gateways and 100 more."""

import logging
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.plugins.email.smtp import SMTP_DEFAULT_PORTS
from msgspec.structs import replace

from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Severity
from monitor.errors import AddressInvalid
from monitor.runtime.daemon_thread import in_daemon_thread
from monitor.runtime.http import cause_of
from monitor.sinks.notify.channel import DELIVERED, UNSURE, Outcome
from monitor.sinks.notify.redact import hidden
from monitor.texts import Text

_TYPE: dict[Severity, NotifyType] = {
    "life_safety": NotifyType.FAILURE,
    "critical": NotifyType.FAILURE,
    "high": NotifyType.WARNING,
    "medium": NotifyType.WARNING,
    "low": NotifyType.INFO,
}
HTTP, HTTPS = 80, 443
_ASSET = AppriseAsset(app_id="venue-monitor", app_desc="Venue monitor", async_mode=False)
_STATUS = re.compile(r"\berror=(\d{3})\b")
"""How Apprise logs an HTTP status."""
_NEVER_SENT = re.compile(
    r"refused|resolve|getaddrinfo|Name or service|unreachable|No route|certificate|SSL|Failed to establish",
    re.IGNORECASE,
)
"""Errors before anything was sent: the page has certainly not arrived."""
_CAUSES: Sequence[tuple[re.Pattern[str], Phrase]] = (
    (re.compile(r"Connection refused"), phrase("cause-refused")),
    (re.compile(r"getaddrinfo|Name or service not known"), phrase("cause-name-unknown")),
    (re.compile(r"timed out"), phrase("cause-timed-out")),
)
"""Errors of the connection that have words in the reader's language; whatever else Apprise logs is passed on."""
_CERTIFICATE = re.compile(r"certificate verify failed: ([^(]+)")
_ERROR_NUMBER = re.compile(r"^\[Errno -?\d+\] ")
"""How Python begins the text of an error of the operating system: its words follow."""
_LOG = logging.getLogger("apprise")
_LOG.propagate = False  # its messages may contain addresses; outcomes are logged without them
_LOG.addHandler(logging.NullHandler())


class AppriseChannel:
    """A service by its Apprise address.

    Apprise blocks, so each message is sent on a thread of its own. Its pauses between messages are switched off, since
    `ChannelRunner` limits the rate. It returns only whether a message was accepted; the reason is read from its log.

    Raises:
        AddressInvalid: Apprise does not know this address.

    """

    def __init__(self, url: str, *, short: bool, timeout: timedelta) -> None:
        self._url = url
        self._short = short
        self._timeout = timeout.total_seconds()
        plugin = self._plugin()
        self._address = _address(plugin)

    async def send(self, text: Text) -> Outcome:
        """Send it through Apprise; see `PageChannel`."""
        try:
            return await in_daemon_thread(partial(self._send, text))
        except RuntimeError as error:  # a defect in a plugin
            return Outcome(result="unknown", reason=str(error))

    async def reach(self) -> Phrase | str:
        """Open a connection and close it again; see `PageChannel`."""
        if self._address is None:
            return ""
        return await in_daemon_thread(partial(_connect, *self._address, self._timeout))

    async def close(self) -> None:
        """Nothing is open."""

    def _plugin(self) -> NotifyBase:
        with suppress(TypeError):
            plugin = Apprise.instantiate(self._url, asset=_ASSET, suppress_exceptions=True)
            if isinstance(plugin, NotifyBase):
                plugin.request_rate_per_sec = 0
                plugin.socket_connect_timeout = plugin.socket_read_timeout = self._timeout
                return plugin
        raise AddressInvalid(phrase("channel-apprise-unknown"))

    def _send(self, text: Text) -> Outcome:
        plugin = self._plugin()  # a new one: some plugins keep state while they send
        with _captured_log() as lines:
            done = plugin.notify(
                body=text.short if self._short else text.body,
                title="" if self._short else text.title,
                notify_type=_TYPE[text.severity],
                body_format=NotifyFormat.TEXT,
            )
        if done:
            return DELIVERED
        outcome = _outcome(lines, self._url)
        # Some of several recipients may have the page, and would get it again.
        return replace(outcome, result="unknown") if len(plugin) > 1 else outcome


def _outcome(lines: list[str], url: str) -> Outcome:
    """Return why a message was not accepted, from Apprise's log."""
    if status := _STATUS.search(" ".join(lines)):
        unsure = int(status[1]) in UNSURE
        return Outcome(
            result="unknown" if unsure else "failed",
            reason=phrase("channel-status", status=int(status[1])),
        )
    exceptions = [line.partition("Exception: ")[2] for line in lines if "Exception: " in line]
    reason = (exceptions or lines or [""])[-1]
    if "Caused by" in reason:  # urllib3 puts the address before the cause
        reason = reason.rpartition(": ")[2].rstrip("\"')")
    reason = _ERROR_NUMBER.sub("", hidden(reason, url))
    if not reason:
        return Outcome(result="unknown", reason=phrase("channel-not-accepted"))
    if re.match(r"\(?[45]\d\d\b|\{", reason):  # SMTP's own refusals
        return Outcome(result="failed", reason=reason)
    never = _NEVER_SENT.search(reason)
    return Outcome(result="failed" if never else "unknown", reason=_in_words(reason))


def _in_words(reason: str) -> Phrase | str:
    """Return why the connection failed as a sentence that has translations, if it is a usual reason."""
    if found := _CERTIFICATE.search(reason):
        return phrase("cause-certificate", error=found[1].strip())
    return next((words for pattern, words in _CAUSES if pattern.search(reason)), reason)


@contextmanager
def _captured_log() -> Iterator[list[str]]:
    """Capture what Apprise logs on this thread."""
    lines: list[str] = []
    own = threading.get_ident()

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == own:
                lines.append(record.getMessage())

    handler = Collect(logging.DEBUG)
    _LOG.setLevel(logging.DEBUG)
    _LOG.addHandler(handler)
    try:
        yield lines
    finally:
        _LOG.removeHandler(handler)


def _address(plugin: NotifyBase) -> tuple[str, int] | None:
    """Return host and port if the address names a self-hosted server."""
    host = getattr(plugin, "smtp_host", None) or plugin.host
    mail = SMTP_DEFAULT_PORTS.get(getattr(plugin, "secure_mode", ""))
    port = plugin.port or mail or (HTTPS if plugin.secure else HTTP)
    is_name = isinstance(host, str) and ("." in host or host == "localhost")
    return (host, port) if is_name else None


def _connect(host: str, port: int, timeout: float) -> Phrase | str:
    try:
        with socket.create_connection((host, port), timeout=timeout):
            return ""
    except OSError as error:
        return cause_of(error)
