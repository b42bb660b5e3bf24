"""What a response of InfluxDB means, and what the operator can do about it."""

from enum import Enum, auto

from monitor.sinks.influx.client import Response


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


def advice(response: Response) -> str:
    """Return what is wrong and what to do, for the alert."""
    todo = _TODO.get(response.status) or (_NO_INFLUX if response.status < 400 else _SERVER)  # noqa: PLR2004 - HTTP
    reason = f" ({response.reason})" if response.reason else ""
    return f"InfluxDB answers {response.status}{reason}: {todo}"


_TODO = {
    401: "authentication failed; check auth, token_file, username and password_file in [influx]",
    403: "no permission to write; give the token or the user in [influx] write access to the database",
    404: "no such database or write endpoint; create the database, check database and org in [influx],"
    ' and write api = "v1" for InfluxDB 1.7 and older',
    429: "rate limited; the monitor retries and loses nothing",
    503: "overloaded or starting; the monitor retries and loses nothing",
}
_NO_INFLUX = "this is not InfluxDB's answer to a write; check that url in [influx] is the address of an InfluxDB"
_SERVER = "check its log and its disk; nothing is lost: the monitor delivers the backlog when it works again"
