"""What a response of InfluxDB means, and what the operator can do about it."""

from enum import Enum, auto

from monitor.core.phrase import Phrase, phrase
from monitor.sinks.influx.client import Response

SECTION = "[influx]"
"""Where the configuration of the sink is."""


class WriteOutcome(Enum):
    """The outcome of writing some lines."""

    STORED = auto()
    REFUSED = auto()
    """At least one line is invalid; some of the others may have been stored."""
    TOO_LARGE = auto()
    RETRY = auto()


def outcome_of(response: Response) -> WriteOutcome:
    """Return the outcome of a request: only 204 is a success; an unknown status is retried."""
    match response.status:
        case 204:
            return WriteOutcome.STORED
        case 400 | 422:
            return WriteOutcome.REFUSED
        case 413:
            return WriteOutcome.TOO_LARGE
        case _:
            return WriteOutcome.RETRY


def advice(response: Response) -> Phrase:
    """Return what is wrong and what to do, for the alert."""
    return phrase(
        "influx-answers",
        status=response.status,
        error=response.reason,
        advice=_advice(response.status),
    )


def _advice(status: int) -> Phrase:
    match status:
        case 401:
            return phrase("influx-credentials", section=SECTION)
        case 403:
            return phrase("influx-permission", section=SECTION)
        case 404:
            return phrase("influx-database", section=SECTION)
        case 429:
            return phrase("influx-rate")
        case 503:
            return phrase("influx-overloaded")
        case _ if status < 400:  # noqa: PLR2004 - HTTP
            return phrase("influx-other", section=SECTION)
        case _:
            return phrase("influx-server")
