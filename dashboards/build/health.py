"""Does the monitor hear everything, write it down in time, and bring it on?"""

from dashboards.build import look, parts
from dashboards.build.board import Board
from dashboards.build.panel import Column, lines, listing, number
from dashboards.build.query import rows, series

HEART = parts.within("30s")


def beat(field: str) -> str:
    """Return the query for the latest of one of the heartbeat's values."""
    return f'SELECT last("{field}") FROM "monitor" WHERE {HEART}'


def over_time(field: str, how: str = "max") -> str:
    """Return the query for one of the heartbeat's values over time."""
    return f'SELECT {how}("{field}") FROM "monitor" WHERE $timeFilter GROUP BY time($__interval) fill(null)'


BOARD = Board(
    uid="venue-health",
    title="Monitor health",
    asks=(__doc__ or "").strip(),
    level="detail",
    variables=[],
    rows=[
        (
            4,
            [
                (parts.alive(), 4),
                (
                    number(
                        "Broker",
                        "DEAF: it hears nothing. Restart the broker; devices keep what they have to say.",
                        rows(beat("connected")),
                        said=look.CONNECTED,
                    ),
                    4,
                ),
                (
                    number(
                        "Behind",
                        "How old the oldest input is that this wall hasn't had. It grows while InfluxDB is away or slow.",
                        rows(beat("behind_s")),
                        unit="s",
                        bounds=[(30, look.P3), (300, look.P2)],
                    ),
                    4,
                ),
                (
                    number(
                        "Waiting",
                        "Messages received and not yet taken. Grows when more comes in than the disk can take.",
                        rows(beat("queue")),
                        unit="short",
                        bounds=[(1000, look.P3)],
                    ),
                    4,
                ),
                (
                    number(
                        "Not understood",
                        "Messages that nobody could read, since its start. See the alert: it names the sender.",
                        rows(beat("rejected")),
                        unit="short",
                        bounds=[(1, look.P4)],
                    ),
                    4,
                ),
                (
                    number(
                        "Catching up",
                        "After a gap it first takes in what the broker kept; what depends on silence waits meanwhile.",
                        rows(beat("catching_up")),
                        said=look.YES_NO,
                    ),
                    4,
                ),
            ],
        ),
        (
            8,
            [
                (
                    lines(
                        "Messages",
                        "Understood, in a minute. Zero while devices live: the network between broker and devices is gone.",
                        series(
                            'SELECT non_negative_derivative(max("events"), 1m) FROM "monitor" '
                            "WHERE $timeFilter GROUP BY time($__interval) fill(none)",
                            "understood",
                        ),
                        series(
                            'SELECT non_negative_derivative(max("rejected"), 1m) FROM "monitor" '
                            "WHERE $timeFilter GROUP BY time($__interval) fill(none)",
                            "not understood",
                            "B",
                        ),
                        unit="short",
                        every="1m",
                    ),
                    8,
                ),
                (
                    lines(
                        "To the disk",
                        "Milliseconds for one transaction, and from arrival until it is on the disk. Hundreds: the disk is full, slow or dying.",
                        series(over_time("commit_ms"), "a transaction"),
                        series(over_time("durable_ms"), "from arrival", "B"),
                        unit="ms",
                    ),
                    8,
                ),
                (
                    lines(
                        "Behind, over time",
                        "A line that only rises: InfluxDB doesn't take what comes.",
                        series(over_time("behind_s"), "behind"),
                        unit="s",
                    ),
                    8,
                ),
            ],
        ),
        (
            8,
            [
                (
                    listing(
                        "Readers of the journal",
                        "Who hears of it: MQTT, InfluxDB, on-call staff. In trouble: see the alert, it says why. Nothing is lost meanwhile.",
                        rows(
                            f'SELECT last("trouble") AS "trouble", "lag", "refused" FROM "reader" WHERE {HEART} GROUP BY "reader"'
                        ),
                        {
                            "reader": Column("Reader"),
                            "trouble": Column("In trouble", said=look.WRONG, width=120),
                            "lag": Column("Inputs behind", "short", width=120),
                            "refused": Column("Refused", "short", width=100),
                        },
                        hidden=["Time"],
                        nothing=look.NO_DATA,
                    ),
                    12,
                ),
                (
                    lines(
                        "Readers behind",
                        "Inputs that each has not dealt with.",
                        series(
                            'SELECT max("lag") FROM "reader" WHERE $timeFilter GROUP BY time($__interval), "reader" fill(null)',
                            "$tag_reader",
                        ),
                        unit="short",
                    ),
                    12,
                ),
            ],
        ),
    ],
)
