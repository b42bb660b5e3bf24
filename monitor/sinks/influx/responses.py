"""What an answer of InfluxDB means, and what a person has to do about it."""

from enum import Enum, auto

from monitor.sinks.influx.client import Answer


class Verdict(Enum):
    """What to do with the lines."""

    STORED = auto()
    REFUSED = auto()
    """At least one of them will never be taken; of the others some may be stored already."""
    TOO_LARGE = auto()
    LATER = auto()


def judge(answer: Answer) -> Verdict:
    """Return what an answer means: only 204 is a success; what nobody knows is tried again."""
    match answer.status:
        case 204:
            return Verdict.STORED
        case 400 | 422:
            return Verdict.REFUSED
        case 413:
            return Verdict.TOO_LARGE
        case _:
            return Verdict.LATER


def advice(answer: Answer) -> str:
    """Return what is wrong and what to do, for the alert."""
    todo = _TODO.get(answer.status) or (_NO_INFLUX if answer.status < 400 else _SERVER)  # noqa: PLR2004 - HTTP
    said = f" ({answer.reason})" if answer.reason else ""
    return f"InfluxDB answers {answer.status}{said}: {todo}"


_TODO = {
    401: "it doesn't know us; check auth, token_file, username and password_file of [influx]",
    403: "we may not write there; give the token or the user of [influx] the right to write to the database",
    404: "it has no such database, or no such way to write; create the database, check database and org of [influx],"
    ' and write api = "v1" for InfluxDB 1.7 and older',
    429: "it asks us to wait; nothing is lost",
    503: "it is overloaded or starts; nothing is lost",
}
_NO_INFLUX = (
    "that is no success; is there an InfluxDB at the url of [influx], and not something else?"
)
_SERVER = (
    "look at its log and its disk; nothing is lost, and what waits is brought when it works again"
)
