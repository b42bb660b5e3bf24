"""Does the monitor receive everything, store it in time, and pass it on?"""

from dashboards.build import look, parts, vocabulary
from dashboards.build.board import Board
from dashboards.build.graphs import lines
from dashboards.build.query import rows, series
from dashboards.build.tables import Column, listing
from dashboards.build.tiles import number

HEART = parts.within("30s")


def beat(field: str) -> str:
    """Return the query for the latest value of a field of the heartbeat."""
    return f'SELECT last("{field}") FROM "monitor" WHERE {HEART}'


def over_time(field: str, how: str = "max") -> str:
    """Return the query for a field of the heartbeat over time."""
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
                        "DISCONNECTED: the monitor receives nothing. Restart the broker; devices queue their messages meanwhile.",
                        rows(beat("connected")),
                        labels=look.CONNECTED,
                    ),
                    4,
                ),
                (
                    number(
                        "InfluxDB delay",
                        "Age of the oldest input that is not in InfluxDB yet, and so not on this dashboard. It grows while InfluxDB is unavailable or slow: check InfluxDB.",
                        rows(beat("behind_s")),
                        unit=look.DURATION,
                        bounds=[(30, look.P3), (300, look.P2)],
                    ),
                    4,
                ),
                (
                    number(
                        "Queued messages",
                        "Messages received but not stored yet. The number grows if more messages arrive than the disk can store.",
                        rows(beat("queue")),
                        unit="locale",
                        bounds=[(1000, look.P3)],
                    ),
                    4,
                ),
                (
                    number(
                        "Rejected messages",
                        "Unreadable messages since the monitor's start. The alert names the sender.",
                        rows(beat("rejected")),
                        unit="locale",
                        bounds=[(1, look.P4)],
                    ),
                    4,
                ),
                (
                    number(
                        "Catching up",
                        "After an outage the monitor first processes the messages that the broker has queued; rules about silence wait until then.",
                        rows(beat("catching_up")),
                        labels=look.YES_NO,
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
                        "Messages per minute. Zero while devices are running: check the network between broker and devices.",
                        series(
                            'SELECT non_negative_derivative(max("events"), 1m) FROM "monitor" '
                            "WHERE $timeFilter GROUP BY time($__interval) fill(none)",
                            "accepted",
                        ),
                        series(
                            'SELECT non_negative_derivative(max("rejected"), 1m) FROM "monitor" '
                            "WHERE $timeFilter GROUP BY time($__interval) fill(none)",
                            "rejected",
                            "B",
                        ),
                        unit="locale",
                        strokes={"B": "dash"},
                        every="1m",
                    ),
                    8,
                ),
                (
                    lines(
                        "Time to disk",
                        "Milliseconds per transaction, and from arrival to disk. Hundreds: the disk is full, slow or failing; check it.",
                        series(over_time("commit_ms"), "per transaction"),
                        series(over_time("durable_ms"), "from arrival", "B"),
                        unit="ms",
                        strokes={"B": "dash"},
                    ),
                    8,
                ),
                (
                    lines(
                        "InfluxDB delay over time",
                        "A line that only rises: InfluxDB doesn't accept the data; check it.",
                        series(over_time("behind_s"), "delay"),
                        unit=look.DURATION,
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
                        "The outputs of the monitor: MQTT, InfluxDB, pages. If one is failing, the alert says why. Nothing is lost meanwhile.",
                        rows(
                            f'SELECT last("trouble") AS "trouble", "lag", "refused" FROM "reader" WHERE {HEART} GROUP BY "reader"'
                        ),
                        {
                            "reader": Column("Reader", labels=vocabulary.READER),
                            "trouble": Column("Failing", labels=look.WRONG, width=120),
                            "lag": Column("Inputs behind", "locale", width=150),
                            "refused": Column("Entries refused", "locale", width=150),
                        },
                        hidden=["Time"],
                        sort=[("Failing", True), ("Inputs behind", True)],
                        nothing=look.NO_DATA,
                    ),
                    12,
                ),
                (
                    lines(
                        "Readers behind",
                        "Inputs that each reader has not processed yet. A line that only rises: see why that reader is failing.",
                        series(
                            'SELECT max("lag") FROM "reader" WHERE $timeFilter GROUP BY time($__interval), "reader" fill(null)',
                            "$tag_reader",
                        ),
                        unit="locale",
                        names=vocabulary.READERS,
                    ),
                    12,
                ),
            ],
        ),
    ],
)
